import { describe, expect, it } from 'vitest';
import type { ConversationId, MessageId } from '../core/ids.js';
import type { Message } from '../core/snapshot.js';
import {
  emptyWindow,
  latestPage,
  liveChange,
  newerPage,
  olderPage,
  windowMessagesMax,
} from './message-window.js';

const message = (order: number, more: Partial<Message> = {}): Message => ({
  id: `m${String(order)}` as MessageId,
  conversationId: 'c' as ConversationId,
  order,
  at: order,
  author: 'peer',
  status: 'stored',
  body: { type: 'text', text: String(order) },
  ...more,
});
const range = (from: number, to: number): Message[] =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
const orders = (window: { messages: readonly Message[] }): number[] =>
  window.messages.map(({ order }) => order);

describe('the window of messages', () => {
  it('grows upward and lets go of the newest beyond its maximum', () => {
    let window = latestPage(range(951, 1000), true);
    for (let first = 901; first > 1; first -= 50)
      window = olderPage(window, range(first, first + 49), true);
    expect(window.messages).toHaveLength(windowMessagesMax);
    expect(window.hasNewer).toBe(true);
    expect(window.messages[0]?.order).toBe(51);
  });

  it('grows downward again until it is at the end', () => {
    const above = { messages: range(1, 400), hasOlder: false, hasNewer: true };
    const window = newerPage(above, range(390, 450), false);
    expect(window.messages[0]?.order).toBe(51);
    expect(window).toMatchObject({ hasOlder: true, hasNewer: false });
  });

  it('shows a message once when it moves from pending to its place', () => {
    const pending = message(7.5, { id: 'own' as MessageId, status: 'sending' });
    const before = latestPage([...range(5, 7), pending], false);
    const window = liveChange(before, [message(8), { ...pending, order: 9, status: 'stored' }], []);
    expect(orders(window)).toEqual([5, 6, 7, 8, 9]);
    expect(window.messages.at(-1)?.status).toBe('stored');
  });

  it('takes nothing from beyond its ends, so that it has no hole', () => {
    const middle = { messages: range(100, 150), hasOlder: true, hasNewer: true };
    expect(liveChange(middle, [message(20), message(200)], [])).toEqual(middle);
    expect(orders(liveChange({ ...middle, hasNewer: false }, [message(151)], [])).at(-1)).toBe(151);
  });

  it('holds no more in a flood than it ever does, and says that there is more', () => {
    let window = latestPage(range(1, 50), true);
    for (let order = 51; order <= 10_050; order += 1)
      window = liveChange(window, [message(order)], []);
    expect(orders(window)).toEqual(range(1, windowMessagesMax).map(({ order }) => order));
    expect(window).toMatchObject({ hasOlder: true, hasNewer: true });
  });

  it('drops what was discarded', () => {
    expect(orders(liveChange(latestPage(range(1, 3), false), [], ['m2' as MessageId]))).toEqual([
      1, 3,
    ]);
  });

  it('takes the first message of an empty conversation', () => {
    expect(orders(liveChange({ ...emptyWindow, hasOlder: false }, [message(1)], []))).toEqual([1]);
    expect(orders(liveChange(emptyWindow, [message(1)], []))).toEqual([1]);
  });
});
