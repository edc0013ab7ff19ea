import { expect, it } from 'vitest';
import type { ConversationId, MessageId } from '../../core/ids.js';
import type { Message } from '../../core/snapshot.js';
import { Rising, risingMax, risingMs } from './rising.js';

const upTo = (count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `m${String(index + 1)}` as MessageId,
    conversationId: 'c' as ConversationId,
    order: index + 1,
    at: 0,
    author: 'peer',
    status: 'stored',
    body: { type: 'text', text: '' },
  }));
/** The lines that rise, by their order. */
const risingOf = (rising: Rising, messages: Message[]): number[] =>
  messages.filter((message) => rising.has(message)).map(({ order }) => order);

it('has what is new rise, and nothing of a conversation that was just opened', () => {
  const rising = new Rising();
  rising.follow(upTo(10), Infinity, 0);
  expect(risingOf(rising, upTo(10))).toEqual([]);
  rising.follow(upTo(11), 10, 1_000);
  expect(risingOf(rising, upTo(11))).toEqual([11]);
});

it('lets a line rise to its end when another comes, and then has it stand', () => {
  const rising = new Rising();
  rising.follow(upTo(11), 10, 1_000);
  rising.follow(upTo(12), 11, 1_000 + risingMs - 1);
  expect(risingOf(rising, upTo(12))).toEqual([11, 12]);
  rising.follow(upTo(12), 12, 1_000 + risingMs);
  expect(risingOf(rising, upTo(12))).toEqual([11, 12]);
  rising.follow(upTo(13), 12, 1_000 + 2 * risingMs);
  expect(risingOf(rising, upTo(13))).toEqual([13]);
});

it('has nothing rise where more come at once than one can follow, or one after another without a pause', () => {
  const rising = new Rising();
  rising.follow(upTo(10 + risingMax), 10, 1_000);
  expect(risingOf(rising, upTo(10 + risingMax))).toHaveLength(risingMax);
  rising.follow(upTo(11 + risingMax), 10 + risingMax, 1_010);
  expect(risingOf(rising, upTo(11 + risingMax))).toEqual([]);
  rising.follow(upTo(99), 10, 5_000);
  expect(risingOf(rising, upTo(99))).toEqual([]);
});
