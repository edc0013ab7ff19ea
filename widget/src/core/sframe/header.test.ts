import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '../bytes.js';
import { headerLength, readHeader, writeHeader, type HeaderNumber } from './header.js';
import { readVectors } from './test/vectors.js';

const number = (value: bigint): HeaderNumber => (value < 1n << 48n ? Number(value) : value);

test.each(readVectors(readFileSync).header)(
  'RFC 9605, C.1: kid $kid, ctr $ctr',
  ({ kid, ctr, encoded }) => {
    const [keyId, counter] = [number(BigInt(`0x${kid}`)), number(BigInt(`0x${ctr}`))];
    const bytes = new Uint8Array(headerLength(keyId, counter));
    expect(writeHeader(bytes, keyId, counter)).toBe(bytes.length);
    expect(toHex(bytes)).toBe(encoded);
    expect(readHeader(bytes)).toEqual({ keyId, counter, length: bytes.length });
    expect(readHeader(bytes.subarray(0, -1))).toBeNull();
  },
);

test('any pair of numbers comes back, whatever follows it', () => {
  const numbers = fc
    .oneof(fc.nat(), fc.maxSafeNat(), fc.bigInt(0n, (1n << 64n) - 1n))
    .map((value) => number(BigInt(value)));
  fc.assert(
    fc.property(numbers, numbers, fc.uint8Array({ maxLength: 20 }), (keyId, counter, rest) => {
      const bytes = new Uint8Array(headerLength(keyId, counter) + rest.length);
      const length = writeHeader(bytes, keyId, counter);
      bytes.set(rest, length);
      expect(readHeader(bytes)).toEqual({ keyId, counter, length });
    }),
  );
});

test('our headers have at most 6 bytes', () => {
  expect(headerLength(0xffffff, 0xffff)).toBe(6);
  expect(headerLength(0, 0)).toBe(1);
});
