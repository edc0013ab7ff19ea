/** Says on the screen when the disk refuses, whoever was writing, and takes that back when it works again; ends the
 * engine whose store is its own no more. */
import type { Problem } from '../snapshot.js';
import { StoreError, type Store } from '../store/contract.js';
import { problemOf } from './problems.js';

export interface StoreWatch {
  /** With the problem, or with `null` once a write succeeds after one that did not. */
  tell(problem: Problem | null): void;
  /** Nothing can be stored any more, so nothing more may be sent. */
  onGone(): void;
}

export function watchStore(store: Store, { tell, onGone }: StoreWatch): Store {
  let refused = false;
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
        throw error;
      }
      if (refused) tell(null);
      refused = false;
    },
    erase: () => store.erase(),
    close: () => store.close(),
  };
}
