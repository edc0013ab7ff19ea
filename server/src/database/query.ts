/** Parameterised SQL for the slices: `$1`, `$2`, ... on both dialects, rows typed by the caller. */
import { QueryTypes, type Sequelize, type Transaction } from 'sequelize';
import type { Database } from './contract.js';
import { asRefusal } from './faults.js';
import { preparedOn, type SqliteConnection, type StatementValue } from './prepared.js';

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
    if (transaction === undefined && database.sequelize.getDialect() === 'sqlite') {
      return await readDirectly<Row>(database.sequelize, sql, values);
    }
    return await database.sequelize.query<Row>(sql, {
      type: QueryTypes.SELECT,
      bind: toBind(values),
      ...(transaction === undefined ? {} : { transaction }),
    });
  } catch (error) {
    throw asRefusal(error);
  }
}

/** Reads on the driver: when thousands come back at once, what Sequelize adds to each statement (a stack trace, a
 * parse, promises in promises) is most of what they cost. */
async function readDirectly<Row>(
  sequelize: Sequelize,
  sql: string,
  values: readonly Value[],
): Promise<Row[]> {
  const options: { type: 'read'; uuid: string } = { type: 'read', uuid: 'default' };
  const reader: object = await sequelize.connectionManager.getConnection(options);
  // SQLite takes `$1` for a name and `?1` for a place.
  const placed = sql.replaceAll(/\$(\d+)/g, '?$1');
  const rows = await preparedOn(reader as SqliteConnection).run(
    placed,
    toBind(values) as StatementValue[],
  );
  return rows as Row[];
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
