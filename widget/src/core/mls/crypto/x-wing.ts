/** X-Wing, the hybrid of ML-KEM-768 and X25519. Source: draft-connolly-cfrg-xwing-kem-06, sections 5.2 to 5.4. */
import { x25519 } from '@noble/curves/ed25519.js';
import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { concat, randomBytes } from '../../bytes.js';

export const seedBytes = 32;
export const publicKeyBytes = 1216;
export const ciphertextBytes = 1120;

const mlKemPublicKeyBytes = 1184;
const mlKemCiphertextBytes = 1088;
/** `\.//^\`: the draft's label. */
const label = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

function expandSeed(seed: Uint8Array) {
  const expanded = shake256(seed, { dkLen: 96 });
  const mlKem = ml_kem768.keygen(expanded.subarray(0, 64));
  const secretX = expanded.slice(64);
  return { mlKem, secretX, publicX: x25519.getPublicKey(secretX) };
}

/** The public key of a 32-byte seed, which is the private key. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  const { mlKem, publicX } = expandSeed(seed);
  return concat(mlKem.publicKey, publicX);
}

/** HPKE's DeriveKeyPair for X-Wing: 32 bytes of SHAKE256 over the key material. */
export const deriveSeed = (keyMaterial: Uint8Array): Uint8Array =>
  shake256(keyMaterial, { dkLen: seedBytes });

/** @throws when the public key is malformed or of low order. */
export function encapsulate(publicKey: Uint8Array): {
  sharedSecret: Uint8Array;
  ciphertext: Uint8Array;
} {
  const publicX = publicKey.subarray(mlKemPublicKeyBytes);
  const ephemeral = randomBytes(32);
  const ciphertextX = x25519.getPublicKey(ephemeral);
  const secretX = x25519.getSharedSecret(ephemeral, publicX);
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(
    publicKey.subarray(0, mlKemPublicKeyBytes),
  );
  return {
    sharedSecret: combine({ sharedM: sharedSecret, sharedX: secretX, ciphertextX, publicX }),
    ciphertext: concat(cipherText, ciphertextX),
  };
}

/** @throws when the ciphertext is malformed; a wrong one gives a wrong secret, as ML-KEM rejects implicitly. */
export function decapsulate(seed: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  if (ciphertext.length !== ciphertextBytes)
    throw new RangeError('X-Wing ciphertext of another length');
  const { mlKem, secretX, publicX } = expandSeed(seed);
  const ciphertextX = ciphertext.subarray(mlKemCiphertextBytes);
  const sharedM = ml_kem768.decapsulate(
    ciphertext.subarray(0, mlKemCiphertextBytes),
    mlKem.secretKey,
  );
  return combine({
    sharedM,
    sharedX: x25519.getSharedSecret(secretX, ciphertextX),
    ciphertextX,
    publicX,
  });
}

interface Shares {
  sharedM: Uint8Array;
  sharedX: Uint8Array;
  ciphertextX: Uint8Array;
  publicX: Uint8Array;
}

const combine = ({ sharedM, sharedX, ciphertextX, publicX }: Shares): Uint8Array =>
  sha3_256(concat(sharedM, sharedX, ciphertextX, publicX, label));
