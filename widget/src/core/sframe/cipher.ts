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

/** What one sender encrypts with in an epoch: the group's base key, mixed with a salt that this sender drew for itself.
 * Who draws afresh shares no key with anyone, whatever key ids they come to use. */
export function saltedBaseKey(
  suite: SuiteNumber,
  baseKey: Uint8Array,
  salt: Uint8Array,
): Uint8Array {
  const { hash, keyBytes } = parameters[suite];
  const secret = extract(hash, baseKey, salt);
  return expand(hash, secret, utf8('Parley 1.0 SFrame sender key'), keyBytes);
}

/** Encrypts or opens frames under one key id. */
export class FrameCipher {
  readonly keyId: HeaderNumber;
  readonly #key: CryptoKey;
  readonly #salt: Uint8Array;
  readonly #nonce = new Uint8Array(nonceBytes);
  #aad = new Uint8Array();

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
    const bodyStart = clearBytes + headBytes;
    const start = new Uint8Array(bodyStart);
    copy(start, 0, { from: frame, at: 0, length: clearBytes });
    writeHeader(start.subarray(clearBytes), this.keyId, counter);
    const encrypted = await crypto.subtle.encrypt(
      this.#parameters(start, clearBytes, counter),
      this.#key,
      buffer(frame.subarray(clearBytes)),
    );
    const sealed = new Uint8Array(bodyStart + encrypted.byteLength);
    copy(sealed, 0, { from: start, at: 0, length: bodyStart });
    sealed.set(new Uint8Array(encrypted), bodyStart);
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
    let opened: ArrayBuffer;
    try {
      opened = await crypto.subtle.decrypt(
        this.#parameters(sealed.subarray(0, bodyStart), clearBytes, header.counter),
        this.#key,
        buffer(sealed.subarray(bodyStart)),
      );
    } catch {
      return null;
    }
    const frame = new Uint8Array(clearBytes + opened.byteLength);
    copy(frame, 0, { from: sealed, at: 0, length: clearBytes });
    frame.set(new Uint8Array(opened), clearBytes);
    return frame;
  }

  /** Nonce and AAD of a frame that starts like this. Both stand in memory that the next frame takes over: WebCrypto
   * copies them before the call returns. */
  #parameters(start: Uint8Array, clearBytes: number, counter: HeaderNumber): AesGcmParams {
    // The AAD is header then metadata (section 4.4.3); in the frame the metadata come first.
    const headBytes = start.length - clearBytes;
    if (this.#aad.length !== start.length) this.#aad = new Uint8Array(start.length);
    copy(this.#aad, 0, { from: start, at: clearBytes, length: headBytes });
    copy(this.#aad, headBytes, { from: start, at: 0, length: clearBytes });
    this.#setNonce(counter);
    return { name: 'AES-GCM', iv: this.#nonce, additionalData: this.#aad };
  }

  /** The salt with the counter XORed onto its end (section 4.4.3). */
  #setNonce(counter: HeaderNumber): void {
    const nonce = this.#nonce;
    copy(nonce, 0, { from: this.#salt, at: 0, length: nonceBytes });
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
  }
}

/** For a few bytes: a view for `set` costs more than the bytes. */
function copy(
  to: Uint8Array,
  start: number,
  { from, at, length }: { from: Uint8Array; at: number; length: number },
): void {
  for (let index = 0; index < length; index += 1) to[start + index] = from[at + index] ?? 0;
}

/** The header that follows the clear bytes. `null`: there is none. */
export const readFrameHeader = (sealed: Uint8Array, clearBytes: number): Header | null =>
  readHeader(sealed.subarray(clearBytes));
