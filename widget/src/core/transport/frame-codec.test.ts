import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameCodec } from './frame-codec.js';
import { transportLimits } from './limits.js';

function codec() {
  let malformed = 0;
  const frames = createFrameCodec(() => (malformed += 1));
  return { frames, malformed: () => malformed };
}
const bufferOf = (value: unknown): ArrayBuffer => encode(value).slice().buffer;

describe('frames', () => {
  it('of an answer and of an error pass as they are', () => {
    const { frames, malformed } = codec();
    const answer = { id: 3, result: { type: 'data', data: { bytes: Uint8Array.of(1, 2) } } };
    expect(frames.decode(bufferOf(answer))).toEqual(answer);
    const error = { id: 3, error: { code: -32000, message: 'no', data: { code: 'internal' } } };
    expect(frames.decode(bufferOf(error))).toEqual(error);
    expect(frames.decode(frames.encode(answer))).toEqual(answer);
    expect(malformed()).toBe(0);
  });

  it('that announce long lists are refused before anything is made for them', () => {
    const { frames, malformed } = codec();
    // Array 32 of 33,554,431 elements, a hundred deep: 256 MB each, if a decoder believes it.
    const lists = Array.from({ length: 100 }, () => [0xdd, 0x01, 0xff, 0xff, 0xff]).flat();
    const before = process.memoryUsage().rss;
    expect(frames.decode(Uint8Array.from(lists).buffer)).toMatchObject({ id: null });
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
    expect(malformed()).toBe(1);
  });

  it('that tRPC would stumble over end the connection instead', () => {
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
    for (const frame of hostile) {
      const { frames, malformed } = codec();
      expect(frames.decode(bufferOf(frame))).toMatchObject({ id: null });
      expect(malformed(), JSON.stringify(frame)).toBe(1);
    }
  });

  it('as text, or above the limit, end the connection', () => {
    for (const data of ['{"id":1}', new ArrayBuffer(transportLimits.frameBytesMax + 1)]) {
      const { frames, malformed } = codec();
      frames.decode(data);
      expect(malformed()).toBe(1);
    }
    const { frames, malformed } = codec();
    const data = new Uint8Array(transportLimits.frameBytesMax - 40);
    expect(frames.decode(bufferOf({ id: 1, result: { type: 'data', data } }))).toMatchObject({
      id: 1,
    });
    expect(malformed()).toBe(0);
  });

  it('of random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(codec().frames.decode(bytes)).toBeTypeOf('object');
      }),
    );
  });
});
