import { expect, test } from 'vitest';
import { conversationIdSchema, deviceIdSchema, envelopeIdSchema, seqSchema } from '../ids.js';
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

const id = `${'i'.repeat(21)}A`;
/** A message that is so many bytes in all. */
function eventOf(bytes: number): LiveEvent {
  const event = (ciphertext: Uint8Array): LiveEvent => ({
    type: 'envelope',
    conversationId: conversationIdSchema.parse(id),
    envelope: {
      seq: seqSchema.parse(1),
      kind: 'message',
      id: envelopeIdSchema.parse(id),
      senderDevice: deviceIdSchema.parse(id),
      epoch: 1,
      ciphertext,
      storedAt: 1,
    },
  });
  // The words and ids: type, conversation, kind, id, sender.
  const around = 'envelope'.length + 'message'.length + 3 * id.length;
  return event(new Uint8Array(bytes - around));
}
const mebibyte = 1_048_576;

test('four mebibytes may wait; with one byte more the queue ends and holds nothing', async () => {
  const full = new EventQueue();
  for (let index = 0; index < 4; index += 1) full.push(eventOf(mebibyte));
  expect(full.overflowed).toBe(false);
  const over = new EventQueue();
  for (let index = 0; index < 3; index += 1) over.push(eventOf(mebibyte));
  over.push(eventOf(mebibyte + 1));
  expect(over.overflowed).toBe(true);
  expect(await over.take()).toBeNull();
});

test('what is taken makes room', async () => {
  const queue = new EventQueue();
  for (let index = 0; index < 20; index += 1) {
    queue.push(eventOf(3 * mebibyte));
    expect(await queue.take()).not.toBeNull();
  }
  queue.push(eventOf(mebibyte));
  queue.push(eventOf(3 * mebibyte));
  expect(queue.overflowed).toBe(false);
  queue.push(eventOf(100));
  expect(queue.overflowed).toBe(true);
});
