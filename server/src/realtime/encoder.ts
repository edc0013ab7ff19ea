/** MessagePack frames of the WebSocket: live events are encoded once for all who receive them, and what
 * comes in is measured before it is decoded. */
import { Decoder, Encoder as MessagePackEncoder } from '@msgpack/msgpack';
import type { LiveEvent } from '../events/contract.js';
import { limits } from '../limits.js';
import { checkFrame } from './frame-check.js';

/** What tRPC asks of an encoder (its own type is not exported). */
export interface FrameEncoder {
  encode(data: unknown): Uint8Array<ArrayBuffer>;
  decode(data: string | ArrayBuffer | Uint8Array): unknown;
}

/** `undefined` fields are left out, as JSON does. */
const encoder = new MessagePackEncoder({ ignoreUndefined: true });
const decoder = new Decoder({
  maxStrLength: limits.sdpCharactersMax * 4,
  maxBinLength: limits.websocketMessageBytesMax,
  maxArrayLength: limits.acknowledgementsMax,
  maxMapLength: 64,
  maxExtLength: 0,
});

/** Bytes of shared events; they go when the event itself is no longer referred to. */
const encodedEvents = new WeakMap<object, Uint8Array | null>();

/** Marks an event that several connections will be sent, so that it is encoded only for the first. */
export function shareEncoding(event: LiveEvent): void {
  if (!encodedEvents.has(event)) encodedEvents.set(event, null);
}

/** `{ id: <id>, result: { type: "data", data: <event> } }` up to the id, and from there to the event. */
const beforeId = Uint8Array.of(0x82, 0xa2, ...Buffer.from('id'));
const beforeEvent = Uint8Array.of(
  0xa6, ...Buffer.from('result'), 0x82, 0xa4, ...Buffer.from('type'), 0xa4, ...Buffer.from('data'),
  0xa4, ...Buffer.from('data'),
); // prettier-ignore

interface EventFrame {
  id: number | string;
  result: { data: object };
}

/** Whether the frame is exactly what the splice below produces. */
function isEventFrame(frame: unknown): frame is EventFrame {
  if (!isRecord(frame) || frame.jsonrpc !== undefined || 'error' in frame) return false;
  const { id, result } = frame;
  if ((typeof id !== 'number' && typeof id !== 'string') || !isRecord(result)) return false;
  if (result.type !== 'data' || 'id' in result) return false;
  return isRecord(result.data) && encodedEvents.has(result.data);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function encodeEvent(event: object): Uint8Array {
  const known = encodedEvents.get(event);
  if (known) return known;
  const bytes = encoder.encode(event);
  encodedEvents.set(event, bytes);
  return bytes;
}

/** The same bytes as the plain encoder gives for the frame, at the price of a copy. */
function spliceEvent({ id, result }: EventFrame): Uint8Array<ArrayBuffer> {
  const event = encodeEvent(result.data);
  const idBytes = encoder.encode(id);
  const frame = new Uint8Array(
    beforeId.length + idBytes.length + beforeEvent.length + event.length,
  );
  frame.set(beforeId, 0);
  frame.set(idBytes, beforeId.length);
  frame.set(beforeEvent, beforeId.length + idBytes.length);
  frame.set(event, frame.length - event.length);
  return frame;
}

/** For both ends of the WebSocket; the client's encoder need not share anything. */
export const frameEncoder: FrameEncoder = {
  encode: (data) => (isEventFrame(data) ? spliceEvent(data) : encoder.encode(data)),
  decode(data) {
    if (typeof data === 'string') throw new TypeError('frames are binary');
    const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
    checkFrame(bytes);
    return decoder.decode(bytes);
  },
};
