/** Our key ids: which epoch, which sender, which publication (RFC 9605, section 5.2).
 *
 *     context (11 bits) | sender: leaf index (9 bits) | epoch mod 16 (4 bits)
 *
 * 24 bits, so 3 bytes at most. A frame worker counts contexts: each is used by one publication for at most 2^16 frames,
 * so that no pair of key id and counter comes twice from it. Another worker (a reload, a copy of the profile) has
 * another salt, and so another base key: 128 bits that are said once tell workers apart where the 64 that a key id
 * could hold would cost 5 bytes in every frame. With a counter of 2 bytes the header has at most 6 bytes and a frame
 * grows by at most 22; by 21 in a call's first 8 publications. */

const epochBits = 4;
const senderBits = 9;
const contextBits = 11;

export const sendersMax = 2 ** senderBits;
export const contextsMax = 2 ** contextBits;
/** Frames that one context may encrypt. */
export const framesPerContextMax = 2 ** 16;

export interface KeyId {
  context: number;
  senderIndex: number;
  /** Epoch modulo 16. */
  epochBits: number;
}

export const shortEpoch = (epoch: number): number => epoch % 2 ** epochBits;

/** @throws RangeError when a part does not fit. */
export function packKeyId(context: number, senderIndex: number, epoch: number): number {
  if (!(context >= 0 && context < contextsMax) || !(senderIndex >= 0 && senderIndex < sendersMax)) {
    throw new RangeError('context or sender does not fit a key id');
  }
  return (context << (senderBits + epochBits)) | (senderIndex << epochBits) | shortEpoch(epoch);
}

/** `null`: not one of ours. */
export function unpackKeyId(keyId: number | bigint): KeyId | null {
  if (typeof keyId === 'bigint' || keyId >= 2 ** (contextBits + senderBits + epochBits))
    return null;
  return {
    context: keyId >> (senderBits + epochBits),
    senderIndex: (keyId >> epochBits) % sendersMax,
    epochBits: shortEpoch(keyId),
  };
}
