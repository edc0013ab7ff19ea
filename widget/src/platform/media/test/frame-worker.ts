/// <reference lib="webworker" />
/** A stand-in for the frame worker where a test is about the way of the frames and not about SFrame: it flips
 * every bit behind the codec's clear part with a key byte, and drops what was flipped with another. */

interface Options {
  direction: 'send' | 'receive';
  kind: 'audio' | 'video';
  device?: string;
}

interface Frame {
  data: ArrayBuffer;
}

let key = 0;
const mark = 0x5a;

function flip(data: ArrayBuffer, clear: number): Uint8Array {
  return new Uint8Array(data).map((byte, index) => (index < clear ? byte : byte ^ key));
}

function clearOf({ kind }: Options, first: number): number {
  if (kind === 'audio') return 1;
  return (first & 1) === 0 ? 10 : 3;
}

addEventListener(
  'message',
  ({ data }: MessageEvent<{ type: 'keys'; keys: { epochs: { baseKey: Uint8Array }[] } }>) => {
    key = data.keys.epochs[0]?.baseKey[0] ?? 0;
  },
);

addEventListener('rtctransform', (event) => {
  const { transformer } = event as unknown as {
    transformer: {
      options: Options;
      readable: ReadableStream<Frame>;
      writable: WritableStream<Frame>;
    };
  };
  const { options, readable, writable } = transformer;
  let told = false;
  const change = new TransformStream<Frame, Frame>({
    transform(frame, controller) {
      const bytes = new Uint8Array(frame.data);
      if (bytes.length === 0) return;
      const clear = clearOf(options, bytes[0] ?? 0);
      if (options.direction === 'send') {
        const sealed = new Uint8Array(bytes.length + 1);
        sealed.set(flip(frame.data, clear));
        sealed[bytes.length] = mark ^ key;
        frame.data = sealed.buffer;
      } else {
        if (((bytes.at(-1) ?? 0) ^ key) !== mark) return;
        frame.data = flip(frame.data.slice(0, -1), clear).buffer as ArrayBuffer;
        if (!told) postMessage({ type: 'first_frame', kind: options.kind, device: options.device });
        told = true;
      }
      controller.enqueue(frame);
    },
  });
  void readable.pipeThrough(change).pipeTo(writable);
});
