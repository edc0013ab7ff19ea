/** A page with nothing but the media port on it: a test outside drives it and carries its signals. */
import type { CallKeys, MediaEvent } from '../../../core/calls/media-port.js';
import { createMediaPort } from '../media-port.js';

const media = createMediaPort({
  frameWorker: () => new Worker('/frame-worker.js', { type: 'module' }),
});
const events: MediaEvent[] = [];

const player = document.createElement('video');
player.autoplay = true;
player.srcObject = media.remoteStream;
document.body.append(player);

media.onEvent((event) => {
  events.push(event);
  void (globalThis as unknown as { signal: (event: MediaEvent) => Promise<void> }).signal(event);
});

/** What comes as JSON has lists of numbers for bytes. */
function withBytes(keys: CallKeys): CallKeys {
  return {
    ...keys,
    epochs: keys.epochs.map((epoch) => ({ ...epoch, baseKey: Uint8Array.from(epoch.baseKey) })),
    senders: keys.senders.map((sender) => ({
      ...sender,
      salt: sender.salt && Uint8Array.from(sender.salt),
    })),
  };
}

/** What of the picture is there: its size, and whether it is more than one flat colour. */
function picture(): { width: number; height: number; colours: number } {
  const { videoWidth: width, videoHeight: height } = player;
  if (width === 0) return { width, height, colours: 0 };
  const canvas = new OffscreenCanvas(32, 32);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.drawImage(player, 0, 0, 32, 32);
  const pixels = new Uint32Array(context.getImageData(0, 0, 32, 32).data.buffer);
  return { width, height, colours: new Set(pixels).size };
}

Object.assign(globalThis, {
  call: {
    supported: () => media.supported(),
    open: async (options: Parameters<typeof media.prepare>[0] & { video: boolean }) => {
      await media.prepare({ ...options, keys: withBytes(options.keys) });
      await media.open(options);
    },
    offer: (fresh = false) => media.offer({ fresh }),
    acceptAnswer: (sdp: string) => media.acceptAnswer(sdp),
    answer: (sdp: string, feeds: Parameters<typeof media.answer>[1]) => media.answer(sdp, feeds),
    setKeys: (keys: CallKeys) => media.setKeys(withBytes(keys)),
    setMicrophone: (on: boolean) => media.setMicrophone(on),
    setCamera: (on: boolean) => media.setCamera(on),
    close: () => media.close(),
    events: () => events,
    picture,
    localTracks: () =>
      media.localStream.getTracks().map(({ kind, readyState }) => ({ kind, readyState })),
    remoteTracks: () => media.remoteStream.getTracks().map(({ kind }) => kind),
  },
});
