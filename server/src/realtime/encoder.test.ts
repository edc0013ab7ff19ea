import { encode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import type { LiveEvent } from '../events/contract.js';
import { conversationIdSchema, deviceIdSchema, envelopeIdSchema, seqSchema } from '../ids.js';
import { answerFrame, decodePayload, eventFrame, messageFrame } from './encoder.js';

const id = (letter: string): string => `${letter.repeat(21)}A`;

function envelope(bytes = 100): LiveEvent {
  return {
    type: 'envelope',
    conversationId: conversationIdSchema.parse(id('c')),
    envelope: {
      seq: seqSchema.parse(7),
      kind: 'message',
      id: envelopeIdSchema.parse(id('e')),
      senderDevice: deviceIdSchema.parse(id('d')),
      epoch: 3,
      ciphertext: new Uint8Array(bytes).fill(9),
      storedAt: 1_764_000_000_000,
    },
  };
}

const plain = (frame: unknown): Uint8Array => encode(frame, { ignoreUndefined: true });

/** The payload of a final, unmasked binary frame with the shortest head: RFC 6455, section 5.2. */
function payloadOf(frame: Buffer): Uint8Array {
  expect(frame[0]).toBe(0x82);
  const short = frame.readUInt8(1);
  const [head, length] =
    short < 126
      ? [2, short]
      : short === 126
        ? [4, frame.readUInt16BE(2)]
        : [10, Number(frame.readBigUInt64BE(2))];
  expect(length).toBeGreaterThanOrEqual(head === 2 ? 0 : head === 4 ? 126 : 65_536);
  expect(frame).toHaveLength(head + length);
  return frame.subarray(head);
}

const requestIds = [0, 1, 127, 128, 255, 65_535, 65_536, 2 ** 31, -1, 1.5, 'seven', ''];

describe('frames of live events', () => {
  test.each(requestIds)('are those of the plain encoder (request id %s)', (id) => {
    const event = envelope();
    const expected = plain({ id, result: { type: 'data', data: event } });
    expect([...payloadOf(eventFrame(id, event))]).toEqual([...expected]);
    // And again, now from the remembered bytes.
    expect([...payloadOf(eventFrame(id, event))]).toEqual([...expected]);
  });

  test.each([0, 1, 50, 125, 126, 65_535, 65_536, 70_000])(
    'of %i bytes more are the same too',
    (more) => {
      const event = envelope(1 + more);
      const frame = plain({ id: 1, result: { type: 'data', data: event } });
      expect(Buffer.compare(payloadOf(eventFrame(1, event)), frame)).toBe(0);
    },
  );

  test('are one buffer for all receivers, also of other ids one encoding', () => {
    let reads = 0;
    const counted = new Proxy(envelope(), {
      get: (target, key, receiver): unknown => {
        if (key === 'type') reads += 1;
        return Reflect.get(target, key, receiver);
      },
    });
    const first = eventFrame(1, counted);
    const readsOfOne = reads;
    expect(readsOfOne).toBeGreaterThan(0);
    expect(eventFrame(1, counted)).toBe(first);
    for (let id = 2; id <= 50; id += 1) eventFrame(id, counted);
    expect(reads).toBe(readsOfOne);
  });

  test('of another event are its own', () => {
    const [one, two] = [envelope(1), envelope(2)];
    for (const event of [one, two, one])
      expect([...payloadOf(eventFrame(1, event))]).toEqual([
        ...plain({ id: 1, result: { type: 'data', data: event } }),
      ]);
  });
});

describe('frames of answers', () => {
  test.each(requestIds)('are those of the plain encoder (request id %s)', (id) => {
    const data = { seq: 7, storedAt: 1_764_000_000_000, nothing: undefined };
    const expected = plain({ id, result: { type: 'data', data } });
    expect([...payloadOf(answerFrame(id, data))]).toEqual([...expected]);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a list', [1, 'two']],
    ['bytes', new Uint8Array(200)],
  ])('of %s too', (_what, data) => {
    expect([...payloadOf(answerFrame(1, data))]).toEqual([
      ...plain({ id: 1, result: { type: 'data', data } }),
    ]);
  });

  test('and of other messages', () => {
    const message = { id: null, error: { code: -32_000, message: 'internal' } };
    expect([...payloadOf(messageFrame(message))]).toEqual([...plain(message)]);
  });

  test('do not share memory with one another', () => {
    const first = answerFrame(1, { seq: 1 });
    const before = [...first];
    answerFrame(2, { seq: 2 });
    messageFrame({ id: 3 });
    expect([...first]).toEqual(before);
  });
});

describe('payloads of clients', () => {
  test('decode to what was sent', () => {
    const frame = {
      id: 1,
      method: 'query',
      params: { path: 'x', input: { bytes: Uint8Array.of(1, 2) } },
    };
    expect(decodePayload(plain(frame))).toEqual(frame);
  });
});
