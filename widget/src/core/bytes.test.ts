import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  concat,
  equalBytes,
  fromBase64Url,
  randomBytes,
  toBase64Url,
  toHex,
  utf8,
} from './bytes.js';

test('base64url comes back, and has one spelling per value', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = toBase64Url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(fromBase64Url(text)).toEqual(bytes);
    }),
  );
  for (const wrong of ['A', 'AB', 'AA==', 'A+', 'A/AA', 'A A', 'AAé'])
    expect(fromBase64Url(wrong)).toBeNull();
});

test('joining, comparing, hex', () => {
  expect(concat(utf8('a'), new Uint8Array(), utf8('bc'))).toEqual(utf8('abc'));
  expect(toHex(Uint8Array.of(0, 15, 255))).toBe('000fff');
  expect(equalBytes(utf8('ab'), utf8('ab'))).toBe(true);
  expect(equalBytes(utf8('ab'), utf8('ac'))).toBe(false);
  expect(equalBytes(utf8('ab'), utf8('abc'))).toBe(false);
  expect(randomBytes(16)).not.toEqual(randomBytes(16));
});
