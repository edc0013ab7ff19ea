/** A connection over one WebSocket with binary frames. */
import { toBase64Url } from '../bytes.js';
import type { Connection } from './contract.js';
import { TransportError } from './errors.js';
import { encodeFrame } from './frame-codec.js';
import { transportLimits } from './limits.js';
import { createProcedures } from './procedures.js';
import { watchSilence } from './silence.js';
import { createSocketCaller } from './socket-caller.js';
import { malformedIn, subscribeTo } from './subscription.js';

export interface WebSocketOptions {
  /** `https://HOST`, without a path. */
  serverUrl: string;
  siteKey: string;
  instance: string;
  session: Uint8Array | null;
  signal: AbortSignal;
  /** Called at the first that comes from the server itself: that a socket opens may be a proxy's doing. */
  onSign?: () => void;
  /** For runtimes without one. */
  WebSocket?: typeof WebSocket;
}

/** RFC 6455, section 7.4.1: the server restarts. Nobody else closes a socket so. */
const serviceRestart = 1012;

/** Opens one socket.
 * @throws TransportError `offline` */
export async function connectWebSocket(options: WebSocketOptions): Promise<Connection> {
  const { serverUrl, siteKey, instance, session, signal } = options;
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
  };
  const address = `${serverUrl.replace(/^http/, 'ws')}/trpc?site=${encodeURIComponent(siteKey)}&connectionParams=1`;
  const socket = openSocket(address, options.WebSocket);
  const caller = createSocketCaller((bytes) => {
    // Between the loss of a socket and its event, browsers drop silently and others throw.
    if (socket.readyState === 1) socket.send(bytes);
  });
  const endOf = (why: TransportError): void => {
    ended.abort(why);
  };
  const closed = new Promise<TransportError | null>((resolve) => {
    ended.signal.addEventListener('abort', () => {
      caller.end();
      socket.close();
      resolve(malformedIn(ended.signal));
    });
  });
  signal.addEventListener('abort', end, { signal: ended.signal });
  if (signal.aborted) end();
  const open = new Promise<void>((resolve) => {
    socket.addEventListener('open', () => {
      resolve();
    });
  });
  socket.addEventListener('close', ({ code }) => {
    if (code === serviceRestart) options.onSign?.();
    end();
  });
  socket.addEventListener('error', end);

  const timer = setTimeout(end, transportLimits.openTimeoutMs);
  await Promise.race([open, closed]);
  clearTimeout(timer);
  if (ended.signal.aborted) throw new TransportError('offline');

  const sign = watchSilence(() => socket.send('PING'), end, ended.signal);
  socket.addEventListener('message', () => options.onSign?.(), { once: true });
  socket.addEventListener('message', ({ data }) => {
    // After its end nothing of a connection is believed, whatever still comes.
    if (ended.signal.aborted) return;
    sign();
    if (data === 'PING') socket.send('PONG');
    else if (data !== 'PONG' && !caller.take(data)) endOf(new TransportError('answer_malformed'));
  });
  const data = session === null ? {} : { session: toBase64Url(session) };
  socket.send(encodeFrame({ method: 'connectionParams', data }));
  return {
    kind: 'websocket',
    ...createProcedures(caller, end),
    subscribe: (listener) => subscribeTo(caller, { instance, listener, onEnd: endOf }),
    // The log-in attaches the session to this socket.
    setSession: () => undefined,
    closed,
    close: end,
  };
}

/** @throws TransportError `offline` for an address that a socket refuses, or where a policy of the page does. */
function openSocket(address: string, Socket = WebSocket): WebSocket {
  try {
    const socket = new Socket(address);
    socket.binaryType = 'arraybuffer';
    return socket;
  } catch (cause) {
    throw new TransportError('offline', { cause });
  }
}
