/** Where the logs stand, remembered between transactions, so that a message costs no query before it is stored.
 *
 * On SQLite this process is the only one that writes: what it remembers is what is there. Should it be wrong all the
 * same (two servers on one file), the log's keys refuse the write, and it is done again with everything looked up. On
 * PostgreSQL other nodes write too, and reading a state is what locks it: there nothing is remembered. */
import type { ConversationId } from '../ids.js';
import type { LogState } from './log.js';
import { readLogStates, type Scope } from './log-statements.js';

/** A few hundred bytes each. */
const rememberedMax = 20_000;

/** The states of the latest logs that were written. */
export class LogStates {
  readonly #states = new Map<ConversationId, LogState>();
  readonly #remembers: boolean;

  constructor({ dialect }: Pick<Scope['database'], 'dialect'>) {
    this.#remembers = dialect === 'sqlite';
  }

  /** The states of the items' logs, remembered or read; a map of the caller's own. */
  async of(
    scope: Scope,
    items: readonly { readonly draft: { readonly conversationId: ConversationId } }[],
  ): Promise<Map<ConversationId, LogState>> {
    const found = new Map<ConversationId, LogState>();
    const missing: ConversationId[] = [];
    for (const id of conversationsOf(items)) {
      const state = this.#states.get(id);
      if (state === undefined) missing.push(id);
      else found.set(id, state);
    }
    if (missing.length > 0) {
      for (const [id, state] of await readLogStates(scope, missing)) found.set(id, state);
    }
    return found;
  }

  /** To be told after the commit, of each log in the order of its entries. */
  remember(id: ConversationId, state: LogState): void {
    if (!this.#remembers) return;
    // The latest goes to the end; the one that waited longest goes first.
    this.#states.delete(id);
    const [oldest] = this.#states.keys();
    if (this.#states.size >= rememberedMax && oldest !== undefined) this.#states.delete(oldest);
    this.#states.set(id, state);
  }
}

/** The conversations of a batch, each once. */
export function conversationsOf(
  items: readonly { readonly draft: { readonly conversationId: ConversationId } }[],
): ConversationId[] {
  return [...new Set(items.map(({ draft }) => draft.conversationId))];
}
