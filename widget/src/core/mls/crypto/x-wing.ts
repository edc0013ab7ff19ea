/** X-Wing, the hybrid of ML-KEM-768 and X25519. Source: draft-connolly-cfrg-xwing-kem-06, sections 5.2 to 5.4. */
import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { concat, randomBytes } from '../../bytes.js';
import * as x25519 from './x25519.js';

export const seedBytes = 32;
export const publicKeyBytes = 1216;
export const ciphertextBytes = 1120;

const mlKemPublicKeyBytes = 1184;
const mlKemCiphertextBytes = 1088;
const mlKemModulus = 3329;
/** `\.//^\`: the draft's label. */
const label = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

async function expandSeed(seed: Uint8Array) {
  const expanded = shake256(seed, { dkLen: 96 });
  const secretX = expanded.slice(64);
  return {
    mlKem: ml_kem768.keygen(expanded.subarray(0, 64)),
    secretX,
    publicX: await x25519.publicKeyOf(secretX),
  };
}

/** The public key of a 32-byte seed, which is the private key. */
export async function publicKeyOf(seed: Uint8Array): Promise<Uint8Array> {
  const { mlKem, publicX } = await expandSeed(seed);
  return concat(mlKem.publicKey, publicX);
}

/** HPKE's DeriveKeyPair for X-Wing: 32 bytes of SHAKE256 over the key material. */
export const deriveSeed = (keyMaterial: Uint8Array): Uint8Array =>
  shake256(keyMaterial, { dkLen: seedBytes });

/** Whether something can be encrypted to these bytes.
 * Source: FIPS 203, section 7.2 (the modulus check), RFC 7748, section 6.1 (no point of low order). */
export async function isPublicKey(bytes: Uint8Array): Promise<boolean> {
  if (bytes.length !== publicKeyBytes) return false;
  // Numbers of 12 bits, two in three bytes; behind them stands a seed.
  for (let at = 0; at < mlKemPublicKeyBytes - seedBytes; at += 3) {
    const [low = 0, middle = 0, high = 0] = bytes.subarray(at, at + 3);
    if (
      (low | ((middle & 15) << 8)) >= mlKemModulus ||
      ((middle >> 4) | (high << 4)) >= mlKemModulus
    )
      return false;
  }
  // The secret is thrown away: any private key will do.
  return x25519.sharedSecret(new Uint8Array(32).fill(1), bytes.slice(mlKemPublicKeyBytes)).then(
    () => true,
    () => false,
  );
}

export interface Encapsulated {
  sharedSecret: Uint8Array;
  ciphertext: Uint8Array;
}

/** @throws when the public key is malformed or of low order. */
export async function encapsulate(publicKey: Uint8Array): Promise<Encapsulated> {
  const publicX = publicKey.subarray(mlKemPublicKeyBytes);
  const ephemeral = randomBytes(32);
  const ciphertextX = await x25519.publicKeyOf(ephemeral);
  const sharedX = await x25519.sharedSecret(ephemeral, publicX);
  const { cipherText, sharedSecret: sharedM } = ml_kem768.encapsulate(
    publicKey.subarray(0, mlKemPublicKeyBytes),
  );
  return {
    sharedSecret: combine({ sharedM, sharedX, ciphertextX, publicX }),
    ciphertext: concat(cipherText, ciphertextX),
  };
}

/** @throws when the ciphertext is malformed; a wrong one gives a wrong secret, as ML-KEM rejects implicitly. */
export async function decapsulate(seed: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array> {
  if (ciphertext.length !== ciphertextBytes)
    throw new RangeError('X-Wing ciphertext of another length');
  const { mlKem, secretX, publicX } = await expandSeed(seed);
  const ciphertextX = ciphertext.subarray(mlKemCiphertextBytes);
  const sharedM = ml_kem768.decapsulate(
    ciphertext.subarray(0, mlKemCiphertextBytes),
    mlKem.secretKey,
  );
  const sharedX = await x25519.sharedSecret(secretX, ciphertextX);
  return combine({ sharedM, sharedX, ciphertextX, publicX });
}

interface Shares {
  sharedM: Uint8Array;
  sharedX: Uint8Array;
  ciphertextX: Uint8Array;
  publicX: Uint8Array;
}

const combine = ({ sharedM, sharedX, ciphertextX, publicX }: Shares): Uint8Array =>
  sha3_256(concat(sharedM, sharedX, ciphertextX, publicX, label));
