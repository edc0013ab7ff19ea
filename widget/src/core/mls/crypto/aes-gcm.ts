/** AES-256-GCM by WebCrypto, the tag behind the ciphertext. */
import { buffer } from '../../bytes.js';

const parameters = (nonce: Uint8Array, additionalData: Uint8Array): AesGcmParams => ({
  name: 'AES-GCM',
  iv: buffer(nonce),
  // Some WebCrypto implementations refuse empty additional data; leaving it out means the same.
  ...(additionalData.length > 0 && { additionalData: buffer(additionalData) }),
});

export interface AeadInput {
  key: Uint8Array;
  nonce: Uint8Array;
  additionalData: Uint8Array;
}

export async function seal(
  { key, nonce, additionalData }: AeadInput,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  const aesKey = await crypto.subtle.importKey('raw', buffer(key), 'AES-GCM', false, ['encrypt']);
  return new Uint8Array(
    await crypto.subtle.encrypt(parameters(nonce, additionalData), aesKey, buffer(plaintext)),
  );
}

/** @throws when it does not authenticate. */
export async function open(
  { key, nonce, additionalData }: AeadInput,
  ciphertext: Uint8Array,
): Promise<Uint8Array> {
  const aesKey = await crypto.subtle.importKey('raw', buffer(key), 'AES-GCM', false, ['decrypt']);
  return new Uint8Array(
    await crypto.subtle.decrypt(parameters(nonce, additionalData), aesKey, buffer(ciphertext)),
  );
}
