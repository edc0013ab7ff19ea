import { expect, test } from 'vitest';
import type { LiveEvent } from './contract.js';
import { EventQueue } from './event-queue.js';

const event = (oneTime: number): LiveEvent => ({ type: 'key_packages_low', oneTime });

test('events are taken in order, whether they wait or are waited for', async () => {
  const queue = new EventQueue();
  queue.push(event(1));
  queue.push(event(2));
  expect(await queue.take()).toEqual(event(1));
  expect(await queue.take()).toEqual(event(2));
  const later = queue.take();
  queue.push(event(3));
  expect(await later).toEqual(event(3));
});

test('the end comes after what waits', async () => {
  const queue = new EventQueue();
  queue.push(event(1));
  queue.end();
  queue.push(event(2));
  expect(await queue.take()).toEqual(event(1));
  expect(await queue.take()).toBeNull();
  expect(queue.overflowed).toBe(false);
});

test('the end wakes who waits', async () => {
  const queue = new EventQueue();
  const waiting = queue.take();
  queue.end();
  expect(await waiting).toBeNull();
});

test('a thousand events may wait; with one more the queue ends and holds nothing', async () => {
  const queue = new EventQueue();
  for (let index = 0; index < 1_000; index += 1) queue.push(event(index));
  expect(queue.overflowed).toBe(false);
  queue.push(event(1_000));
  expect(queue.overflowed).toBe(true);
  expect(await queue.take()).toBeNull();
});
