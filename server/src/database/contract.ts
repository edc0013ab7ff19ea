/** What a slice may ask of the database: reads, and writes that many requests share one transaction for. */
import type { Sequelize, Transaction } from 'sequelize';
import type { StatementValue } from './prepared.js';

/** One request's share of a write transaction. It must be quick and must not wait for anything but the database. */
export type WriteJob<Result> = (transaction: Transaction) => Promise<Result>;

/** A statement that is a whole write. */
export interface WriteStatement {
  /** One name for one text: PostgreSQL prepares it once on each connection. */
  readonly name: string;
  /** With `$1`, `$2`, ... (PostgreSQL) or `?` (SQLite). */
  readonly sql: string;
  /** Lists are PostgreSQL's arrays. */
  readonly values: readonly (StatementValue | readonly StatementValue[])[];
}

export interface Database {
  readonly sequelize: Sequelize;
  readonly dialect: 'sqlite' | 'postgres';
  /** Runs the job in a write transaction and resolves after its commit is on disk.
   *
   * SQLite: one queue, `BEGIN IMMEDIATE`. Jobs may share one transaction; a job that throws is rolled back
   * to its savepoint and fails alone. PostgreSQL: a transaction of its own on the pool.
   * @throws ServerError `unavailable` when stopping, or when the queue is at its bound. */
  write<Result>(job: WriteJob<Result>): Promise<Result>;
  /** Runs one statement, which is a transaction by itself, and resolves after its commit is on disk: the shortest way
   * there is, without a BEGIN and a COMMIT. On SQLite it keeps its place in the one queue.
   * @throws ServerError `unavailable`, as `write` does; the driver's error when the statement is refused, whole */
  writeStatement(statement: WriteStatement): Promise<void>;
  /** Waits until every accepted write is committed, then closes. May be called twice. */
  close(): Promise<void>;
}

/** Collects what many requests write and commits it together: the group commit of DESIGN.md.
 * Made by `createBatchWriter(database, { apply, ... })`; used by the conversations' log. */
export interface BatchWriter<Item, Result> {
  /** Resolves with this item's result after the shared commit is on disk; rejects alone when only it fails.
   * @throws ServerError `unavailable` when closed, or when too much waits already */
  add(item: Item): Promise<Result>;
  /** Takes nothing more and waits until what it took is committed. Before `Database.close`. */
  close(): Promise<void>;
}
