/** Reading a conversation's messages from the store, page by page: memory does not grow with history. */
import type { ConversationId } from '../ids.js';
import type { Message } from '../snapshot.js';
import type { Store } from '../store/contract.js';
import type { MessageRow } from '../conversations/draft.js';
import type { ConversationRecord } from '../conversations/state.js';

export const historyPageMax = 100;

/** A former conversation's rows stand so far before those of the one that continues it. */
const formerOffset = 2 ** 41;

/** @param before order of the oldest message that is known already.
 * @returns oldest first, and whether there are older ones. */
export async function readHistory(
  store: Store,
  conversationId: ConversationId,
  page: { before?: number; limit: number },
): Promise<{ messages: Message[]; more: boolean }> {
  const limit = Math.max(1, Math.min(Math.floor(page.limit), historyPageMax));
  const newest: Message[] = [];
  let source: ConversationId | undefined = conversationId;
  for (let offset = 0; source !== undefined && newest.length <= limit; offset += formerOffset) {
    const rows = await store.range('messages', {
      prefix: [source],
      ...(page.before !== undefined && { before: [source, page.before + offset] }),
      reverse: true,
      limit: limit + 1 - newest.length,
    });
    for (const { key, value } of rows) {
      newest.push({ ...(value as MessageRow), conversationId, order: (key[1] as number) - offset });
    }
    const record = await store.get('conversations', [source]);
    source = (record as ConversationRecord | undefined)?.previous;
  }
  return { messages: newest.slice(0, limit).reverse(), more: newest.length > limit };
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
