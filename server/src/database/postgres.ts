/** PostgreSQL: transactions side by side on a pool. */
import type { Logger } from 'pino';
import { ConnectionError, QueryTypes, Sequelize } from 'sequelize';
import type { Database, WriteStatement } from './contract.js';
import { DatabaseError } from './errors.js';
import { migrate } from './migrations.js';
import { readBigIntegersAsNumbers } from './postgres-types.js';
import { asRefusal } from './faults.js';
import { full, stopping } from './write-queue.js';

const connectionsMax = 10;

/** A connection of the `pg` package, as far as it is used. */
interface PostgresClient {
  query(
    statement: string | { name: string; text: string; values: WriteStatement['values'] },
  ): Promise<unknown>;
}

interface PostgresOptions {
  databaseUrl: string;
  pendingWritesMax: number;
  logger: Logger | undefined;
}

/** Connects to the URL.
 * @throws DatabaseError `connect_failed`, `schema_newer`, `migration_failed` */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  readBigIntegersAsNumbers();
  // Migrations hold one transaction on one connection; a pool would spread them.
  const single = connect(options.databaseUrl, 1);
  try {
    await authenticate(single, options.databaseUrl);
    await migrate({ sequelize: single, dialect: 'postgres', logger: options.logger });
    await warnIfNotDurable(single, options.logger);
  } finally {
    await single.close();
  }
  const sequelize = connect(options.databaseUrl, connectionsMax);
  const writes = new PooledWrites(options.pendingWritesMax);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await writes.drain();
    await sequelize.close();
  };
  return {
    sequelize,
    dialect: 'postgres',
    write: (job) => writes.add(() => sequelize.transaction((transaction) => job(transaction))),
    writeStatement: (statement) => writes.add(() => runPrepared(sequelize, statement)),
    close: () => (closing ??= close()),
  };
}

function connect(databaseUrl: string, connections: number): Sequelize {
  try {
    const sequelize = new Sequelize(databaseUrl, {
      dialect: 'postgres',
      logging: false,
      pool: { max: connections, min: 0, acquire: 30_000, idle: 10_000 },
      dialectOptions: { application_name: 'parley', keepAlive: true },
    });
    // An acknowledged message is on disk, whatever the server's default says.
    sequelize.addHook('afterConnect', async (connection) => {
      await (connection as PostgresClient).query('SET synchronous_commit TO on');
    });
    return sequelize;
  } catch (error) {
    throw new DatabaseError('connect_failed', 'the database URL cannot be read', { cause: error });
  }
}

async function authenticate(sequelize: Sequelize, databaseUrl: string): Promise<void> {
  try {
    await sequelize.authenticate();
  } catch (error) {
    const { host, pathname } = new URL(databaseUrl);
    const reason = error instanceof ConnectionError ? error.message : 'it does not answer';
    throw new DatabaseError(
      'connect_failed',
      `cannot connect to the database ${host}${pathname}: ${reason}`,
      {
        cause: error,
      },
    );
  }
}

async function warnIfNotDurable(sequelize: Sequelize, logger: Logger | undefined): Promise<void> {
  const [row] = await sequelize.query<{ fsync: string }>('SHOW fsync', { type: QueryTypes.SELECT });
  if (row?.fsync === 'off')
    logger?.warn('PostgreSQL runs with fsync off: acknowledged messages can be lost');
}

/** Outside a transaction each statement is one, and its answer comes after its commit. */
async function runPrepared(
  { connectionManager }: Sequelize,
  { name, sql: text, values }: WriteStatement,
): Promise<void> {
  const connection: object = await connectionManager.getConnection({ type: 'write' });
  try {
    await (connection as PostgresClient).query({ name, text, values });
  } finally {
    connectionManager.releaseConnection(connection);
  }
}

/** Counts the writes that run or wait for a connection, bounds them, and waits for them at the end. */
class PooledWrites {
  readonly #pendingMax: number;
  readonly #pending = new Set<Promise<unknown>>();
  #stopping = false;

  constructor(pendingMax: number) {
    this.#pendingMax = pendingMax;
  }

  async add<Result>(start: () => Promise<Result>): Promise<Result> {
    if (this.#stopping) throw stopping();
    if (this.#pending.size >= this.#pendingMax) throw full();
    const write = start();
    this.#pending.add(write);
    try {
      return await write;
    } catch (error) {
      throw asRefusal(error);
    } finally {
      this.#pending.delete(write);
    }
  }

  async drain(): Promise<void> {
    this.#stopping = true;
    await Promise.allSettled(this.#pending);
  }
}
