/** MessagePack frames of the socket. tRPC trusts what its encoder gives it, so everything is checked here. */
import { decode, encode } from '@msgpack/msgpack';
import { transportLimits } from './limits.js';

/** A frame that tRPC takes and nobody waits for. */
const ignored = { id: null, result: { type: 'data', data: null } };

/** A few bytes that announce long lists would otherwise take gigabytes. */
const decodeBounds = {
  maxStrLength: transportLimits.sdpCharactersMax * 4,
  maxBinLength: transportLimits.frameBytesMax,
  maxArrayLength: transportLimits.headsPerPageMax,
  maxMapLength: 64,
  maxExtLength: 0,
};

export interface FrameCodec {
  encode(data: unknown): Uint8Array<ArrayBuffer>;
  decode(data: unknown): unknown;
}

/** @param onMalformed called for a frame that no honest server sends: the connection has to end. tRPC itself would
 * throw into the socket's event listener, where nobody catches. */
export function createFrameCodec(onMalformed: () => void): FrameCodec {
  return {
    encode: (data) => encode(data, { ignoreUndefined: true }),
    decode(data) {
      const frame = readFrame(data);
      if (frame === null) onMalformed();
      return frame ?? ignored;
    },
  };
}

function readFrame(data: unknown): object | null {
  const bytes = bytesOf(data);
  if (bytes === null || bytes.length > transportLimits.frameBytesMax) return null;
  let frame: unknown;
  try {
    frame = decode(bytes, decodeBounds);
  } catch {
    return null;
  }
  return isResponse(frame) ? frame : null;
}

function bytesOf(data: unknown): Uint8Array | null {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `{ id, result: { type, data } }` or `{ id, error: { code, message, data } }`: nothing else is for a client,
 * a server's wish to reconnect included: the connection just ends then. */
function isResponse(frame: unknown): frame is Record<string, unknown> {
  if (!isRecord(frame) || !(typeof frame['id'] === 'number' || frame['id'] === null)) return false;
  const { result, error } = frame;
  if (isRecord(result))
    return ['started', 'stopped', 'data', undefined].includes(result['type'] as string | undefined);
  return (
    isRecord(error) && typeof error['code'] === 'number' && typeof error['message'] === 'string'
  );
}
