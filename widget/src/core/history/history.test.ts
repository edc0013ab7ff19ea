import { beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../ids.js';
import { createMemoryStore } from '../store/memory.js';
import type { Store } from '../store/contract.js';
import { historyPageMax, readHistory } from './history.js';

const names = ['now', 'before', 'long ago'] as ConversationId[];
const [now] = names as [ConversationId];
const waiting = 2 ** 40 + 1;

/** Three conversations that continue one another; with holes, as logs have them, and one message that waits. */
async function fill(store: Store): Promise<void> {
  const orders = [...Array.from({ length: 60 }, (_, index) => index * 3 + 1), waiting];
  await store.commit([
    ...names.map((name, index) => ({
      table: 'conversations' as const,
      key: [name],
      value: { previous: names[index + 1] },
    })),
    ...names.flatMap((name) =>
      orders.map((order) => ({
        table: 'messages' as const,
        key: [name, order],
        value: { id: `${name} ${String(order)}` },
      })),
    ),
  ]);
}

describe('reading a conversation page by page', () => {
  let store: Store;
  beforeEach(async () => {
    store = createMemoryStore();
    await fill(store);
  });

  const walk = async (
    limit: number,
    step: (known: { first: number; last: number } | null) => { before?: number; after?: number },
  ): Promise<string[][]> => {
    const pages: string[][] = [];
    for (let known: { first: number; last: number } | null = null; ;) {
      const { messages, more } = await readHistory(store, now, { limit, ...step(known) });
      pages.push(messages.map(({ id }) => id));
      known = { first: messages[0]?.order ?? NaN, last: messages.at(-1)?.order ?? NaN };
      if (!more) return pages;
    }
  };

  it('finds all of it backwards, and the same forwards', async () => {
    const backwards = await walk(7, (known) => (known === null ? {} : { before: known.first }));
    const all = backwards.reverse().flat();
    expect(all).toHaveLength(183);
    expect(all.at(-1)).toBe(`now ${String(waiting)}`);
    expect(all[0]).toBe('long ago 1');
    const forwards = await walk(7, (known) => ({ after: known?.last ?? -(2 ** 45) }));
    expect(forwards.flat()).toEqual(all);
    expect(forwards.every(({ length }) => length === 7 || length === 183 % 7)).toBe(true);
  });

  it('ends where there is nothing more', async () => {
    expect(await readHistory(store, now, { after: waiting, limit: 5 })).toEqual({
      messages: [],
      more: false,
    });
    const last = await readHistory(store, now, { after: 175, limit: 2 });
    expect(last.messages.map(({ order }) => order)).toEqual([178, waiting]);
    expect(last.more).toBe(false);
  });

  it.each([
    [historyPageMax - 1, historyPageMax - 1],
    [historyPageMax, historyPageMax],
    [historyPageMax + 1, historyPageMax],
    [0, 1],
  ])('of %d messages asked for gives %d', async (limit, given) => {
    for (const page of [{}, { after: -(2 ** 45) }])
      expect((await readHistory(store, now, { limit, ...page })).messages).toHaveLength(given);
  });
});
