/** The frame worker: every media frame passes here, encrypted on its way out and opened on its way in.
 *
 * The page makes `new RTCRtpScriptTransform(worker, options)` for each sender and receiver, and posts the call's keys.
 * Fail closed: a frame that cannot be encrypted or opened goes nowhere. */
import type { CallKeys } from '../core/calls/media-port.js';
import { CallCipher, isKeyFrame, newPublication, type MediaKind } from '../core/sframe/index.js';
import { StreamHealth } from './stream-health.js';

/** `options` of the transform. */
export type FrameTransformOptions =
  | { direction: 'send'; kind: MediaKind }
  /** `line` is a name that the page gives; it says by a message whose line it is. */
  | { direction: 'receive'; kind: MediaKind; line: string };

/** From the page. */
export type FrameWorkerInput =
  | { type: 'keys'; keys: CallKeys }
  /** The device whose media this line carries from now on; frames of others are dropped, and all while it is `null`. */
  | { type: 'line'; line: string; device: string | null };

/** To the page. */
export type FrameWorkerOutput =
  | { type: 'first_frame'; kind: MediaKind; device: string }
  /** Frames arrive, but for a while none of them opens. */
  | { type: 'stalled'; kind: MediaKind; device: string };

type EncodedFrame = RTCEncodedAudioFrame | RTCEncodedVideoFrame;
type Controller = TransformStreamDefaultController<EncodedFrame>;

/** The worker's global scope, of which this file uses no more. */
declare const self: DedicatedWorkerGlobalScope;

const cipher = new CallCipher();
/** The device that each line is of. */
const devices = new Map<string, string>();
/** Lines whose first frames came before what they are opened with. */
const early = new Set<() => void>();
/** How long they wait, once. */
const earlyMs = 2_000;

const nextKeys = (): Promise<void> =>
  new Promise((resolve) => {
    early.add(resolve);
    setTimeout(resolve, earlyMs);
  });

const post = (message: FrameWorkerOutput): void => {
  self.postMessage(message);
};

function encryptingTransform(kind: MediaKind): TransformStream<EncodedFrame, EncodedFrame> {
  const publication = newPublication(kind);
  return new TransformStream({
    async transform(frame: EncodedFrame, controller: Controller) {
      const sealed = await cipher.seal(publication, new Uint8Array(frame.data)).catch(() => null);
      if (sealed === null) return;
      frame.data = sealed.buffer;
      controller.enqueue(frame);
    },
  });
}

/** Milliseconds between requests for a key frame after lost ones. */
const keyFrameRequestDelayMs = 1_000;

function openingTransform(
  { kind, line }: Extract<FrameTransformOptions, { direction: 'receive' }>,
  transformer: RTCRtpScriptTransformer,
): TransformStream<EncodedFrame, EncodedFrame> {
  let health = new StreamHealth();
  let lastDevice: string | undefined;
  let needsKeyFrame = false;
  let isEarly = true;
  let askedAt = -Infinity;
  return new TransformStream({
    async transform(frame: EncodedFrame, controller: Controller) {
      const device = devices.get(line);
      if (device !== lastDevice) health = new StreamHealth();
      lastDevice = device;
      needsKeyFrame ||= device === undefined && kind === 'video';
      if (device === undefined) return;
      if (isEarly && cipher.lacksSalt(device)) await nextKeys();
      isEarly = false;
      const opened = await cipher.open(kind, new Uint8Array(frame.data), device).catch(() => null);
      // Given away in the meantime.
      if (devices.get(line) !== device) return;
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
  if (data.type === 'line') {
    if (data.device === null) devices.delete(data.line);
    else devices.set(data.line, data.device);
    return;
  }
  cipher.setKeys(data.keys);
  for (const goOn of early) goOn();
  early.clear();
};
