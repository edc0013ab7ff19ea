import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeKeyPackage, ourSuiteNumber } from '../../test/key-packages.js';
import { makeDevice, makePerson } from '../../test/person.js';
import { verifyEd25519 } from '../ed25519.js';
import { siteKeySchema } from '../ids.js';
import { decodeKeyPackage, KeyPackageError, signContent } from './key-package.js';

const site = {
  key: siteKeySchema.parse(`pk_${'s'.repeat(22)}`),
  domain: 'shop.example',
  origins: new Set<string>(),
  reach: 'network',
  insecureAllowed: false,
  retentionSeconds: 1,
} as const;
const person = makePerson(site, 'ada');
const device = makeDevice(person);
const bytes = await makeKeyPackage(person, device, {
  notBefore: 1_700_000_000,
  notAfter: 1_800_000_000,
});

describe('a key package of the library that clients use', () => {
  test('is read', () => {
    const keyPackage = decodeKeyPackage(bytes);
    expect(keyPackage.suite).toBe(ourSuiteNumber);
    expect(keyPackage.suite).toBe(61_453);
    expect(keyPackage.signatureKey).toEqual(device.signatureKey);
    expect(keyPackage.notBefore).toBe(1_700_000_000);
    expect(keyPackage.notAfter).toBe(1_800_000_000);
  });

  test('is signed over exactly the parts that are taken', () => {
    const { leafNodeTbs, leafNodeSignature, keyPackageTbs, keyPackageSignature } =
      decodeKeyPackage(bytes);
    const verify = (label: string, content: Uint8Array, signature: Uint8Array): boolean =>
      verifyEd25519(device.signatureKey, signContent(label, content), signature);
    expect(verify('LeafNodeTBS', leafNodeTbs, leafNodeSignature)).toBe(true);
    expect(verify('KeyPackageTBS', keyPackageTbs, keyPackageSignature)).toBe(true);
    expect(verify('LeafNodeTBS', keyPackageTbs, keyPackageSignature)).toBe(false);
    expect(verify('KeyPackageTBS', keyPackageTbs, leafNodeSignature)).toBe(false);
  });

  test('cut short anywhere is none, nor with anything behind it', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeKeyPackage(bytes.subarray(0, length))).toThrow(KeyPackageError);
    }
    expect(() => decodeKeyPackage(Uint8Array.of(...bytes, 0))).toThrow(KeyPackageError);
  });

  test('is malformed or unsigned with any single bit turned', () => {
    const verify = (changed: Uint8Array): boolean => {
      const read = decodeKeyPackage(changed);
      return (
        verifyEd25519(device.signatureKey, signContent('KeyPackageTBS', read.keyPackageTbs), read.keyPackageSignature)
      ); // prettier-ignore
    };
    fc.assert(
      fc.property(fc.nat({ max: bytes.length * 8 - 1 }), (bit) => {
        const changed = bytes.slice();
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        try {
          expect(verify(changed)).toBe(false);
        } catch (error) {
          expect(error).toBeInstanceOf(KeyPackageError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('random bytes are no key package, and nothing worse', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (random) => {
      expect(() => decodeKeyPackage(Uint8Array.of(0, 1, ...random))).toThrow(KeyPackageError);
    }),
  );
});

test.each([
  ['one byte too long for its value', [0x40, 0x05, 1, 2, 3, 4, 5]],
  ['of the reserved form', [0xc0, 0, 0, 0, 0, 0, 0, 0]],
  ['beyond the end', [0x3f, 1]],
])('a length %s is refused', (_what, vector) => {
  expect(() => decodeKeyPackage(Uint8Array.of(0, 1, 0xf0, 0x0d, ...vector))).toThrow(
    KeyPackageError,
  );
});
