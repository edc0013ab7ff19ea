/** Says on the screen when the disk refuses, whoever was writing, and takes that back when it works again; ends the
 * engine whose store is its own no more. A disk that refused is tried again and again. */
import type { Problem } from '../snapshot.js';
import { StoreError, type Store } from '../store/contract.js';
import { problemOf } from './problems.js';

export interface StoreWatch {
  /** With the problem, or with `null` once a write succeeds after one that did not. */
  tell(problem: Problem | null): void;
  /** Nothing can be stored any more, so nothing more may be sent. */
  onGone(): void;
  /** It works again: what could not be stored has to be asked for again. */
  onBack(): void;
  /** Waits before the next try. @returns whether there is to be one. */
  wait(): Promise<boolean>;
}

/** Room for this much is room enough to go on. */
const probe = { table: 'meta', key: ['probe'] } as const;
const probeBytes = 16_384;

export function watchStore(store: Store, { tell, onGone, onBack, wait }: StoreWatch): Store {
  let refused = false;
  let trying = false;
  const works = (): void => {
    if (!refused) return;
    refused = false;
    tell(null);
    onBack();
  };
  const tryAgain = async (): Promise<void> => {
    trying = true;
    while (refused && (await wait())) {
      const value = new Uint8Array(probeBytes);
      await store
        .commit([{ ...probe, value }])
        .then(() => store.commit([{ ...probe, value: undefined }]))
        .then(works, () => undefined);
    }
    trying = false;
  };
  void store.gone?.then(onGone);
  return {
    get: (table, key) => store.get(table, key),
    range: (table, options) => store.range(table, options),
    async commit(writes) {
      try {
        await store.commit(writes);
      } catch (error) {
        refused = true;
        tell(problemOf(error));
        if (error instanceof StoreError && error.code === 'gone') onGone();
        else if (!trying) void tryAgain();
        throw error;
      }
      works();
    },
    erase: () => store.erase(),
    close: () => store.close(),
  };
}
