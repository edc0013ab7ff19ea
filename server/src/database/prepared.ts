/** SQLite's statements, prepared once: preparing is a way to the driver's thread and back of its own, which for a
 * statement of microseconds is half of what it takes. */

/** What a parameter may be. Bytes are Buffers: both drivers take them as they are. */
export type StatementValue = string | number | boolean | Buffer | null;

type Done = (error: Error | null, rows: unknown[]) => void;

interface SqliteStatement {
  all(values: readonly StatementValue[], done: Done): void;
  finalize(done?: () => void): void;
}

/** A connection of the `sqlite3` package, as far as it is used. */
export interface SqliteConnection {
  all(sql: string, values: readonly StatementValue[], done: Done): void;
  prepare(sql: string, done: (error: Error | null) => void): SqliteStatement;
}

/** Of one connection. There are a few dozen statements; what has a list in it comes in as many lengths as there are. */
const statementsMax = 100;
/** A longer text has many rows in it and hardly comes again; to prepare it is little of what it takes. */
const charactersMax = 2_000;

/** The prepared statements of one connection. */
export class PreparedStatements {
  readonly #connection: SqliteConnection;
  /** The one used last stands last. */
  readonly #idle = new Map<string, SqliteStatement>();
  readonly #inUse = new Map<string, Promise<unknown[]>>();
  #closed = false;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  /** Runs one statement. One that is in use is not waited for, since that would be one answer in a turn of the event
   * loop however many wait: then the text is prepared once more.
   * @returns its rows. */
  run(sql: string, values: readonly StatementValue[]): Promise<unknown[]> {
    if (this.#closed || sql.length > charactersMax || this.#inUse.has(sql)) {
      return rowsOf((done) => this.#connection.all(sql, values, done));
    }
    const running = this.#runPrepared(sql, values);
    this.#inUse.set(sql, running);
    return running;
  }

  /** Waits for what runs and lets go of all: a connection with statements cannot close. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#inUse.values());
    const idle = [...this.#idle.values()];
    this.#idle.clear();
    await Promise.all(idle.map(finalize));
  }

  async #runPrepared(sql: string, values: readonly StatementValue[]): Promise<unknown[]> {
    try {
      const statement = this.#idle.get(sql) ?? (await this.#prepare(sql));
      this.#idle.delete(sql);
      try {
        const rows = await rowsOf((done) => statement.all(values, done));
        this.#keep(sql, statement);
        return rows;
      } catch (error) {
        // What was refused (locked, say) stays begun, and beside a statement that is begun nothing can commit.
        await finalize(statement);
        throw error;
      }
    } finally {
      this.#inUse.delete(sql);
    }
  }

  #keep(sql: string, statement: SqliteStatement): void {
    this.#idle.set(sql, statement);
    const [oldest] = this.#idle;
    if (this.#idle.size <= statementsMax || oldest === undefined) return;
    this.#idle.delete(oldest[0]);
    void finalize(oldest[1]);
  }

  #prepare(sql: string): Promise<SqliteStatement> {
    return new Promise((resolve, reject) => {
      const statement = this.#connection.prepare(sql, (error) => {
        if (error) reject(error);
        else resolve(statement);
      });
    });
  }
}

function rowsOf(start: (done: Done) => void): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    start((error, rows) => {
      if (error) reject(error);
      else resolve(rows);
    });
  });
}

function finalize(statement: SqliteStatement): Promise<void> {
  return new Promise((done) => statement.finalize(done));
}

const prepared = new WeakMap<SqliteConnection, PreparedStatements>();

/** The prepared statements of a connection: the same for everybody who asks. */
export function preparedOn(connection: SqliteConnection): PreparedStatements {
  const known = prepared.get(connection);
  if (known !== undefined) return known;
  const statements = new PreparedStatements(connection);
  prepared.set(connection, statements);
  return statements;
}
