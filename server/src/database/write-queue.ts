/** One queue for all writes of a database with a single writer: what waits together is committed together. */
import type { Transaction } from 'sequelize';
import { ServerError } from '../errors.js';
import type { WriteJob } from './contract.js';
import { asRefusal, broken, faultOf } from './faults.js';

/** The connection that writes. */
export interface WriteSession {
  begin(): Promise<Transaction>;
  /** The connection without a transaction begun: what runs on it commits by itself. */
  bare(): Transaction;
  commit(transaction: Transaction): Promise<void>;
  rollback(transaction: Transaction): Promise<void>;
  run(transaction: Transaction, sql: string): Promise<void>;
}

interface Pending {
  job: WriteJob<unknown>;
  /** Its job is one statement, which needs no transaction around it. */
  single: boolean;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

/** Jobs of one transaction at most; a bound on how long the first of them waits for its commit. */
const jobsPerTransactionMax = 64;

/** Runs jobs one after the other, many per transaction, each in a savepoint of its own. */
export class WriteQueue {
  readonly #session: WriteSession;
  readonly #pendingMax: number;
  #pending: Pending[] = [];
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(session: WriteSession, options: { pendingMax: number }) {
    this.#session = session;
    this.#pendingMax = options.pendingMax;
  }

  /** Resolves with the job's result after its commit is on disk.
   * @throws ServerError `unavailable` when stopping, or when the queue is at its bound. */
  add<Result>(job: WriteJob<Result>): Promise<Result> {
    return this.#add(job, false);
  }

  /** The same for a job of one statement: alone, it is its own transaction. */
  addSingle<Result>(job: WriteJob<Result>): Promise<Result> {
    return this.#add(job, true);
  }

  #add<Result>(job: WriteJob<Result>, single: boolean): Promise<Result> {
    if (this.#stopping) return Promise.reject(stopping());
    if (this.#pending.length >= this.#pendingMax) return Promise.reject(full());
    return new Promise<Result>((resolve, reject) => {
      this.#pending.push({
        job,
        single,
        resolve: resolve as (result: unknown) => void,
        reject,
      });
      this.#running ??= this.#work();
    });
  }

  /** Takes nothing more and waits until all that was accepted is committed. */
  async drain(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #work(): Promise<void> {
    // Lets everything that is being asked for in this turn share the first transaction.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      await this.#commitTogether(this.#pending.splice(0, jobsPerTransactionMax));
    }
    this.#running = undefined;
  }

  async #commitTogether(batch: Pending[]): Promise<void> {
    const [first] = batch;
    if (first?.single === true && batch.length === 1) {
      await this.#runBare(first);
      return;
    }
    const settle: (() => void)[] = [];
    let transaction: Transaction;
    try {
      transaction = await this.#session.begin();
    } catch (error) {
      // Locked, or not there at all. Whoever came meanwhile would only wait as long once more, one batch at a time.
      for (const { reject } of [...batch, ...this.#pending.splice(0)]) reject(broken(error));
      return;
    }
    try {
      if (first !== undefined && batch.length === 1) {
        settle.push(await this.#runAlone(first, transaction));
      } else {
        for (const pending of batch) settle.push(await this.#runInSavepoint(pending, transaction));
      }
      await this.#session.commit(transaction);
    } catch (error) {
      // The transaction itself failed (disk full, I/O error): nothing of it is stored, so nobody may be told so.
      await this.#session.rollback(transaction).catch(() => undefined);
      for (const { reject } of batch) reject(broken(error));
      return;
    }
    for (const tell of settle) tell();
  }

  async #runBare({ job, resolve, reject }: Pending): Promise<void> {
    try {
      resolve(await job(this.#session.bare()));
    } catch (error) {
      const refusal = asRefusal(error);
      const others = faultOf(error) === 'locked' ? this.#pending.splice(0) : [];
      reject(refusal);
      for (const other of others) other.reject(refusal);
    }
  }

  /** Without a savepoint, which costs two statements: if the job fails, the transaction holds nothing else. */
  async #runAlone(
    { job, resolve, reject }: Pending,
    transaction: Transaction,
  ): Promise<() => void> {
    try {
      const result = await job(transaction);
      return () => {
        resolve(result);
      };
    } catch (error) {
      reject(asRefusal(error));
      throw error;
    }
  }

  /** @returns what to tell the caller once the transaction is on disk. */
  async #runInSavepoint(
    { job, resolve, reject }: Pending,
    transaction: Transaction,
  ): Promise<() => void> {
    await this.#session.run(transaction, 'SAVEPOINT job');
    try {
      const result = await job(transaction);
      await this.#session.run(transaction, 'RELEASE job');
      return () => {
        resolve(result);
      };
    } catch (error) {
      try {
        await this.#session.run(transaction, 'ROLLBACK TO job');
        await this.#session.run(transaction, 'RELEASE job');
      } catch {
        // SQLite has rolled back everything by itself, as on a full disk: the job's error says why.
        throw error;
      }
      return () => {
        reject(asRefusal(error));
      };
    }
  }
}

/** The refusal of a write while the server stops. */
export function stopping(): ServerError {
  return new ServerError('unavailable', 'the server is stopping', { retryAfterSeconds: 2 });
}

/** The refusal of a write when as many wait already as may. */
export function full(): ServerError {
  return new ServerError('unavailable', 'too many writes are waiting', { retryAfterSeconds: 1 });
}
