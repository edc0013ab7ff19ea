/** HPKE (RFC 9180), base mode only, for X-Wing, HKDF-SHA512 and AES-256-GCM, in the shape that ts-mls asks for. */
/* eslint-disable parley/few-parameters -- the shape is that of ts-mls and of the RFC */
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { CryptoError, type CiphersuiteImpl, type PrivateKey, type PublicKey } from 'ts-mls';
import { concat, randomBytes, utf8 } from '../../bytes.js';
import * as aesGcm from './aes-gcm.js';
import * as xWing from './x-wing.js';

type Hpke = CiphersuiteImpl['hpke'];

const keyLength = 32;
const nonceLength = 12;
const empty = new Uint8Array();

/** "HPKE", then the registered numbers of KEM (X-Wing 0x647a), KDF (HKDF-SHA512 3) and AEAD (AES-256-GCM 2). */
const suiteId = concat(utf8('HPKE'), Uint8Array.of(0x64, 0x7a, 0, 3, 0, 2));
const version = utf8('HPKE-v1');
const baseMode = Uint8Array.of(0);

/** LabeledExtract and LabeledExpand, RFC 9180, section 4. */
const labeledExtract = (salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array =>
  extract(sha512, concat(version, suiteId, utf8(label), ikm), salt);
const labeledExpand = (
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array =>
  expand(
    sha512,
    prk,
    concat(Uint8Array.of(length >> 8, length & 0xff), version, suiteId, utf8(label), info),
    length,
  );

/** KeySchedule in base mode, RFC 9180, section 5.1. Only the first message of a context is ever sent, so the
 * nonce is the base nonce. */
function schedule(sharedSecret: Uint8Array, info: Uint8Array) {
  const context = concat(
    baseMode,
    labeledExtract(empty, 'psk_id_hash', empty),
    labeledExtract(empty, 'info_hash', info),
  );
  const secret = labeledExtract(sharedSecret, 'secret', empty);
  return {
    key: () => labeledExpand(secret, 'key', context, keyLength),
    nonce: () => labeledExpand(secret, 'base_nonce', context, nonceLength),
    exported: (exporterContext: Uint8Array, length: number) =>
      labeledExpand(labeledExpand(secret, 'exp', context, 64), 'sec', exporterContext, length),
  };
}

/** Keys travel through ts-mls as opaque objects of its WebCrypto type; ours hold the raw bytes. */
const privateKeyOf = (bytes: Uint8Array): PrivateKey => ({ bytes }) as unknown as PrivateKey;
const publicKeyOf = (bytes: Uint8Array): PublicKey => ({ bytes }) as unknown as PublicKey;
const unwrapped = (key: PrivateKey | PublicKey): Uint8Array =>
  (key as unknown as { bytes: Uint8Array }).bytes;

/** A cryptographic failure tells nothing but that it failed. */
const failing = async <Result>(work: () => Promise<Result> | Result): Promise<Result> => {
  try {
    return await work();
  } catch {
    throw new CryptoError('HPKE failed');
  }
};

function ofLength(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new CryptoError('HPKE key of another length');
  return bytes.slice();
}

async function keyPair(
  seed: Uint8Array,
): Promise<{ privateKey: PrivateKey; publicKey: PublicKey }> {
  return { privateKey: privateKeyOf(seed), publicKey: publicKeyOf(await xWing.publicKeyOf(seed)) };
}

export const hpke: Hpke = {
  keyLength,
  nonceLength,
  seal: (publicKey, plaintext, info, aad = empty) =>
    failing(async () => {
      const { sharedSecret, ciphertext: enc } = await xWing.encapsulate(unwrapped(publicKey));
      const { key, nonce } = schedule(sharedSecret, info);
      return {
        enc,
        ct: await aesGcm.seal({ key: key(), nonce: nonce(), additionalData: aad }, plaintext),
      };
    }),
  open: (privateKey, kemOutput, ciphertext, info, aad = empty) =>
    failing(async () => {
      const { key, nonce } = schedule(
        await xWing.decapsulate(unwrapped(privateKey), kemOutput),
        info,
      );
      return aesGcm.open({ key: key(), nonce: nonce(), additionalData: aad }, ciphertext);
    }),
  exportSecret: (publicKey, exporterContext, length, info) =>
    failing(async () => {
      const { sharedSecret, ciphertext: enc } = await xWing.encapsulate(unwrapped(publicKey));
      return { enc, secret: schedule(sharedSecret, info).exported(exporterContext, length) };
    }),
  importSecret: (privateKey, exporterContext, kemOutput, length, info) =>
    failing(async () =>
      schedule(await xWing.decapsulate(unwrapped(privateKey), kemOutput), info).exported(
        exporterContext,
        length,
      ),
    ),
  encryptAead: (key, nonce, aad = empty, plaintext) =>
    aesGcm.seal({ key, nonce, additionalData: aad }, plaintext),
  decryptAead: (key, nonce, aad = empty, ciphertext) =>
    failing(() => aesGcm.open({ key, nonce, additionalData: aad }, ciphertext)),
  importPrivateKey: (bytes) => failing(() => privateKeyOf(ofLength(bytes, xWing.seedBytes))),
  importPublicKey: (bytes) => failing(() => publicKeyOf(ofLength(bytes, xWing.publicKeyBytes))),
  exportPrivateKey: (key) => Promise.resolve(unwrapped(key)),
  exportPublicKey: (key) => Promise.resolve(unwrapped(key)),
  deriveKeyPair: (ikm) => keyPair(xWing.deriveSeed(ikm)),
  generateKeyPair: () => keyPair(randomBytes(xWing.seedBytes)),
};
