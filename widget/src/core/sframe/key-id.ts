/** Our key ids: which epoch, which sender, which publication (RFC 9605, section 5.2).
 *
 *     context (11 bits) | sender: leaf index (9 bits) | epoch mod 16 (4 bits)
 *
 * 24 bits, so 3 bytes at most. A context is used by one publication for at most 2^16 frames under one call's keys:
 * with it, no pair of key id and counter comes twice. With a counter of 2 bytes the header has at most 6 bytes and a
 * frame grows by at most 22. */

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

/** Chooses contexts at random among those not in `used`; fewer than asked for when few are left. */
export function chooseContexts(used: ReadonlySet<number>, count: number): number[] {
  const chosen = new Set<number>();
  const left = contextsMax - used.size;
  while (chosen.size < Math.min(count, left)) {
    const [random = 0] = crypto.getRandomValues(new Uint16Array(1));
    const context = random % contextsMax; // a power of two: without bias
    if (!used.has(context)) chosen.add(context);
  }
  return [...chosen];
}
