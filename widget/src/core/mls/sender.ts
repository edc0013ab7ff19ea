/** Who sent a PrivateMessage (RFC 9420, section 6.3.2): ts-mls opens it but does not tell. */
import { expand } from '@noble/hashes/hkdf.js';
import { sha512 } from '@noble/hashes/sha2.js';
import type { PrivateMessage } from 'ts-mls';
import { concat, utf8 } from '../bytes.js';
import { open } from './crypto/aes-gcm.js';
import { MlsError } from './errors.js';

const sampleBytes = 64; // KDF.Nh of the suite
const keyBytes = 32;
const nonceBytes = 12;

/** The sender's leaf index, and the generation of its key. They count only together with the signature, which opening the
 * message verifies.
 * @throws MlsError `undecryptable` */
export async function readSender(
  message: PrivateMessage,
  senderDataSecret: Uint8Array,
): Promise<{ leafIndex: number; generation: number }> {
  const sample = message.ciphertext.subarray(0, sampleBytes);
  const key = expandWithLabel(senderDataSecret, 'key', { context: sample, length: keyBytes });
  const nonce = expandWithLabel(senderDataSecret, 'nonce', { context: sample, length: nonceBytes });
  const epoch = new Uint8Array(8);
  new DataView(epoch.buffer).setBigUint64(0, message.epoch);
  const additionalData = concat(vector(message.groupId), epoch, Uint8Array.of(message.contentType));
  let senderData: Uint8Array;
  try {
    senderData = await open({ key, nonce, additionalData }, message.encryptedSenderData);
  } catch {
    throw new MlsError('undecryptable');
  }
  if (senderData.length !== 12) throw new MlsError('undecryptable');
  const view = new DataView(senderData.buffer, senderData.byteOffset);
  return { leafIndex: view.getUint32(0), generation: view.getUint32(4) };
}

/** ExpandWithLabel, RFC 9420, section 8. */
export function expandWithLabel(
  secret: Uint8Array,
  label: string,
  { context, length }: { context: Uint8Array; length: number },
): Uint8Array {
  const info = concat(
    Uint8Array.of(length >> 8, length & 0xff),
    vector(utf8(`MLS 1.0 ${label}`)),
    vector(context),
  );
  return expand(sha512, secret, info, length);
}

/** A variable-size vector (RFC 9420, section 2.1.2), of fewer than 16,384 bytes. */
export function vector(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  return concat(
    length < 64 ? Uint8Array.of(length) : Uint8Array.of(0x40 | (length >> 8), length & 0xff),
    bytes,
  );
}
