/** Where the logs stand, remembered between transactions, so that a message costs no query before it is stored.
 *
 * Nobody relies on it: should it be wrong (another node has written meanwhile, or a second server on one file), the
 * statement that appends refuses as a whole, and it is done again with everything looked up. */
import type { ConversationId } from '../ids.js';
import type { LogState } from './log.js';

/** A few hundred bytes each. */
const rememberedMax = 20_000;

/** The states of the latest logs that were written. */
export class LogStates {
  readonly #states = new Map<ConversationId, LogState>();

  /** The states of these logs, in a map of the caller's own; `null` unless all are remembered. */
  of(ids: readonly ConversationId[]): Map<ConversationId, LogState> | null {
    const found = new Map<ConversationId, LogState>();
    for (const id of ids) {
      const state = this.#states.get(id);
      if (state === undefined) return null;
      found.set(id, state);
    }
    return found;
  }

  /** To be told after the commit, of each log in the order of its entries. */
  remember(id: ConversationId, state: LogState): void {
    // The latest goes to the end; the one that waited longest goes first.
    this.#states.delete(id);
    const [oldest] = this.#states.keys();
    if (this.#states.size >= rememberedMax && oldest !== undefined) this.#states.delete(oldest);
    this.#states.set(id, state);
  }
}
