import { describe, expect, it } from 'vitest';
import type { ConversationId, MessageId } from '../core/ids.js';
import type { Message } from '../core/snapshot.js';
import {
  emptyWindow,
  followedMessagesMax,
  latestPage,
  liveChange,
  newerPage,
  olderPage,
  windowMessagesMax,
  type MessagesChange,
  type MessageWindow,
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
const came = (...messages: Message[]): MessagesChange => ({ messages, removed: [] });
const orders = (window: { messages: readonly Message[] }): number[] =>
  window.messages.map(({ order }) => order);

describe('the window of messages', () => {
  it('grows upward and lets go of the newest beyond its maximum', () => {
    let window = latestPage(range(951, 1000), true);
    for (let first = 901; first > 1; first -= 50)
      window = olderPage(window, { messages: range(first, first + 49), more: true }, false);
    expect(orders(window)).toEqual(range(51, 50 + windowMessagesMax).map(({ order }) => order));
    expect(window.hasNewer).toBe(true);
  });

  it('keeps the end for whoever has gone there while an older page was on its way', () => {
    const end = { messages: range(101, 300), hasOlder: true, hasNewer: false };
    expect(olderPage(end, { messages: range(51, 100), more: false }, true)).toEqual(end);
    const roomy = { ...end, messages: range(121, 300) };
    const full = olderPage(roomy, { messages: range(71, 120), more: false }, true);
    expect(full).toEqual(end);
  });

  it('grows downward again until it is at the end', () => {
    const held = range(1, windowMessagesMax);
    const above = { messages: held, hasOlder: false, hasNewer: true };
    const window = newerPage(above, range(windowMessagesMax - 10, windowMessagesMax + 50), false);
    expect(window.messages[0]?.order).toBe(51);
    expect(window).toMatchObject({ hasOlder: true, hasNewer: false });
  });

  it('lets go of one that was taken back to behind what is not held', () => {
    const window = { messages: range(1, 9), hasOlder: true, hasNewer: true };
    const back = message(2 ** 40, { id: 'm5' as MessageId, status: 'sending' });
    expect(orders(liveChange(window, came(back), false))).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
    const whole = liveChange({ ...window, hasNewer: false }, came(back), true);
    expect(orders(whole)).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 2 ** 40]);
  });

  it('shows a message once when it moves from pending to its place', () => {
    const pending = message(7.5, { id: 'own' as MessageId, status: 'sending' });
    const before = latestPage([...range(5, 7), pending], false);
    const window = liveChange(
      before,
      came(message(8), { ...pending, order: 9, status: 'stored' }),
      true,
    );
    expect(orders(window)).toEqual([5, 6, 7, 8, 9]);
    expect(window.messages.at(-1)?.status).toBe('stored');
  });

  it('takes nothing from beyond its ends, so that it has no hole', () => {
    const middle = { messages: range(100, 150), hasOlder: true, hasNewer: true };
    expect(liveChange(middle, came(message(20), message(200)), false)).toEqual(middle);
    expect(
      orders(liveChange({ ...middle, hasNewer: false }, came(message(151)), false)).at(-1),
    ).toBe(151);
  });

  it('holds no more in a flood than it ever does, and keeps what one reads', () => {
    const flood = (following: boolean): MessageWindow => {
      let window = latestPage(range(1, 50), false);
      for (let order = 51; order <= 10_050; order += 1)
        window = liveChange(window, came(message(order)), following);
      return window;
    };
    const above = flood(false);
    expect(orders(above)).toEqual(range(1, windowMessagesMax).map(({ order }) => order));
    expect(above).toMatchObject({ hasOlder: false, hasNewer: true });
    const atEnd = flood(true);
    const held = atEnd.messages.length;
    expect(orders(atEnd)).toEqual(range(10_051 - held, 10_050).map(({ order }) => order));
    expect(held).toBeLessThanOrEqual(followedMessagesMax);
    expect(held).toBeGreaterThanOrEqual(windowMessagesMax);
    expect(atEnd).toMatchObject({ hasOlder: true, hasNewer: false });
  });

  it('keeps a page of a flood in which more came at once than it holds', () => {
    const few = followedMessagesMax - windowMessagesMax;
    const held = latestPage(range(1, few), false);
    const below = liveChange(held, came(...range(few + 1, followedMessagesMax)), true);
    expect(below.messages).toHaveLength(followedMessagesMax);
    const above = liveChange(held, came(...range(few + 1, followedMessagesMax + 1)), true);
    const newest = range(followedMessagesMax - 48, followedMessagesMax + 1);
    expect(orders(above)).toEqual(newest.map(({ order }) => order));
    expect(above).toMatchObject({ hasOlder: true, hasNewer: false });
  });

  it('drops what was discarded', () => {
    const discarded = { messages: [], removed: ['m2' as MessageId] };
    expect(orders(liveChange(latestPage(range(1, 3), false), discarded, true))).toEqual([1, 3]);
  });

  it('takes the first message of an empty conversation', () => {
    expect(orders(liveChange({ ...emptyWindow, hasOlder: false }, came(message(1)), true))).toEqual(
      [1],
    );
    expect(orders(liveChange(emptyWindow, came(message(1)), true))).toEqual([1]);
  });
});
