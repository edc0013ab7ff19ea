import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame } from './frame-codec.js';
import { transportLimits } from './limits.js';

const bufferOf = (value: unknown): ArrayBuffer => encode(value).slice().buffer;

describe('frames', () => {
  it('of an answer and of an error pass as they are', () => {
    const answer = { id: 3, result: { type: 'data', data: { bytes: Uint8Array.of(1, 2) } } };
    expect(decodeFrame(bufferOf(answer))).toEqual(answer);
    const error = { id: 3, error: { code: -32000, message: 'no', data: { code: 'internal' } } };
    expect(decodeFrame(bufferOf(error))).toEqual(error);
    expect(decodeFrame(encodeFrame(answer).slice().buffer)).toEqual(answer);
  });

  it('that announce long lists are refused before anything is made for them', () => {
    // Array 32 of 33,554,431 elements, a hundred deep: 256 MB each, if a decoder believes it.
    const lists = Array.from({ length: 100 }, () => [0xdd, 0x01, 0xff, 0xff, 0xff]).flat();
    const before = process.memoryUsage().rss;
    expect(decodeFrame(Uint8Array.from(lists).buffer)).toBeNull();
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });

  it('that are no answer are refused', () => {
    const hostile = [
      null,
      7,
      [],
      [{ id: 1, result: { type: 'data' } }],
      { id: 'x', result: { type: 'data' } },
      { id: 1, result: 'data' },
      { id: 1, result: { type: 'other' } },
      { id: 1, error: { message: 'no code' } },
      { id: null, method: 'reconnect' },
      {},
    ];
    for (const frame of hostile)
      expect(decodeFrame(bufferOf(frame)), JSON.stringify(frame)).toBeNull();
  });

  it('as text, or above the limit, are refused', () => {
    expect(decodeFrame('{"id":1}')).toBeNull();
    expect(decodeFrame(new ArrayBuffer(transportLimits.frameBytesMax + 1))).toBeNull();
    const data = new Uint8Array(transportLimits.frameBytesMax - 40);
    expect(decodeFrame(bufferOf({ id: 1, result: { type: 'data', data } }))).toMatchObject({
      id: 1,
    });
  });

  it('of random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeFrame(bytes.slice().buffer)).toBeTypeOf('object');
      }),
    );
  });
});
