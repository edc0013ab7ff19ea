/** How PostgreSQL's values are read: big integers as numbers, as SQLite gives them. */
import pg from 'pg';

/** `int8` in PostgreSQL's catalogue of types. */
const int8Oid = 20;

/** Lets `BIGINT` columns and `COUNT(*)` come as numbers instead of strings, for the whole process. */
export function readBigIntegersAsNumbers(): void {
  pg.types.setTypeParser(int8Oid, parseBigInteger);
}

/** @throws RangeError for what a number cannot hold exactly; a wrong `seq` would be worse than an error. */
export function parseBigInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`${text} is beyond what a number holds exactly`);
  return value;
}
