/** Sender data of a PrivateMessage (RFC 9420, section 6.3.2), read and written apart from the library. */
import { expand } from '@noble/hashes/hkdf.js';
import { sha512 } from '@noble/hashes/sha2.js';
import type { PrivateMessage } from 'ts-mls';
import { concat, utf8 } from '../../bytes.js';
import { open, seal, type AeadInput } from '../crypto/aes-gcm.js';
import { vector } from '../framing.js';

const sampleBytes = 64; // KDF.Nh of the suite

/** The sender's leaf index, and the generation of its key.
 * @throws where the secret is of another epoch. */
export async function readSender(
  message: PrivateMessage,
  senderDataSecret: Uint8Array,
): Promise<{ leafIndex: number; generation: number }> {
  const data = await open(aeadOf(message, senderDataSecret), message.encryptedSenderData);
  const view = new DataView(data.buffer, data.byteOffset);
  return { leafIndex: view.getUint32(0), generation: view.getUint32(4) };
}

/** The same message, said to be of another leaf: what any member can make. */
export async function withSender(
  message: PrivateMessage,
  senderDataSecret: Uint8Array,
  leafIndex: number,
): Promise<PrivateMessage> {
  const aead = aeadOf(message, senderDataSecret);
  const data = await open(aead, message.encryptedSenderData);
  new DataView(data.buffer, data.byteOffset).setUint32(0, leafIndex);
  const encryptedSenderData = await seal(aead, data);
  return { ...message, encryptedSenderData };
}

function aeadOf(message: PrivateMessage, senderDataSecret: Uint8Array): AeadInput {
  const context = message.ciphertext.subarray(0, sampleBytes);
  const epoch = new Uint8Array(8);
  new DataView(epoch.buffer).setBigUint64(0, message.epoch);
  return {
    key: expandWithLabel(senderDataSecret, 'key', { context, length: 32 }),
    nonce: expandWithLabel(senderDataSecret, 'nonce', { context, length: 12 }),
    additionalData: concat(vector(message.groupId), epoch, Uint8Array.of(message.contentType)),
  };
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
