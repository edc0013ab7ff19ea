/** A connection over one WebSocket with binary frames. */
import { createTRPCUntypedClient, createWSClient, wsLink } from '@trpc/client';
import { toBase64Url } from '../bytes.js';
import type { Connection } from './contract.js';
import { TransportError } from './errors.js';
import { createFrameCodec } from './frame-codec.js';
import { transportLimits } from './limits.js';
import { createProcedures } from './procedures.js';
import type { LinkRouter } from './router-types.js';
import { subscribeTo } from './subscription.js';

export interface WebSocketOptions {
  /** `https://HOST`, without a path. */
  serverUrl: string;
  siteKey: string;
  session: Uint8Array | null;
  signal: AbortSignal;
  /** For runtimes without one. */
  WebSocket?: typeof WebSocket;
}

/** Opens one socket. tRPC's own reconnection is not used: it would send subscriptions again by itself, but what has
 * to happen after a loss (log-in, subscribe, heads, pull, outbox) has an order that only the engine knows.
 * @throws TransportError `offline` */
export async function connectWebSocket(options: WebSocketOptions): Promise<Connection> {
  const { serverUrl, siteKey, session, signal } = options;
  const ended = new AbortController();
  let opened: () => void = () => undefined;
  const open = new Promise<void>((resolve) => (opened = resolve));
  const end = (): void => {
    ended.abort();
  };

  const client = createWSClient({
    url: `${serverUrl.replace(/^http/, 'ws')}/trpc?site=${encodeURIComponent(siteKey)}`,
    connectionParams: session === null ? {} : { session: toBase64Url(session) },
    keepAlive: {
      enabled: true,
      intervalMs: transportLimits.pingIntervalMs,
      pongTimeoutMs: transportLimits.pongTimeoutMs,
    },
    experimental_encoder: createFrameCodec(end),
    onOpen: opened,
    onClose: end,
    onError: end,
    ...(options.WebSocket && { WebSocket: options.WebSocket }),
  });
  const closed = new Promise<void>((resolve) => {
    ended.signal.addEventListener('abort', () => {
      void client.close();
      resolve();
    });
  });
  signal.addEventListener('abort', end, { signal: ended.signal });
  if (signal.aborted) end();

  const timer = setTimeout(end, transportLimits.requestTimeoutMs);
  await Promise.race([open, closed]);
  clearTimeout(timer);
  if (ended.signal.aborted) throw new TransportError('offline');

  const trpc = createTRPCUntypedClient<LinkRouter>({ links: [wsLink<LinkRouter>({ client })] });
  return {
    kind: 'websocket',
    ...createProcedures(trpc, { signal: ended.signal, onSilence: end }),
    subscribe: (listener) => subscribeTo(trpc, { signal: ended.signal, listener, onEnd: end }),
    // The log-in attaches the session to this socket.
    setSession: () => undefined,
    closed,
    close: end,
  };
}
