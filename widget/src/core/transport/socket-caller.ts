/** Requests over an open socket: numbered, each answered by its number.
 *
 * Reconnection is not done here: what has to happen after a loss (log-in, subscribe, heads, pull, outbox) has an order
 * that only the engine knows. */
import type { Caller, Stream } from './caller.js';
import { errorFromWire, TransportError } from './errors.js';
import { decodeFrame, encodeFrame, type Frame } from './frame-codec.js';

/** Somebody who waits for frames with one number. */
interface Waiting {
  /** @returns whether more may come. */
  take(frame: Frame): boolean;
  fail(error: TransportError): void;
}

export interface SocketCaller extends Caller {
  /** Takes a message of the socket. @returns whether an honest server may have sent it. */
  take(data: unknown): boolean;
  /** Fails whoever still waits. */
  end(): void;
}

/** @param send puts bytes on the socket. */
export function createSocketCaller(send: (bytes: Uint8Array<ArrayBuffer>) => void): SocketCaller {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let over = false;

  const ask = (method: string, params: { path: string; input: unknown }, one: Waiting): void => {
    if (over) {
      one.fail(new TransportError('offline'));
      return;
    }
    last += 1;
    waiting.set(last, one);
    send(encodeFrame({ id: last, method, params }));
  };

  return {
    call: ({ method, path, input }) =>
      new Promise((resolve, reject) => {
        ask(method, { path, input }, { take: answered(resolve, reject), fail: reject });
      }),
    listen(path, input, stream) {
      const heard = { take: streamed(stream), fail: stream.onEnd.bind(stream) };
      ask('subscription', { path, input }, heard);
    },
    take(data) {
      const frame = decodeFrame(data);
      if (frame === null) return false;
      const one = frame.id === null ? undefined : waiting.get(frame.id);
      if (one !== undefined && !one.take(frame)) waiting.delete(frame.id ?? 0);
      return true;
    },
    end() {
      over = true;
      for (const one of waiting.values()) one.fail(new TransportError('offline'));
      waiting.clear();
    },
  };
}

const answered =
  (resolve: (data: unknown) => void, reject: (error: TransportError) => void) =>
  ({ result, error }: Frame): boolean => {
    if (result === undefined) reject(errorFromWire(error?.data));
    else resolve(result.data);
    return false;
  };

const streamed =
  (stream: Stream) =>
  ({ result, error }: Frame): boolean => {
    if (result === undefined) stream.onEnd(errorFromWire(error?.data));
    else if (result.type === 'stopped') stream.onEnd(new TransportError('offline'));
    else if (result.type === 'started') return true;
    else {
      stream.onData(result.data);
      return true;
    }
    return false;
  };
