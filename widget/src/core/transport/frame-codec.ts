/** MessagePack frames of the socket. Whatever a server sends is looked at here before anything believes it. */
import { decode, encode } from '../message-pack.js';
import { transportLimits } from './limits.js';

/** An answer, or an event of the stream, by the number of its request; `null` is nobody's. */
export interface Frame {
  id: number | null;
  /** `stopped` ends a stream. */
  result?: { type?: 'started' | 'stopped' | 'data'; data?: unknown };
  error?: { data?: unknown };
}

export const encodeFrame = (frame: unknown): Uint8Array<ArrayBuffer> => encode(frame);

/** @returns `null` for what no honest server sends: the connection has to end. */
export function decodeFrame(data: unknown): Frame | null {
  if (!(data instanceof ArrayBuffer) || data.byteLength > transportLimits.frameBytesMax)
    return null;
  let frame: unknown;
  try {
    frame = decode(data);
  } catch {
    return null;
  }
  return isFrame(frame) ? frame : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `{ id, result: { type, data } }` or `{ id, error: { code, message, data } }`: nothing else is for a client,
 * a server's wish to reconnect included: the connection just ends then. */
function isFrame(frame: unknown): frame is Frame {
  if (!isRecord(frame) || !(typeof frame['id'] === 'number' || frame['id'] === null)) return false;
  const { result, error } = frame;
  if (isRecord(result))
    return ['started', 'stopped', 'data', undefined].includes(result['type'] as string | undefined);
  return (
    isRecord(error) && typeof error['code'] === 'number' && typeof error['message'] === 'string'
  );
}
