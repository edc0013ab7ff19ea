/** Frames of the WebSocket, MessagePack within. What the server sends is made whole, head included, so that one buffer
 * serves all who receive the same event; what comes in is measured before it is decoded. */
import { Decoder, Encoder as MessagePackEncoder } from '@msgpack/msgpack';
import type { LiveEvent } from '../events/contract.js';
import { limits } from '../limits.js';
import { checkFrame } from './frame-check.js';

/** A tRPC request id. */
export type RequestId = number | string;

/** `undefined` fields are left out, as JSON does. */
const encoder = new MessagePackEncoder({ ignoreUndefined: true });
/** One of its own: what the first gave may be its own memory still, which the next encoding takes. */
const idEncoder = new MessagePackEncoder();
const decoder = new Decoder({
  maxStrLength: limits.sdpCharactersMax * 4,
  maxBinLength: limits.websocketMessageBytesMax,
  maxArrayLength: limits.acknowledgementsMax,
  maxMapLength: 64,
  maxExtLength: 0,
});

/** `{ id: <id>, result: { type: "data", data: <value> } }` up to the id, and from there to the value. */
const beforeId = Uint8Array.of(0x82, 0xa2, ...Buffer.from('id'));
const beforeValue = Uint8Array.of(
  0xa6, ...Buffer.from('result'), 0x82, 0xa4, ...Buffer.from('type'), 0xa4, ...Buffer.from('data'),
  0xa4, ...Buffer.from('data'),
); // prettier-ignore

/** Final binary frame of a server, which masks nothing: RFC 6455, section 5.2. */
const binaryFrame = 0x82;

/** The head of a frame around so many bytes, and room for them.
 * @returns the frame and where its payload begins. */
function openFrame(payloadBytes: number): { frame: Buffer; at: number } {
  const at = payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(at + payloadBytes);
  frame[0] = binaryFrame;
  if (at === 2) frame[1] = payloadBytes;
  else if (at === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(payloadBytes, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(payloadBytes, 6);
  }
  return { frame, at };
}

/** The encoding of an id; of the small numbers that clients count with, a byte. */
function encodeId(id: RequestId): Uint8Array {
  return typeof id === 'number' && id >= 0 && id < 128 && Number.isInteger(id)
    ? Uint8Array.of(id)
    : idEncoder.encode(id);
}

/** The same bytes as the plain encoder gives for `{ id, result: { type: 'data', data } }`. */
function dataFrame(id: RequestId, value: Uint8Array): Buffer {
  const idBytes = encodeId(id);
  const length = beforeId.length + idBytes.length + beforeValue.length + value.length;
  const { frame, at } = openFrame(length);
  frame.set(beforeId, at);
  frame.set(idBytes, at + beforeId.length);
  frame.set(beforeValue, at + beforeId.length + idBytes.length);
  frame.set(value, frame.length - value.length);
  return frame;
}

/** The event that is being delivered. One is enough: a Bus tells all of one event before the next. */
let latest: { event: LiveEvent; bytes: Uint8Array; id: RequestId; frame: Buffer } | null = null;

/** The frame that brings a live event to the subscription of this id. Whoever counts alike gets the same buffer;
 * it must not be changed. */
export function eventFrame(id: RequestId, event: LiveEvent): Buffer {
  if (latest?.event !== event) {
    const bytes = encoder.encode(event);
    latest = { event, bytes, id, frame: dataFrame(id, bytes) };
  } else if (latest.id !== id) {
    latest = { ...latest, id, frame: dataFrame(id, latest.bytes) };
  }
  return latest.frame;
}

/** The frame that answers a query or mutation. */
export function answerFrame(id: RequestId, data: unknown): Buffer {
  if (data === undefined) return messageFrame({ id, result: { type: 'data' } });
  return dataFrame(id, encoder.encodeSharedRef(data));
}

/** The frame of any other message. */
export function messageFrame(message: object): Buffer {
  const payload = encoder.encodeSharedRef(message);
  const { frame, at } = openFrame(payload.length);
  frame.set(payload, at);
  return frame;
}

/** What a client sent.
 * @throws Error for what is no MessagePack, or more of it than any request of ours has. */
export function decodePayload(bytes: Uint8Array): unknown {
  checkFrame(bytes);
  return decoder.decode(bytes);
}
