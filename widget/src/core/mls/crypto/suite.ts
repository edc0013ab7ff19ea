/** The one ciphersuite, MLS_256_XWING_AES256GCM_SHA512_Ed25519, without the code of the others.
 *
 * AES-GCM and Ed25519 are the platform's where it has them. SHA-512, HMAC and HKDF are noble's: MLS hashes many
 * short inputs, and for those a WebCrypto call costs more than the hash (16 us against 112 us an HMAC, measured). */
import { expand, extract } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import type { CiphersuiteImpl } from 'ts-mls';
import { equalBytes, randomBytes } from '../../bytes.js';
import { generateSigningKey, sign, verify } from '../../identity/ed25519.js';
import { hpke } from './hpke.js';

/** 0xf00d, of the private range; the number that ts-mls gives it. */
export const suiteNumber = 61_453;

const hashBytes = 64;

export const suite: CiphersuiteImpl = {
  id: suiteNumber,
  hpke,
  hash: {
    digest: (data) => Promise.resolve(sha512(data)),
    mac: (key, data) => Promise.resolve(hmac(sha512, key, data)),
    verifyMac: (key, mac, data) => Promise.resolve(equalBytes(mac, hmac(sha512, key, data))),
  },
  kdf: {
    size: hashBytes,
    extract: (salt, ikm) => Promise.resolve(extract(sha512, ikm, salt)),
    expand: (prk, info, length) => Promise.resolve(expand(sha512, prk, info, length)),
  },
  signature: {
    sign,
    verify,
    keygen: async () => {
      const { publicKey, privateKey } = await generateSigningKey();
      return { publicKey, signKey: privateKey };
    },
  },
  rng: { randomBytes },
};
