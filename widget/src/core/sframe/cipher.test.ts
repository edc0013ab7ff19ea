import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, randomBytes, toHex } from '../bytes.js';
import {
  deriveKeyAndSalt,
  FrameCipher,
  readFrameHeader,
  suites,
  tagBytes,
  type SuiteNumber,
} from './cipher.js';
import { readHeader } from './header.js';
import { fromHex, readVectors } from './test/vectors.js';

describe.each(readVectors(readFileSync).sframe)('RFC 9605, C.3: suite $cipher_suite', (vector) => {
  const suite = vector.cipher_suite as SuiteNumber;
  const baseKey = fromHex(vector.base_key);
  const [keyId, counter] = [Number.parseInt(vector.kid, 16), Number.parseInt(vector.ctr, 16)];
  const metadata = fromHex(vector.metadata);
  const ciphertext = fromHex(vector.ct);

  test('key and salt', () => {
    const { key, salt } = deriveKeyAndSalt(suite, baseKey, keyId);
    expect(toHex(key)).toBe(vector.sframe_key);
    expect(toHex(salt)).toBe(vector.sframe_salt);
  });

  test('encryption and decryption, with the metadata as the clear bytes', async () => {
    const cipher = await FrameCipher.create(suite, baseKey, keyId);
    const frame = concat(metadata, fromHex(vector.pt));
    const sealed = await cipher.seal(frame, metadata.length, counter);
    expect(toHex(sealed)).toBe(vector.metadata + vector.ct);
    const header = readHeader(ciphertext);
    if (header === null) throw new Error('no header');
    expect(await cipher.open(sealed, metadata.length, header)).toEqual(frame);
  });
});

describe.each(Object.entries(suites))('%s', (_name, suite) => {
  test('any frame comes back, and grows by header and tag alone', async () => {
    const baseKey = randomBytes(32);
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          frame: fc.uint8Array({ maxLength: 300 }),
          clear: fc.nat(12),
          keyId: fc.nat(0xffffff),
          counter: fc.nat(0xffff),
        }),
        async ({ frame, clear, keyId, counter }) => {
          const clearBytes = Math.min(clear, frame.length);
          const cipher = await FrameCipher.create(suite, baseKey, keyId);
          const sealed = await cipher.seal(frame, clearBytes, counter);
          const header = readFrameHeader(sealed, clearBytes);
          if (header === null) throw new Error('no header');
          expect(header).toMatchObject({ keyId, counter });
          expect(sealed.length).toBe(frame.length + header.length + tagBytes);
          expect(sealed.subarray(0, clearBytes)).toEqual(frame.subarray(0, clearBytes));
          expect(await cipher.open(sealed, clearBytes, header)).toEqual(frame);
        },
      ),
    );
  });

  test("frames at the same time do not take each other's nonce or metadata", async () => {
    const [one, other] = [randomBytes(32), randomBytes(32)];
    const cipher = await FrameCipher.create(suite, one, 7);
    const frames = Array.from({ length: 50 }, (_, index) => randomBytes(20 + index));
    const sealed = await Promise.all(
      frames.map((frame, counter) => cipher.seal(frame, counter % 11, counter)),
    );
    // What a cipher makes that does one at a time.
    for (const [counter, frame] of frames.entries()) {
      const alone = await FrameCipher.create(suite, one, 7);
      expect(await alone.seal(frame, counter % 11, counter)).toEqual(sealed[counter]);
    }
    const stranger = await FrameCipher.create(suite, other, 7);
    const opened = await Promise.all(
      sealed.map(async (bytes, counter) => {
        const header = readFrameHeader(bytes, counter % 11);
        if (header === null) throw new Error('no header');
        expect(await stranger.open(bytes, counter % 11, header)).toBeNull();
        return cipher.open(bytes, counter % 11, header);
      }),
    );
    expect(opened).toEqual(frames);
  });

  test('no bit can be changed: clear bytes, header, ciphertext, tag', async () => {
    const cipher = await FrameCipher.create(suite, randomBytes(32), 0x123456);
    const sealed = await cipher.seal(randomBytes(40), 10, 0x1234);
    for (let index = 0; index < sealed.length; index += 1) {
      const altered = sealed.slice();
      altered[index] = (altered[index] ?? 0) ^ (1 << (index % 8));
      const header = readFrameHeader(altered, 10);
      expect(header === null ? null : await cipher.open(altered, 10, header)).toBeNull();
    }
    const header = readFrameHeader(sealed, 10);
    if (header === null) throw new Error('no header');
    expect(await cipher.open(sealed.subarray(0, 31), 10, header)).toBeNull();
    expect(await cipher.open(sealed, 10, { ...header, counter: 1n })).toBeNull();
  });
});
