/** Begins a new log under IndexedDB, lest a browser that was killed twice loses the whole database.
 *
 * Chromium keeps the databases of an origin in one LevelDB and goes on writing in the log of the run before. A record
 * that a kill tore then stands in the middle of the log; the run after the next finds the log corrupt and deletes every
 * database of the origin (leveldb issue 1287). Deleting any database makes LevelDB put its log away, torn end and all,
 * and begin another: so an empty one is made and deleted, before anything else is written. Elsewhere that is harmless. */

/** Of no use to anybody: whatever is under this name may be deleted at any time. */
const emptyDatabase = 'parley log';

/** Never rejects, and nothing has to wait for it: where it fails, the database is what it was. */
export function beginFreshLog(): void {
  try {
    const making = indexedDB.open(emptyDatabase);
    // One that is about to be deleted by another tab, or that a frozen tab holds, is left to that tab.
    making.onsuccess = () => {
      making.result.close();
      indexedDB.deleteDatabase(emptyDatabase);
    };
  } catch {
    // Storage is refused; opening the real database says so.
  }
}
