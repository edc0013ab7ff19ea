/** The frame worker: every media frame passes here, encrypted on its way out and opened on its way in.
 *
 * The page makes `new RTCRtpScriptTransform(worker, options)` for each sender and receiver, and posts the call's keys.
 * Fail closed: a frame that cannot be encrypted or opened goes nowhere. */
import type { CallKeys } from '../core/calls/media-port.js';
import { CallCipher, isKeyFrame, newPublication, type MediaKind } from '../core/sframe/index.js';
import { StreamHealth } from './stream-health.js';

/** `options` of the transform. */
export interface FrameTransformOptions {
  direction: 'send' | 'receive';
  kind: MediaKind;
  /** With `receive`: the device whose media this is; frames of others are dropped. */
  device?: string;
}

/** From the page. */
export interface FrameWorkerInput {
  type: 'keys';
  keys: CallKeys;
}

/** To the page. */
export type FrameWorkerOutput =
  | { type: 'first_frame'; kind: MediaKind; device: string | undefined }
  /** Frames arrive, but for a while none of them opens. */
  | { type: 'stalled'; kind: MediaKind; device: string | undefined }
  | { type: 'contexts_low' };

type EncodedFrame = RTCEncodedAudioFrame | RTCEncodedVideoFrame;
type Controller = TransformStreamDefaultController<EncodedFrame>;

/** The worker's global scope, of which this file uses no more. */
declare const self: DedicatedWorkerGlobalScope;

const cipher = new CallCipher();
/** Said once per set of keys. */
let askedForContexts = false;

const post = (message: FrameWorkerOutput): void => {
  self.postMessage(message);
};

function askForContexts(): void {
  if (askedForContexts || !cipher.contextsAreLow) return;
  askedForContexts = true;
  post({ type: 'contexts_low' });
}

function encryptingTransform(kind: MediaKind): TransformStream<EncodedFrame, EncodedFrame> {
  const publication = newPublication(kind);
  return new TransformStream({
    async transform(frame: EncodedFrame, controller: Controller) {
      const sealed = await cipher.seal(publication, new Uint8Array(frame.data)).catch(() => null);
      askForContexts();
      if (sealed === null) return;
      frame.data = sealed.buffer;
      controller.enqueue(frame);
    },
  });
}

/** Milliseconds between requests for a key frame after lost ones. */
const keyFrameRequestDelayMs = 1_000;

function openingTransform(
  { kind, device }: FrameTransformOptions,
  transformer: RTCRtpScriptTransformer,
): TransformStream<EncodedFrame, EncodedFrame> {
  const health = new StreamHealth();
  let needsKeyFrame = false;
  let askedAt = -Infinity;
  return new TransformStream({
    async transform(frame: EncodedFrame, controller: Controller) {
      const opened = await cipher.open(kind, new Uint8Array(frame.data), device).catch(() => null);
      const now = performance.now();
      const change = health.note(opened !== null, now);
      if (change !== null) post({ type: change, kind, device });
      if (opened === null) {
        needsKeyFrame = kind === 'video';
        return;
      }
      if (needsKeyFrame && isKeyFrame(opened)) needsKeyFrame = false;
      if (needsKeyFrame && now - askedAt >= keyFrameRequestDelayMs) {
        // What was dropped before leaves the decoder without a start; the sender knows nothing of that.
        askedAt = now;
        transformer.sendKeyFrameRequest().catch(() => undefined);
      }
      frame.data = opened.buffer;
      controller.enqueue(frame);
    },
  });
}

self.onrtctransform = ({ transformer }: RTCTransformEvent) => {
  const options = transformer.options as FrameTransformOptions;
  const transform =
    options.direction === 'send'
      ? encryptingTransform(options.kind)
      : openingTransform(options, transformer);
  // The streams end with their track; what is thrown then is that end.
  transformer.readable
    .pipeThrough(transform)
    .pipeTo(transformer.writable as WritableStream<EncodedFrame>)
    .catch(() => undefined);
};

self.onmessage = ({ data }: MessageEvent<FrameWorkerInput>) => {
  cipher.setKeys(data.keys);
  askedForContexts = false;
};
