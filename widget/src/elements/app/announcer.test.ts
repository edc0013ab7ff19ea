/** A flood of messages must not become a flood of words. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Announcer } from './announcer.js';

let said: string[] = [];
const announcer = (): Announcer =>
  new Announcer({
    say: (text) => said.push(text),
    countText: (name, count) => `${name ?? 'all'} ${String(count)}`,
  });

beforeEach(() => {
  said = [];
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('says a single message at once, and the next one after a pause', () => {
  const one = announcer();
  one.arrived('Mira', 'Mira: first');
  expect(said).toEqual(['Mira: first']);
  one.arrived('Mira', 'Mira: second');
  expect(said).toHaveLength(1);
  vi.advanceTimersByTime(3_000);
  expect(said).toEqual(['Mira: first', 'Mira: second']);
});

it('counts ten thousand messages within a second in one sentence', () => {
  const one = announcer();
  for (let index = 0; index < 10_000; index += 1) one.arrived('Mira', `Mira: ${String(index)}`);
  vi.advanceTimersByTime(10_000);
  expect(said).toEqual(['Mira: 0', 'Mira 9999']);
});

it('names nobody where several wrote', () => {
  const one = announcer();
  for (const name of ['Mira', 'Tom', 'Mira', 'June']) one.arrived(name, `${name}: hello`);
  vi.advanceTimersByTime(3_000);
  expect(said).toEqual(['Mira: hello', 'all 3']);
});
