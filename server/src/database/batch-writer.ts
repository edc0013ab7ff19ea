/** Group commit: what many requests want written shares one transaction and one fsync.
 *
 * Nobody waits for company: whatever has come while one transaction was on its way to the disk makes the next. */
import type { Transaction } from 'sequelize';
import { ServerError } from '../errors.js';
import type { BatchWriter, Database, WriteStatement } from './contract.js';
import { broken, causesOf, codeOf, faultOf } from './faults.js';
import { full, stopping } from './write-queue.js';

/** What became of one item: refused by its own fault, or with a result. */
export type Outcome<Result> = { result: Result } | { error: Error };

/** A statement, and what became of the items if it succeeds. */
export interface Single<Result> {
  readonly statement: WriteStatement;
  readonly outcomes: readonly Outcome<Result>[];
}

export interface BatchWriterOptions<Item, Result> {
  /** Writes the items in their order and says for each what became of it. If it throws for a fault in the data, each
   * is written alone, so that only the faulty one fails. */
  apply(items: readonly Item[], transaction: Transaction): Promise<readonly Outcome<Result>[]>;
  /** One statement that writes all of them, if what is known without asking is enough to make one; tried before
   * `apply`, and when the database finds a fault in the data, nothing of it is stored and `apply` comes after all. */
  single?(items: readonly Item[]): Single<Result> | null;
  /** Called for each stored item in their order, after the commit and before `add` resolves. Must not throw. */
  committed?: (item: Item, result: Result) => void;
  /** Told how many items each transaction took. */
  onBatch?: ((items: number) => void) | undefined;
  /** Memory that an item holds, for the bound; 0 when left out. */
  bytesOf?: (item: Item) => number;
  /** Items of one transaction; 256 by default. */
  itemsMax?: number;
  /** Items that may wait; 10,000 by default. */
  pendingMax?: number;
  /** Bytes that may wait; 64 MiB by default. */
  pendingBytesMax?: number;
}

interface Pending<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/** Makes a batch writer. Its transactions come one after the other, so `committed` is called in their order. */
export function createBatchWriter<Item, Result>(
  database: Database,
  options: BatchWriterOptions<Item, Result>,
): BatchWriter<Item, Result> {
  const {
    itemsMax = 256,
    pendingMax = 10_000,
    pendingBytesMax = 67_108_864,
    bytesOf = () => 0,
  } = options;
  let pending: Pending<Item, Result>[] = [];
  let pendingBytes = 0;
  let running: Promise<void> | undefined;
  let closed = false;

  async function work(): Promise<void> {
    // Lets everything that arrived in this turn share the first transaction.
    await Promise.resolve();
    while (pending.length > 0) {
      const batch = pending.slice(0, itemsMax);
      pending = pending.slice(itemsMax);
      for (const { item } of batch) pendingBytes -= bytesOf(item);
      await store(batch);
    }
    running = undefined;
  }

  async function write(items: readonly Item[]): Promise<readonly Outcome<Result>[]> {
    const single = options.single?.(items) ?? null;
    if (single !== null) {
      try {
        await database.writeStatement(single.statement);
        return single.outcomes;
      } catch (error) {
        if (!isFaultOfData(error)) throw error;
      }
    }
    return database.write((transaction) => options.apply(items, transaction));
  }

  async function store(batch: Pending<Item, Result>[], alone = false): Promise<void> {
    let outcomes: readonly Outcome<Result>[];
    try {
      outcomes = await write(batch.map(({ item }) => item));
      options.onBatch?.(batch.length);
    } catch (error) {
      // Once more even where it was alone: of two that waited for each other, the database ends one.
      if (isFaultOfData(error) && !alone) {
        for (const single of batch) await store([single], true);
        return;
      }
      const reason = error instanceof ServerError ? error : broken(error);
      // They waited for the lock as long as may be: who came meanwhile would only wait as long once more.
      const waiting = faultOf(error) === 'locked' ? pending.splice(0) : [];
      for (const { item } of waiting) pendingBytes -= bytesOf(item);
      for (const { reject } of [...batch, ...waiting]) reject(reason);
      return;
    }
    batch.forEach(({ item, resolve, reject }, index) => {
      const outcome = outcomes[index];
      if (outcome && 'result' in outcome) {
        options.committed?.(item, outcome.result);
        resolve(outcome.result);
      } else {
        reject(outcome?.error ?? new Error('the batch gave no outcome for an item'));
      }
    });
  }

  return {
    add: (item) => {
      const bytes = bytesOf(item);
      if (closed) return Promise.reject(stopping());
      if (pending.length >= pendingMax || pendingBytes + bytes > pendingBytesMax)
        return Promise.reject(full());
      return new Promise((resolve, reject) => {
        pending.push({ item, resolve, reject });
        pendingBytes += bytes;
        running ??= work();
      });
    },
    close: async () => {
      closed = true;
      await running;
    },
  };
}

/** Whether the database refused a value (a constraint, a type, a size), or is not well itself. PostgreSQL's classes
 * 22 and 23 are data and constraints, 40 is a deadlock or a lost race. */
export function isFaultOfData(error: unknown): boolean {
  for (const cause of causesOf(error)) {
    const code = codeOf(cause);
    if (
      /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH|RANGE)/.test(code) ||
      /^(22|23|40)[0-9A-Z]{3}$/.test(code)
    )
      return true;
  }
  return false;
}
