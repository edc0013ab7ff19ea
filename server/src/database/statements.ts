/** Statements on the driver itself, for the few that run thousands of times a second.
 *
 * Sequelize rewrites each statement and each parameter; on SQLite its named parameters are searched for one by
 * one, which for 100 rows of 9 columns costs more than storing them. */
import type { Transaction } from 'sequelize';
import type { Database, WriteStatement } from './contract.js';
import { preparedOn, type SqliteConnection, type StatementValue } from './prepared.js';

export type { StatementValue } from './prepared.js';

interface PostgresConnection {
  query(sql: string, values: readonly StatementValue[]): Promise<{ rows: unknown[] }>;
  query(prepared: {
    name: string;
    text: string;
    values: WriteStatement['values'];
  }): Promise<unknown>;
}

/** Runs one statement in a write transaction.
 * @param sql with `$1`, `$2`, ... each exactly once and in this order: SQLite counts them, PostgreSQL reads them.
 * @returns its rows as the driver gives them; the caller knows their columns. */
export async function runStatement<Row = never>(
  scope: { database: Database; transaction: Transaction },
  sql: string,
  values: readonly StatementValue[],
): Promise<Row[]> {
  const { connection } = scope.transaction as unknown as {
    connection: SqliteConnection & PostgresConnection;
  };
  if (scope.database.dialect === 'postgres') {
    const { rows } = await connection.query(sql, values);
    return rows as Row[];
  }
  return (await preparedOn(connection).run(sql, values)) as Row[];
}

/** Runs in a write transaction what could be one by itself. */
export async function runWrite(
  scope: { database: Database; transaction: Transaction },
  { name, sql, values }: WriteStatement,
): Promise<void> {
  if (scope.database.dialect === 'sqlite') {
    // Lists are PostgreSQL's alone.
    await runStatement(scope, sql, values as readonly StatementValue[]);
    return;
  }
  const { connection } = scope.transaction as unknown as { connection: PostgresConnection };
  await connection.query({ name, text: sql, values });
}

/** Rows of parameters, such as `($1,$2),($3,$4)`, for the whole of a statement's parameters.
 * On SQLite `(?,?),(?,?)`: it takes `$1` for a name and looks each one up among all, 20 us a row of 9. */
export function placeholders(
  rows: number,
  columns: number,
  dialect: Database['dialect'] = 'postgres',
): string {
  const lines: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    const cells: string[] = [];
    for (let column = 1; column <= columns; column += 1) {
      cells.push(dialect === 'sqlite' ? '?' : `$${String(row * columns + column)}`);
    }
    lines.push(`(${cells.join(',')})`);
  }
  return lines.join(',');
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
