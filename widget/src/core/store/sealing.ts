/** AES-256-GCM over every stored value: someone who copies the profile folder's files without the key reads ids and positions only. */
import { StoreError } from './contract.js';

const ivBytes = 12;

/** What IndexedDB keeps of the key: a key that no script can read out, or raw bytes where the page has no native
 * WebCrypto (a software key cannot be cloned into IndexedDB). */
export type KeptKey = CryptoKey | Uint8Array<ArrayBuffer>;

export async function createKeptKey(subtle: SubtleCrypto, software: boolean): Promise<KeptKey> {
  if (software) return crypto.getRandomValues(new Uint8Array(32));
  return subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

export async function openKeptKey(subtle: SubtleCrypto, kept: KeptKey): Promise<CryptoKey> {
  if (!(kept instanceof Uint8Array)) return kept;
  return subtle.importKey('raw', kept, { name: 'AES-GCM' }, false, ['encrypt', 'decrypt']);
}

/** @param place authenticated with the value, so that a value cannot be moved to another key.
 * @returns a random 96-bit IV and the ciphertext; 2^32 values under one key stay within NIST SP 800-38D, section 8.3. */
export async function seal(
  subtle: SubtleCrypto,
  key: CryptoKey,
  { place, plaintext }: { place: Uint8Array<ArrayBuffer>; plaintext: Uint8Array<ArrayBuffer> },
): Promise<Uint8Array<ArrayBuffer>> {
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const ciphertext = await subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: place },
    key,
    plaintext,
  );
  const sealed = new Uint8Array(ivBytes + ciphertext.byteLength);
  sealed.set(iv);
  sealed.set(new Uint8Array(ciphertext), ivBytes);
  return sealed;
}

/** @throws StoreError `malformed` */
export async function unseal(
  subtle: SubtleCrypto,
  key: CryptoKey,
  { place, sealed }: { place: Uint8Array<ArrayBuffer>; sealed: Uint8Array<ArrayBuffer> },
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const iv = sealed.subarray(0, ivBytes);
    const plaintext = await subtle.decrypt(
      { name: 'AES-GCM', iv, additionalData: place },
      key,
      sealed.subarray(ivBytes),
    );
    return new Uint8Array(plaintext);
  } catch (cause) {
    throw new StoreError('malformed', 'a stored value does not decrypt', { cause });
  }
}
