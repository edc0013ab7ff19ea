import { describe, expect, it } from 'vitest';
import type { ConversationId, MessageId } from '../core/ids.js';
import type { Message } from '../core/snapshot.js';
import { windowMessagesMax, type MessagesChange } from './message-window.js';
import { drawingMs, Pace, perFrameMax, perFrameMin } from './pace.js';

const change = (from: number, count: number, removed: string[] = []): MessagesChange => ({
  messages: Array.from({ length: count }, (_, index): Message => ({
    id: `m${String(from + index)}` as MessageId,
    conversationId: 'c' as ConversationId,
    order: from + index,
    at: 0,
    author: 'peer',
    status: 'stored',
    body: { type: 'text', text: '' },
  })),
  removed: removed as MessageId[],
});
const orders = (changes: readonly MessagesChange[]): number[] =>
  changes.flatMap(({ messages }) => messages.map(({ order }) => order));
const range = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

describe('the pace of drawing', () => {
  it('lets a frame have as many as it can draw, and the next ones the rest, in order', () => {
    const pace = new Pace();
    expect(orders(pace.add(change(0, perFrameMax - 1)))).toEqual(range(0, perFrameMax - 1));
    const second = pace.add(change(perFrameMax - 1, perFrameMax + 2, ['gone']));
    expect(orders(second)).toEqual([perFrameMax - 1]);
    expect(pace.add(change(100, 1))).toEqual([]);
    const third = pace.next(0);
    expect(orders(third)).toEqual(range(perFrameMax, perFrameMax));
    expect(third.flatMap(({ removed }) => removed)).toEqual([]);
    const fourth = pace.next(0);
    expect(orders(fourth)).toEqual([2 * perFrameMax, 100]);
    expect(fourth.flatMap(({ removed }) => removed)).toEqual(['gone']);
    expect(pace.next(0)).toEqual([]);
  });

  it('lets a frame have half as many when the last was slow to draw, and one more each time it was not', () => {
    const pace = new Pace();
    pace.add(change(0, windowMessagesMax));
    const after = (tookMs: number): number => orders(pace.next(tookMs)).length;
    expect(after(drawingMs)).toBe(perFrameMax);
    expect(after(drawingMs + 1)).toBe(perFrameMax / 2);
    expect(after(drawingMs)).toBe(perFrameMax / 2 + 1);
    for (let slow = 0; slow < 9; slow += 1) after(2 * drawingMs);
    expect(after(2 * drawingMs)).toBe(perFrameMin);
  });

  it('holds back no more than a window: what is more is drawn at once, as most of it is gone again', () => {
    const pace = new Pace();
    expect(orders(pace.add(change(0, windowMessagesMax)))).toHaveLength(perFrameMax);
    expect(orders(pace.add(change(windowMessagesMax, perFrameMax)))).toEqual([]);
    const rest = pace.add(change(windowMessagesMax + perFrameMax, 1));
    expect(orders(rest)).toEqual(range(perFrameMax, windowMessagesMax + 1));
  });

  it('gives everything up at once when asked', () => {
    const pace = new Pace();
    pace.add(change(0, perFrameMax + 5));
    expect(orders(pace.all())).toEqual(range(perFrameMax, 5));
    expect(pace.next(0)).toEqual([]);
  });
});
