import { describe, expect, it } from 'vitest';
import type { ConversationId, MessageId } from '../../core/ids.js';
import type { Message } from '../../core/snapshot.js';
import { daysOf, linesOf, type Unread } from './lines.js';

const noon = new Date(2026, 4, 12, 12).getTime();
const minuteMs = 60_000;

const message = (
  order: number,
  minutes: number,
  { author = 'peer', body }: { author?: 'self' | 'peer'; body?: Message['body'] } = {},
): Message => ({
  id: `m${String(order)}` as MessageId,
  conversationId: 'c' as ConversationId,
  order,
  at: noon + minutes * minuteMs,
  author,
  status: 'stored',
  body: body ?? { type: 'text', text: 'x' },
});

const allRead: Unread = { unreadAfter: null, unreadCount: 0, hasOlder: false };

/** A line in short: `D` day, `U3` unread line with its count, `(1)` a run of one, `(2 3)` of two. */
function shortly(messages: Message[], unreadAfter: number | null = null, more = {}): string {
  return linesOf(messages, { ...allRead, unreadAfter, ...more })
    .map((line) => {
      if (line.type === 'day') return 'D';
      if (line.type === 'unread') return `U${String(line.count)}`;
      return `${line.first ? '(' : ''}${String(line.message.order)}${line.last ? ')' : ''}`;
    })
    .join(' ');
}

describe('the lines of a conversation', () => {
  it('has none without messages', () => {
    expect(linesOf([], { ...allRead, unreadAfter: 0 })).toEqual([]);
  });

  it('puts one sender within five minutes into one run', () => {
    expect(shortly([message(1, 0), message(2, 5), message(3, 10.1)])).toBe('D (1 2) (3)');
  });

  it('begins a run with another sender, a call, a notice and another day', () => {
    const call = message(2, 1, { body: { type: 'notice', notice: 'verified' } });
    expect(
      shortly([
        message(1, 0),
        call,
        message(3, 2),
        message(4, 3, { author: 'self' }),
        message(5, 13 * 60),
      ]),
    ).toBe('D (1) (2) (3) (4) D (5)');
  });

  it('gives each day its lines, and a label that stays when earlier messages come', () => {
    const later = [message(2, 10), message(3, 13 * 60), message(4, 20)];
    const days = (messages: Message[]) =>
      daysOf(linesOf(messages, allRead)).map(([day, ...rest]) => [day?.key, rest.length]);
    const [today, tomorrow, again] = days(later).map(([key]) => key);
    expect(new Set([today, tomorrow, again]).size).toBe(3);
    expect(days([message(1, 0), ...later])).toEqual([
      [today, 2],
      [tomorrow, 1],
      [again, 1],
    ]);
  });

  it('draws the unread line before the first unread message of the other', () => {
    expect(shortly([message(1, 0), message(2, 1), message(3, 2)], 1)).toBe('D (1) U2 (2 3)');
    expect(shortly([message(1, 0), message(2, 1, { author: 'self' }), message(3, 2)], 1)).toBe(
      'D (1) (2) U1 (3)',
    );
    expect(shortly([message(1, 0)], 1)).toBe('D (1)');
  });

  it('counts as unread what came before one answered', () => {
    const answer = message(3, 2, { author: 'self' });
    const talk = [message(1, 0), message(2, 1), answer, message(4, 3), message(5, 4)];
    expect(shortly(talk, 0)).toBe('D U2 (1 2) (3) (4 5)');
  });

  it('draws no unread line where what is unread begins further up', () => {
    const talk = [message(5, 0), message(6, 1)];
    expect(shortly(talk, 4, { hasOlder: true })).toBe('D (5 6)');
    expect(shortly(talk, 5, { hasOlder: true })).toBe('D (5) U1 (6)');
    expect(shortly(talk, 4)).toBe('D U2 (5 6)');
  });

  it('counts also those that were unread and are not shown yet', () => {
    const talk = [message(5, 0), message(6, 1), message(7, 2)];
    expect(shortly(talk, 5, { unreadCount: 90 })).toBe('D (5) U90 (6 7)');
    expect(shortly(talk, 5, { unreadCount: 1 })).toBe('D (5) U2 (6 7)');
  });
});
