/** How much of a frame the browser's packetizer must be able to read. */

export type MediaKind = 'audio' | 'video';

const vp8KeyFrameBytes = 10;
const vp8DeltaFrameBytes = 3;
const opusBytes = 1;

/** Bytes in the clear: the VP8 payload header (RFC 6386, section 9.1, whose first bit is 0 in key frames) and
 * Opus' configuration byte (RFC 6716, section 3.1). `null`: shorter than that, to be dropped. */
export function clearBytesOf(kind: MediaKind, frame: Uint8Array): number | null {
  const [first] = frame;
  if (first === undefined) return null;
  const clear =
    kind === 'audio' ? opusBytes : isKeyFrame(frame) ? vp8KeyFrameBytes : vp8DeltaFrameBytes;
  return frame.length < clear ? null : clear;
}

export const isKeyFrame = (frame: Uint8Array): boolean => ((frame[0] ?? 1) & 1) === 0;
