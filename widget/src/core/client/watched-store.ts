/** Says on the screen when the disk refuses, whoever was writing, and takes that back when it works again. */
import type { Problem } from '../snapshot.js';
import type { Store } from '../store/contract.js';
import { problemOf } from './problems.js';

/** @param tell with the problem, or with `null` once a write succeeds after one that did not. */
export function watchStore(store: Store, tell: (problem: Problem | null) => void): Store {
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
        throw error;
      }
      if (refused) tell(null);
      refused = false;
    },
    erase: () => store.erase(),
    close: () => store.close(),
  };
}
