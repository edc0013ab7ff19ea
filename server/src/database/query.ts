/** Parameterised SQL for the slices: `$1`, `$2`, ... on both dialects, rows typed by the caller. */
import { QueryTypes, type Transaction } from 'sequelize';
import type { Database } from './contract.js';
import { asRefusal } from './faults.js';

/** What may be bound; bytes are bound as Buffers on both dialects. */
export type Value = string | number | boolean | null | Uint8Array;

function toBind(values: readonly Value[]): unknown[] {
  return values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value));
}

/** Runs a `SELECT`, or a `DELETE ... RETURNING`, and gives its rows.
 * @throws ServerError `unavailable` when the database itself is not well */
export async function queryRows<Row extends object>(
  database: Pick<Database, 'sequelize'>,
  sql: string,
  options: { values?: readonly Value[]; transaction?: Transaction | undefined } = {},
): Promise<Row[]> {
  const { values = [], transaction } = options;
  try {
    return await database.sequelize.query<Row>(sql, {
      type: QueryTypes.SELECT,
      bind: toBind(values),
      ...(transaction === undefined ? {} : { transaction }),
    });
  } catch (error) {
    throw asRefusal(error);
  }
}

/** Runs a statement whose result is of no interest. */
export async function execute(
  database: Pick<Database, 'sequelize'>,
  sql: string,
  options: { values?: readonly Value[]; transaction: Transaction },
): Promise<void> {
  const { values = [], transaction } = options;
  await database.sequelize.query(sql, { bind: toBind(values), transaction, raw: true });
}
