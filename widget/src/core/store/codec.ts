/** How values become bytes on disk, and back: MessagePack, the same for every store. */
import { decode, encode } from '../message-pack.js';
import { StoreError, type Key, type Table } from './contract.js';

/** @returns a buffer of its own: never a view into the encoder's. */
export function encodeValue(value: unknown): Uint8Array<ArrayBuffer> {
  return encode(value);
}

/** @throws StoreError `malformed` */
export function decodeValue(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (cause) {
    throw new StoreError('malformed', 'a stored value does not decode', { cause });
  }
}

/** Names the place of a value: sealed into its ciphertext, so that no value can be moved to another key. */
export function encodePlace(table: Table, key: Key): Uint8Array<ArrayBuffer> {
  return encode([table, ...key]);
}

/** Orders keys as IndexedDB does: numbers before strings, then element by element, then by length. */
export function compareKeys(left: Key, right: Key): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const order = compareParts(left[index], right[index]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareParts(
  left: string | number | undefined,
  right: string | number | undefined,
): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'number') return -1;
  if (typeof right === 'number') return 1;
  if (left === right) return 0;
  return (left ?? '') < (right ?? '') ? -1 : 1;
}

export function hasPrefix(key: Key, prefix: Key): boolean {
  return prefix.every((part, index) => key[index] === part);
}
