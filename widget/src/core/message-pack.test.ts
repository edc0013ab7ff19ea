import * as library from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode } from './message-pack.js';

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.integer(),
  fc.integer({ min: -300, max: 300 }),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.uint8Array({ maxLength: 300 }),
);
/** Both refuse to read the one that would be an object's prototype. */
const key = fc.string().filter((text) => text !== '__proto__');
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(key, tie('value'), { noNullPrototype: true, maxKeys: 20 }),
  ),
}));

describe('MessagePack', () => {
  it('is written byte for byte as the library does, and read by it', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const bytes = encode(value);
        expect(bytes).toEqual(library.encode(value, { ignoreUndefined: true }).slice());
        expect(decode(bytes)).toEqual(library.decode(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('has every form of a length and of an integer at its bounds', () => {
    const lengths = [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536];
    const integers = [5, 7, 8, 15, 16, 31, 32, 52].flatMap((bits) =>
      [2 ** bits - 1, 2 ** bits, 2 ** bits + 1].flatMap((value) => [value, -value]),
    );
    const values = [
      ...integers,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      0.5,
      -0.5,
      1e300,
      Infinity,
      ...lengths.map((length) => 'x'.repeat(length)),
      ...lengths.map((length) => new Uint8Array(length)),
      ...lengths.slice(0, -2).map((length) => Array.from({ length }, () => 1)),
      ...lengths
        .slice(0, -2)
        .map((length) =>
          Object.fromEntries(Array.from({ length }, (_, index) => [`k${String(index)}`, index])),
        ),
    ];
    for (const value of values) {
      const bytes = encode(value);
      expect(Buffer.compare(bytes, library.encode(value))).toBe(0);
      expect(decode(bytes)).toEqual(value);
    }
  });

  it('keeps a mark of byte order at the start of a text, and leaves out what is undefined', () => {
    expect(decode(encode('\uFEFFa'))).toBe('\uFEFFa');
    expect(decode(encode({ a: undefined, b: 1 }))).toEqual({ b: 1 });
    expect(decode(encode([undefined]))).toEqual([null]);
  });

  it('reads forms that are longer than need be, as others may write them', () => {
    expect(decode(Uint8Array.of(0xcd, 0, 5))).toBe(5);
    expect(decode(Uint8Array.of(0xca, 0x3f, 0x80, 0, 0))).toBe(1);
    expect(decode(Uint8Array.of(0xdd, 0, 0, 0, 1, 0xc2))).toEqual([false]);
    expect(decode(Uint8Array.of(0xd3, 255, 255, 255, 255, 255, 255, 255, 254))).toBe(-2);
  });

  it.each([
    ['nothing', []],
    ['two values', [1, 2]],
    ['a text cut off', [0xa5, 0x61]],
    ['an unused format', [0xc1]],
    ['an extension', [0xd4, 1, 0]],
    ['a key that is no text', [0x81, 1, 1]],
    ['a prototype', [0x81, 0xa9, ...Buffer.from('__proto__'), 0x80]],
    ['bytes of four gigabytes', [0xc6, 255, 255, 255, 255]],
    ['a list of four thousand million', [0xdd, 255, 255, 255, 255, 1]],
    ['a map of as many', [0xdf, 255, 255, 255, 255, 0xa0, 1]],
    ['lists in lists without end', Array.from({ length: 1_000 }, () => 0x91)],
  ])('refuses %s', (_what, bytes) => {
    expect(() => decode(Uint8Array.from(bytes))).toThrow(/./);
  });

  it('refuses a frame of a million small values before it holds them', () => {
    const bytes = new Uint8Array(1_000_005).fill(0x90);
    bytes.set([0xdd, 0x00, 0x0f, 0x42, 0x40]);
    const before = process.memoryUsage().heapUsed;
    expect(() => decode(bytes)).toThrow(RangeError);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(30_000_000);
  });

  it('never gives anything but a value or an error for random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        try {
          expect(decode(encode(decode(bytes)))).toBeDefined();
        } catch (error) {
          expect(error instanceof RangeError || error instanceof TypeError).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not write what it could not read', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100; level += 1) deep = [deep];
    expect(() => encode(deep)).toThrow(RangeError);
    expect(() => encode(() => 1)).toThrow(TypeError);
    expect(() => encode(1n)).toThrow(TypeError);
  });
});
