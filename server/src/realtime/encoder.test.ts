import { decode, encode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import type { LiveEvent } from '../events/contract.js';
import { conversationIdSchema, deviceIdSchema, envelopeIdSchema, seqSchema } from '../ids.js';
import { frameEncoder, shareEncoding } from './encoder.js';

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

describe('frames of live events', () => {
  test.each([0, 1, 127, 128, 255, 65_535, 65_536, 2 ** 31, 'seven', ''])(
    'are byte for byte those of the plain encoder (request id %s)',
    (requestId) => {
      const event = envelope();
      shareEncoding(event);
      const frame = { id: requestId, jsonrpc: undefined, result: { type: 'data', data: event } };
      expect([...frameEncoder.encode(frame)]).toEqual([...plain(frame)]);
      // And again, now from the remembered bytes.
      expect([...frameEncoder.encode(frame)]).toEqual([...plain(frame)]);
      expect(decode(frameEncoder.encode(frame))).toEqual(decode(plain(frame)));
    },
  );

  test('of 64 kB are the same too', () => {
    const event = envelope(65_536);
    shareEncoding(event);
    const frame = { id: 1, result: { type: 'data', data: event } };
    expect(Buffer.compare(frameEncoder.encode(frame), plain(frame))).toBe(0);
  });

  test('are encoded once for all receivers', () => {
    let reads = 0;
    const event = envelope();
    const counted = new Proxy(event, {
      get: (target, key, receiver): unknown => {
        if (key === 'type') reads += 1;
        return Reflect.get(target, key, receiver);
      },
    });
    shareEncoding(counted);
    frameEncoder.encode({ id: 1, result: { type: 'data', data: counted } });
    const readsOfOne = reads;
    expect(readsOfOne).toBeGreaterThan(0);
    for (let receiver = 2; receiver <= 50; receiver += 1) {
      frameEncoder.encode({ id: receiver, result: { type: 'data', data: counted } });
    }
    expect(reads).toBe(readsOfOne);
  });

  test.each([
    ['a tracked one', { id: 1, result: { type: 'data', id: 'x', data: envelope() } }],
    ['with jsonrpc', { id: 1, jsonrpc: '2.0', result: { type: 'data', data: envelope() } }],
    ['without an id', { id: null, result: { type: 'data', data: envelope() } }],
    ['that ended', { id: 1, result: { type: 'stopped' } }],
    ['that failed', { id: 1, error: { code: -32_000, message: 'internal' } }],
    ['of no event', { id: 1, result: { type: 'data', data: null } }],
    ['of a list', { id: 1, result: { type: 'data', data: [1, 2] } }],
  ])('leave a frame %s to the plain encoder', (_what, frame) => {
    const { result } = frame as { result?: { data?: unknown } };
    if (typeof result?.data === 'object' && result.data !== null && !Array.isArray(result.data)) {
      shareEncoding(result.data as LiveEvent);
    }
    expect([...frameEncoder.encode(frame)]).toEqual([...plain(frame)]);
  });
});

describe('frames of clients', () => {
  test('decode to what was sent', () => {
    const frame = {
      id: 1,
      method: 'query',
      params: { path: 'x', input: { bytes: Uint8Array.of(1, 2) } },
    };
    expect(frameEncoder.decode(plain(frame))).toEqual(frame);
    expect(frameEncoder.decode(plain(frame).slice().buffer)).toEqual(frame);
  });

  test('are refused as text', () => {
    expect(() => frameEncoder.decode('{"id":1}')).toThrow(TypeError);
  });
});
