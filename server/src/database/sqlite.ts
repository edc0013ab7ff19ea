/** SQLite: one connection that writes, fed by one queue, and one that only reads.
 *
 * Sequelize 6 would open a connection per transaction and let them fight for the file's single write lock;
 * here they never meet. WAL lets the reader see the last commit while the writer is at work. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Sequelize, Transaction } from 'sequelize';
import type { Database } from './contract.js';
import { makeWritable } from './data-folder.js';
import { DatabaseError } from './errors.js';
import { faultOf } from './faults.js';
import { migrate } from './migrations.js';
import { preparedOn, type SqliteConnection, type StatementValue } from './prepared.js';
import { WriteQueue, type WriteSession } from './write-queue.js';

const sqliteFileName = 'parley.sqlite';

/** How long a write waits while another process (a backup, the command for sites) holds the lock. */
const busyTimeoutMs = 5_000;

/** `synchronous=FULL` is the invariant: with it a WAL commit is on disk when it returns. */
const durablePragmas = [
  'journal_mode=WAL',
  'synchronous=FULL',
  `busy_timeout=${String(busyTimeoutMs)}`,
  'foreign_keys=ON',
];
/** 16 MB of cache and of WAL before a checkpoint: at full load the defaults would write each page twice as often. */
const writerPragmas = [...durablePragmas, 'cache_size=-16000', 'wal_autocheckpoint=4000'];
/** A write that forgets the queue fails at once instead of racing the writer for the lock. */
const readerPragmas = [...durablePragmas, 'query_only=ON'];

interface SqliteOptions {
  dataFolder: string;
  pendingWritesMax: number;
  logger: Logger | undefined;
}

/** Opens `parley.sqlite` in the data folder.
 * @throws DatabaseError `folder_unwritable`, `file_malformed`, `locked`, `schema_newer`, `migration_failed` */
export async function openSqlite(options: SqliteOptions): Promise<Database> {
  const storage = join(options.dataFolder, sqliteFileName);
  await makeWritable(options.dataFolder, storage);
  const sequelize = new Sequelize({
    dialect: 'sqlite',
    storage,
    logging: false,
    // It would wait for a lock five times over; `busy_timeout` is the one wait.
    retry: { max: 1 },
  });
  const connections: SqliteConnection[] = [];
  const closeConnections = async (): Promise<void> => {
    await Promise.all(connections.map((connection) => preparedOn(connection).close()));
    await sequelize.close();
  };
  try {
    // The migrations run on the default connection, which becomes the reader afterwards.
    const reader = await openConnection(sequelize, 'default');
    const writer = await openConnection(sequelize, 'writer');
    connections.push(reader, writer);
    await runPragmas(sequelize, durablePragmas);
    await migrate({ sequelize, dialect: 'sqlite', logger: options.logger });
    await runPragmas(sequelize, readerPragmas);
    const session = new SqliteSession(sequelize, writer);
    await session.runPragmas(writerPragmas);
    const queue = new WriteQueue(session, { pendingMax: options.pendingWritesMax });
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await queue.drain();
      await closeConnections();
    };
    return {
      sequelize,
      dialect: 'sqlite',
      write: (job) => queue.add(job),
      writeStatement: ({ sql, values }) =>
        // Lists are PostgreSQL's alone.
        queue.addSingle((transaction) =>
          session.run(transaction, sql, values as readonly StatementValue[]),
        ),
      close: () => (closing ??= close()),
    };
  } catch (error) {
    await closeConnections();
    if (error instanceof DatabaseError) throw error;
    if (faultOf(error) === 'locked')
      throw new DatabaseError('locked', lockedBy(storage), { cause: error });
    throw new DatabaseError('file_malformed', `${storage} cannot be opened as a database`, {
      cause: error,
    });
  }
}

function lockedBy(storage: string): string {
  return `${storage} is locked by another program; end that one and start again`;
}

/** Sequelize's SQLite connections go by a name (`uuid`) that its types leave out; unnamed is the default one. */
async function openConnection(sequelize: Sequelize, name: string): Promise<SqliteConnection> {
  const options: { type: 'write'; uuid: string } = { type: 'write', uuid: name };
  const connection: object = await sequelize.connectionManager.getConnection(options);
  return connection as SqliteConnection;
}

async function runPragmas(sequelize: Sequelize, pragmas: string[]): Promise<void> {
  for (const pragma of pragmas) await sequelize.query(`PRAGMA ${pragma}`, { raw: true });
}

/** Transactions on the one writing connection, which Sequelize would otherwise open and close each time. */
class SqliteSession implements WriteSession {
  readonly #sequelize: Sequelize;
  readonly #connection: SqliteConnection;

  constructor(sequelize: Sequelize, connection: SqliteConnection) {
    this.#sequelize = sequelize;
    this.#connection = connection;
  }

  async runPragmas(pragmas: string[]): Promise<void> {
    const transaction = this.#transaction();
    for (const pragma of pragmas) await this.run(transaction, `PRAGMA ${pragma}`);
  }

  bare(): Transaction {
    return this.#transaction();
  }

  async begin(): Promise<Transaction> {
    const transaction = this.#transaction();
    await this.run(transaction, 'BEGIN IMMEDIATE');
    return transaction;
  }

  async commit(transaction: Transaction): Promise<void> {
    await this.run(transaction, 'COMMIT');
    // A job that kept the transaction and uses it later is told so by Sequelize.
    Object.assign(transaction, { finished: 'commit' });
  }

  async rollback(transaction: Transaction): Promise<void> {
    Object.assign(transaction, { finished: undefined });
    await this.run(transaction, 'ROLLBACK');
    Object.assign(transaction, { finished: 'rollback' });
  }

  /** On the driver itself: for each statement Sequelize would take a stack trace and parse the text. */
  async run(
    _transaction: Transaction,
    sql: string,
    values: readonly StatementValue[] = [],
  ): Promise<void> {
    await preparedOn(this.#connection).run(sql, values);
  }

  #transaction(): Transaction {
    const transaction = new Transaction(this.#sequelize, { type: Transaction.TYPES.IMMEDIATE });
    return Object.assign(transaction, { connection: this.#connection });
  }
}
