import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkFrame } from './frame-check.js';

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

describe('the first look at a frame', () => {
  test('lets every kind of value through', () => {
    const values = [
      null, true, false, 0, 127, 128, 65_535, 65_536, 2 ** 32, 2 ** 50, -1, -33, -129, -40_000, -(2 ** 40), 1.5,
      '', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(256), 'x'.repeat(70_000),
      new Uint8Array(1), new Uint8Array(300), new Uint8Array(70_000),
      [], Array.from({ length: 15 }, () => 1), Array.from({ length: 16 }, () => 1),
      {}, Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${String(index)}`, index])),
    ]; // prettier-ignore
    for (const value of values) expect(() => checkFrame(encode(value))).not.toThrow();
    expect(() => checkFrame(encode(values))).not.toThrow();
  });

  test('agrees with the encoder on whatever is within the bounds', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(() => checkFrame(encode(value))).not.toThrow();
      }),
    );
  });

  test('bounds the depth: 15 lists pass, 16 do not', () => {
    expect(() => checkFrame(encode(nested(15)))).not.toThrow();
    expect(() => checkFrame(encode(nested(16)))).toThrow('nested too deep');
  });

  test('bounds the number of values: 8,192 pass, one more does not', () => {
    const zeros = (count: number): Uint8Array => encode(Array.from({ length: count }, () => 0));
    expect(() => checkFrame(zeros(8_191))).not.toThrow();
    expect(() => checkFrame(zeros(8_192))).toThrow('too many values');
  });

  test.each([
    ['empty', []],
    ['a list that promises four billion values', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map that promises four billion entries', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['a string that promises four gigabytes', [0xdb, 0xff, 0xff, 0xff, 0xff]],
    ['bytes that end early', [0xc4, 0x05, 1, 2]],
    ['a number that ends early', [0xcf, 1, 2]],
    ['a head alone', [0xda]],
    ['an extension', [0xd4, 0x01, 0x00]],
    ['a timestamp', [0xd6, 0xff, 0, 0, 0, 0]],
    ['the byte that means nothing', [0xc1]],
  ])('refuses %s', (_what, bytes) => {
    expect(() => checkFrame(Uint8Array.from(bytes))).toThrow(RangeError);
  });

  test('reads no further than the bound into two megabytes of opening lists', () => {
    expect(() => checkFrame(new Uint8Array(2_000_000).fill(0x91))).toThrow('nested too deep');
  });

  test('never fails otherwise on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          checkFrame(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
