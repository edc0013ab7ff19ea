/** Reading a conversation's messages from the store, page by page: memory does not grow with history. */
import type { ConversationId } from '../ids.js';
import type { CommandOf, Message } from '../snapshot.js';
import type { Store } from '../store/contract.js';
import type { MessageRow } from '../conversations/draft.js';
import type { ConversationRecord } from '../conversations/state.js';

export const historyPageMax = 100;

/** A former conversation's rows stand so far before those of the one that continues it. */
const formerOffset = 2 ** 41;

/** @param page of at most `historyPageMax`: those that end before the oldest message that is known already, those that begin
 *   after the newest that is, or the newest of all.
 * @returns oldest first, and whether there are more in the direction that was asked for. */
export async function readHistory(
  store: Store,
  conversationId: ConversationId,
  { before, after, limit: asked }: Pick<CommandOf<'history'>, 'before' | 'after' | 'limit'>,
): Promise<{ messages: Message[]; more: boolean }> {
  const limit = Math.max(1, Math.min(Math.floor(asked), historyPageMax));
  const forwards = after !== undefined;
  const found: Message[] = [];
  const sources = await sourcesOf(store, conversationId);
  for (const { source, offset } of forwards ? sources.reverse() : sources) {
    const rows = await store.range('messages', {
      prefix: [source],
      ...(before !== undefined && { before: [source, before + offset] }),
      ...(forwards && { after: [source, after + offset] }),
      reverse: !forwards,
      limit: limit + 1 - found.length,
    });
    for (const { key, value } of rows)
      found.push({ ...(value as MessageRow), conversationId, order: (key[1] as number) - offset });
    if (found.length > limit) break;
  }
  const messages = found.slice(0, limit);
  return { messages: forwards ? messages : messages.reverse(), more: found.length > limit };
}

/** Where a conversation's rows are, its own first, and what their keys are more than `order`. */
async function sourcesOf(
  store: Store,
  conversationId: ConversationId,
): Promise<{ source: ConversationId; offset: number }[]> {
  const sources: { source: ConversationId; offset: number }[] = [];
  let source: ConversationId | undefined = conversationId;
  while (source !== undefined) {
    sources.push({ source, offset: sources.length * formerOffset });
    const record = await store.get('conversations', [source]);
    source = (record as ConversationRecord | undefined)?.previous;
  }
  return sources;
}

/** Whether it waits for its reader: what the other wrote, and calls that nobody took here. */
export function isNews({ author, body }: Pick<Message, 'author' | 'body'>): boolean {
  if (author !== 'peer') return false;
  if (body.type === 'call') return body.outcome === 'missed' || body.outcome === 'busy';
  return body.type === 'text';
}

/** How many of the other's messages stand after a position; counting ends at 999. */
export async function countUnread(
  store: Store,
  conversationId: ConversationId,
  after: number,
): Promise<number> {
  const rows = await store.range('messages', {
    prefix: [conversationId],
    after: [conversationId, after],
    limit: 999,
  });
  return rows.filter(({ value }) => isNews(value as MessageRow)).length;
}
