/** A store for tests that loses its process at the nth write: before it reaches the disk, or just after. */
import { StoreError, type Store } from '../store/contract.js';

export interface CrashingStore extends Store {
  /** How many batches were asked for since the start; erasing all is one. */
  readonly commits: number;
  /** Resolves when the crash happened. */
  readonly crashed: Promise<void>;
}

export interface CrashPoint {
  /** 1: the first batch. */
  atCommit: number;
  /** `before`: the batch is lost; `after`: it is on disk, but nobody was told. */
  when: 'before' | 'after';
}

/** Wraps a store that outlives the crash. From the crash on nothing passes any more, as from a dead process. */
export function createCrashingStore(inner: Store, point: CrashPoint): CrashingStore {
  let commits = 0;
  let dead = false;
  let announce: () => void = () => undefined;
  const crashed = new Promise<void>((resolve) => (announce = resolve));

  const guard = (): void => {
    if (dead) throw new StoreError('gone', 'crashed');
  };
  const crash = (): void => {
    dead = true;
    announce();
    guard();
  };

  const write = async (work: () => Promise<void>): Promise<void> => {
    guard();
    commits += 1;
    const hit = commits === point.atCommit;
    if (hit && point.when === 'before') crash();
    await work();
    if (hit) crash();
  };

  return {
    get commits() {
      return commits;
    },
    crashed,
    async get(table, key) {
      guard();
      return inner.get(table, key);
    },
    async range(table, options) {
      guard();
      return inner.range(table, options);
    },
    commit: (writes) => write(() => inner.commit(writes)),
    erase: () => write(() => inner.erase()),
    // The memory below stays: it is the disk that the next process finds.
    async close() {
      dead = true;
    },
  };
}
