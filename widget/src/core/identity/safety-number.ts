/** Safety number, version 1: 60 digits by which two people compare their account keys.
 *
 * It follows Signal's numeric fingerprint over our own inputs. Each side has a half:
 *
 *     input = utf8("parley safety number v1") || 0x00 || utf8(address) || 0x00 || accountKey
 *     hash  = SHA-512(input); then 5,199 times: hash = SHA-512(hash || accountKey)
 *     half  = for i = 0..5: (bytes 5i..5i+4 of hash, big-endian) mod 100,000, as 5 digits
 *
 * The two halves in ascending order make the number, so both sides read the same. 5,200 rounds make the
 * search for a key with a chosen 30-digit half (about 2^99.6) dearer by 2^12.3.
 * Source: https://signal.org/docs/ (fingerprints of libsignal). */
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../bytes.js';
import type { Address } from '../ids.js';

const rounds = 5_200;

export interface AccountRef {
  address: Address;
  /** Ed25519 public key, 32 bytes. */
  accountKey: Uint8Array;
}

/** @returns 12 groups of 5 digits, the same on both sides. */
export function safetyNumber(one: AccountRef, other: AccountRef): string[] {
  const halves = [half(one), half(other)].sort((a, b) => (a.join('') < b.join('') ? -1 : 1));
  return halves.flat();
}

function half({ address, accountKey }: AccountRef): string[] {
  const zero = new Uint8Array(1);
  let hash: Uint8Array = sha512(
    concat(utf8('parley safety number v1'), zero, utf8(address), zero, accountKey),
  );
  for (let round = 1; round < rounds; round += 1) hash = sha512(concat(hash, accountKey));
  return Array.from({ length: 6 }, (_, group) => {
    const value = hash
      .subarray(group * 5, group * 5 + 5)
      .reduce((sum, byte) => sum * 256 + byte, 0);
    return String(value % 100_000).padStart(5, '0');
  });
}

/** Hue of an account's avatar: 0 to 359, from its key, so that an impostor with the same name looks different. */
export function accountHue(accountKey: Uint8Array): number {
  const hash = sha512(concat(utf8('parley hue v1'), accountKey));
  return (((hash[0] ?? 0) << 8) | (hash[1] ?? 0)) % 360;
}
