/** SFrame keys and the protection of single frames (RFC 9605, sections 4.4 and 4.5). */
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { buffer, concat, utf8 } from '../bytes.js';
import { readHeader, writeHeader, headerLength, type Header, type HeaderNumber } from './header.js';

/** The registry's numbers of the two suites (RFC 9605, section 8.1). */
export const suites = { AES_128_GCM_SHA256_128: 0x0004, AES_256_GCM_SHA512_128: 0x0005 } as const;
export type SuiteNumber = (typeof suites)[keyof typeof suites];

export const isSuite = (suite: number): suite is SuiteNumber =>
  suite === 0x0004 || suite === 0x0005;

export const tagBytes = 16;
const nonceBytes = 12;

const parameters = {
  [suites.AES_128_GCM_SHA256_128]: { hash: sha256, keyBytes: 16 },
  [suites.AES_256_GCM_SHA512_128]: { hash: sha512, keyBytes: 32 },
};

/** Bytes of the base key that an exporter should give for a suite: AEAD.Nk (RFC 9605, section 5.2). */
export const baseKeyBytes = (suite: SuiteNumber): number => parameters[suite].keyBytes;

export interface KeyAndSalt {
  key: Uint8Array;
  salt: Uint8Array;
}

/** What one base key gives for one key id. */
export function deriveKeyAndSalt(
  suite: SuiteNumber,
  baseKey: Uint8Array,
  keyId: HeaderNumber,
): KeyAndSalt {
  const { hash, keyBytes } = parameters[suite];
  const binding = new Uint8Array(10);
  const view = new DataView(binding.buffer);
  view.setBigUint64(0, BigInt(keyId));
  view.setUint16(8, suite);
  const secret = extract(hash, baseKey, new Uint8Array());
  return {
    key: expand(hash, secret, concat(utf8('SFrame 1.0 Secret key '), binding), keyBytes),
    salt: expand(hash, secret, concat(utf8('SFrame 1.0 Secret salt '), binding), nonceBytes),
  };
}

/** Encrypts or opens frames under one key id. */
export class FrameCipher {
  readonly keyId: HeaderNumber;
  readonly #key: CryptoKey;
  readonly #salt: Uint8Array;

  private constructor(keyId: HeaderNumber, key: CryptoKey, salt: Uint8Array) {
    this.keyId = keyId;
    this.#key = key;
    this.#salt = salt;
  }

  static async create(
    suite: SuiteNumber,
    baseKey: Uint8Array,
    keyId: HeaderNumber,
  ): Promise<FrameCipher> {
    const { key, salt } = deriveKeyAndSalt(suite, baseKey, keyId);
    const aesKey = await crypto.subtle.importKey('raw', buffer(key), 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ]);
    key.fill(0);
    return new FrameCipher(keyId, aesKey, salt);
  }

  /** Encrypts what follows the first `clearBytes` of a frame; those stay readable and are authenticated as metadata.
   * The caller never gives a counter twice.
   * @returns clear bytes, header, ciphertext and tag. */
  async seal(
    frame: Uint8Array,
    clearBytes: number,
    counter: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const headBytes = headerLength(this.keyId, counter);
    // The AAD is header then metadata (section 4.4.3); in the frame the metadata come first.
    const additionalData = new Uint8Array(headBytes + clearBytes);
    writeHeader(additionalData, this.keyId, counter);
    additionalData.set(frame.subarray(0, clearBytes), headBytes);
    const encrypted = await crypto.subtle.encrypt(
      { name: 'AES-GCM', iv: this.#nonce(counter), additionalData },
      this.#key,
      buffer(frame.subarray(clearBytes)),
    );
    const sealed = new Uint8Array(clearBytes + headBytes + encrypted.byteLength);
    sealed.set(frame.subarray(0, clearBytes));
    sealed.set(additionalData.subarray(0, headBytes), clearBytes);
    sealed.set(new Uint8Array(encrypted), clearBytes + headBytes);
    return sealed;
  }

  /** @returns the frame as it was before `seal`, or `null` when it does not authenticate. */
  async open(
    sealed: Uint8Array,
    clearBytes: number,
    header: Header,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const bodyStart = clearBytes + header.length;
    if (sealed.length < bodyStart + tagBytes) return null;
    const additionalData = new Uint8Array(bodyStart);
    additionalData.set(sealed.subarray(clearBytes, bodyStart));
    additionalData.set(sealed.subarray(0, clearBytes), header.length);
    let opened: ArrayBuffer;
    try {
      opened = await crypto.subtle.decrypt(
        { name: 'AES-GCM', iv: this.#nonce(header.counter), additionalData },
        this.#key,
        buffer(sealed.subarray(bodyStart)),
      );
    } catch {
      return null;
    }
    const frame = new Uint8Array(clearBytes + opened.byteLength);
    frame.set(sealed.subarray(0, clearBytes));
    frame.set(new Uint8Array(opened), clearBytes);
    return frame;
  }

  /** The salt with the counter XORed onto its end (section 4.4.3). */
  #nonce(counter: HeaderNumber): Uint8Array<ArrayBuffer> {
    const nonce = new Uint8Array(this.#salt);
    if (typeof counter === 'bigint') {
      for (let index = nonceBytes - 1, rest = counter; rest > 0n; index -= 1, rest >>= 8n) {
        nonce[index] = (nonce[index] ?? 0) ^ Number(rest & 0xffn);
      }
    } else {
      for (
        let index = nonceBytes - 1, rest = counter;
        rest > 0;
        index -= 1, rest = Math.floor(rest / 256)
      ) {
        nonce[index] = (nonce[index] ?? 0) ^ (rest % 256);
      }
    }
    return nonce;
  }
}

/** The header that follows the clear bytes. `null`: there is none. */
export const readFrameHeader = (sealed: Uint8Array, clearBytes: number): Header | null =>
  readHeader(sealed.subarray(clearBytes));
