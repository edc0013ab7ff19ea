/** What a slice may ask of the database: reads, and writes that many requests share one transaction for. */
import type { Sequelize, Transaction } from 'sequelize';

/** One request's share of a write transaction. It must be quick and must not wait for anything but the database. */
export type WriteJob<Result> = (transaction: Transaction) => Promise<Result>;

export interface Database {
  readonly sequelize: Sequelize;
  readonly dialect: 'sqlite' | 'postgres';
  /** Runs the job in a write transaction and resolves after its commit is on disk.
   *
   * SQLite: one queue, `BEGIN IMMEDIATE`. Jobs may share one transaction; a job that throws is rolled back
   * to its savepoint and fails alone. PostgreSQL: a transaction of its own on the pool.
   * @throws ServerError `unavailable` when stopping, or when the queue is at its bound. */
  write<Result>(job: WriteJob<Result>): Promise<Result>;
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
