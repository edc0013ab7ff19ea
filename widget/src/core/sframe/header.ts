/** The SFrame header (RFC 9605, section 4.3): one configuration byte, then what of key id and counter does not fit in it.
 *
 *     0 1 2 3 4 5 6 7
 *     X  K    Y  C        X = 0: K is the key id; X = 1: the key id follows in K + 1 bytes. Y and C alike. */

/** Numbers up to 6 bytes; beyond, where a double is no longer exact, bigints. Ours are always numbers. */
export type HeaderNumber = number | bigint;

export interface Header {
  keyId: HeaderNumber;
  counter: HeaderNumber;
  /** Bytes that it takes. */
  length: number;
}

const inlineMax = 7;

function byteLength(value: HeaderNumber): number {
  let length = 1;
  if (typeof value === 'bigint') {
    for (let rest = value >> 8n; rest > 0n; rest >>= 8n) length += 1;
  } else {
    for (let rest = Math.floor(value / 256); rest > 0; rest = Math.floor(rest / 256)) length += 1;
  }
  return length;
}

/** Bytes of the value that follow the configuration byte. */
const followingBytes = (value: HeaderNumber): number =>
  value <= inlineMax ? 0 : byteLength(value);

export const headerLength = (keyId: HeaderNumber, counter: HeaderNumber): number =>
  1 + followingBytes(keyId) + followingBytes(counter);

/** Writes the header at the start of `target`, in its shortest form. @returns its length. */
export function writeHeader(
  target: Uint8Array,
  keyId: HeaderNumber,
  counter: HeaderNumber,
): number {
  const keyIdBytes = followingBytes(keyId);
  const counterBytes = followingBytes(counter);
  const high = keyIdBytes === 0 ? Number(keyId) : 8 | (keyIdBytes - 1);
  const low = counterBytes === 0 ? Number(counter) : 8 | (counterBytes - 1);
  target[0] = (high << 4) | low;
  writeNumber(target.subarray(1, 1 + keyIdBytes), keyId);
  writeNumber(target.subarray(1 + keyIdBytes, 1 + keyIdBytes + counterBytes), counter);
  return 1 + keyIdBytes + counterBytes;
}

function writeNumber(target: Uint8Array, value: HeaderNumber): void {
  if (typeof value === 'bigint') {
    for (let index = target.length - 1, rest = value; index >= 0; index -= 1, rest >>= 8n) {
      target[index] = Number(rest & 0xffn);
    }
  } else {
    for (
      let index = target.length - 1, rest = value;
      index >= 0;
      index -= 1, rest = Math.floor(rest / 256)
    ) {
      target[index] = rest % 256;
    }
  }
}

/** Reads a header from the start of `bytes`. `null`: it is cut off. */
export function readHeader(bytes: Uint8Array): Header | null {
  const config = bytes[0];
  if (config === undefined) return null;
  const keyIdBytes = config & 0x80 ? ((config >> 4) & 7) + 1 : 0;
  const counterBytes = config & 0x08 ? (config & 7) + 1 : 0;
  const length = 1 + keyIdBytes + counterBytes;
  if (bytes.length < length) return null;
  return {
    keyId: keyIdBytes === 0 ? (config >> 4) & 7 : readNumber(bytes, 1, 1 + keyIdBytes),
    counter: counterBytes === 0 ? config & 7 : readNumber(bytes, 1 + keyIdBytes, length),
    length,
  };
}

function readNumber(bytes: Uint8Array, from: number, to: number): HeaderNumber {
  if (to - from <= 6) {
    let value = 0;
    for (let index = from; index < to; index += 1) value = value * 256 + (bytes[index] ?? 0);
    return value;
  }
  let value = 0n;
  for (let index = from; index < to; index += 1) value = (value << 8n) | BigInt(bytes[index] ?? 0);
  return value;
}
