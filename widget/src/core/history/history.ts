/** Reading a conversation's messages from the store, page by page: memory does not grow with history. */
import type { ConversationId } from '../ids.js';
import type { Message } from '../snapshot.js';
import type { Store } from '../store/contract.js';
import type { MessageRow } from '../conversations/draft.js';

export const historyPageMax = 100;

/** @param before order of the oldest message that is known already.
 * @returns oldest first, and whether there are older ones. */
export async function readHistory(
  store: Store,
  conversationId: ConversationId,
  page: { before?: number; limit: number },
): Promise<{ messages: Message[]; more: boolean }> {
  const limit = Math.max(1, Math.min(Math.floor(page.limit), historyPageMax));
  const rows = await store.range('messages', {
    prefix: [conversationId],
    ...(page.before !== undefined && { before: [conversationId, page.before] }),
    reverse: true,
    limit: limit + 1,
  });
  const messages = rows
    .slice(0, limit)
    .map(({ key, value }): Message => ({
      ...(value as MessageRow),
      conversationId,
      order: key[1] as number,
    }));
  return { messages: messages.reverse(), more: rows.length > limit };
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
  return rows.filter(({ value }) => {
    const { author, body } = value as MessageRow;
    return author === 'peer' && (body.type === 'text' || body.type === 'call');
  }).length;
}
