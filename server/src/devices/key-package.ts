/** KeyPackage structures as bytes. Only what the server checks is read; the rest is skipped, but must be well formed.
 * Source: RFC 9420, sections 7.2 and 10; variable-length vectors: section 2.1.2. */

/** What a KeyPackage says, with the byte ranges that its two signatures cover. */
export interface KeyPackage {
  readonly suite: number;
  readonly signatureKey: Uint8Array;
  /** Identity of a basic credential, or the body of a custom one. */
  readonly credential: Uint8Array;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly leafNodeTbs: Uint8Array;
  readonly leafNodeSignature: Uint8Array;
  readonly keyPackageTbs: Uint8Array;
  readonly keyPackageSignature: Uint8Array;
}

/** Bytes that are no KeyPackage. */
export class KeyPackageError extends Error {
  override readonly name = 'KeyPackageError';
}

const mls10 = 1;
const credentialX509 = 2;
const leafNodeSourceKeyPackage = 1;

/** Reads TLS presentation language from the front; every read is bounded by what is there. */
class Reader {
  readonly #bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.position === this.#bytes.length;
  }

  take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.position) throw new KeyPackageError('too short');
    this.position += length;
    return this.#bytes.subarray(this.position - length, this.position);
  }

  unsigned(length: 1 | 2 | 4): number {
    return this.take(length).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** uint64 as a number; what is beyond exact numbers becomes the largest one, which is "for ever" for a time. */
  unsigned64(): number {
    const value = this.unsigned(4) * 2 ** 32 + this.unsigned(4);
    return Math.min(value, Number.MAX_SAFE_INTEGER);
  }

  /** `opaque<V>`: the two top bits of the first byte give the size of the length; the shortest form only. */
  vector(): Uint8Array {
    const first = this.unsigned(1);
    const size = first >> 6;
    if (size === 3) throw new KeyPackageError('bad length');
    let length = first & 0x3f;
    for (let index = 1; index < 1 << size; index += 1) length = length * 256 + this.unsigned(1);
    if (size > 0 && length < (size === 1 ? 2 ** 6 : 2 ** 14))
      throw new KeyPackageError('length not minimal');
    return this.take(length);
  }
}

/** Reads one bare KeyPackage that fills the bytes exactly.
 * @throws KeyPackageError for anything else. */
export function decodeKeyPackage(bytes: Uint8Array): KeyPackage {
  const reader = new Reader(bytes);
  if (reader.unsigned(2) !== mls10) throw new KeyPackageError('not MLS 1.0');
  const suite = reader.unsigned(2);
  reader.vector(); // init_key
  const leafStart = reader.position;
  reader.vector(); // encryption_key
  const signatureKey = reader.vector();
  if (reader.unsigned(2) === credentialX509) throw new KeyPackageError('X.509 credential');
  const credential = reader.vector();
  skipCapabilities(reader);
  if (reader.unsigned(1) !== leafNodeSourceKeyPackage)
    throw new KeyPackageError('leaf of another source');
  const notBefore = reader.unsigned64();
  const notAfter = reader.unsigned64();
  reader.vector(); // leaf extensions
  const leafNodeTbs = bytes.subarray(leafStart, reader.position);
  const leafNodeSignature = reader.vector();
  reader.vector(); // key package extensions
  const keyPackageTbs = bytes.subarray(0, reader.position);
  const keyPackageSignature = reader.vector();
  if (!reader.atEnd) throw new KeyPackageError('too long');
  return {
    suite, signatureKey, credential, notBefore, notAfter,
    leafNodeTbs, leafNodeSignature, keyPackageTbs, keyPackageSignature,
  }; // prettier-ignore
}

/** Versions, cipher suites, extensions, proposals, credentials. */
function skipCapabilities(reader: Reader): void {
  for (let list = 0; list < 5; list += 1) reader.vector();
}

/** What is signed under a label: `struct { opaque label<V>; opaque content<V>; }`.
 * Source: RFC 9420, section 5.1.2. */
export function signContent(label: string, content: Uint8Array): Uint8Array {
  const labelBytes = Buffer.from(`MLS 1.0 ${label}`, 'ascii');
  return Buffer.concat([
    lengthPrefix(labelBytes.length),
    labelBytes,
    lengthPrefix(content.length),
    content,
  ]);
}

function lengthPrefix(length: number): Uint8Array {
  if (length < 2 ** 6) return Uint8Array.of(length);
  if (length < 2 ** 14) return Uint8Array.of(0x40 | (length >> 8), length & 0xff);
  return Uint8Array.of(
    0x80 | (length >>> 24),
    (length >>> 16) & 0xff,
    (length >>> 8) & 0xff,
    length & 0xff,
  );
}
