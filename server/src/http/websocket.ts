/** tRPC over WebSockets: admission before the upgrade, binary frames, bounds, pings. */
import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import { WebSocket, WebSocketServer } from 'ws';
import { ServerError } from '../errors.js';
import { limits } from '../limits.js';
import type { Metrics } from '../metrics.js';
import { frameEncoder } from '../realtime/encoder.js';
import { appRouter } from '../router.js';
import type { Services } from '../services.js';
import type { Context } from '../trpc.js';
import { admit, connect, parseToken, type Admission } from './admission.js';
import { clientAddress } from './client-address.js';

/** A socket that answers no ping for this long is dead; two pings fit in. */
const deadAfterMs = 30_000;
/** How long clients have to answer a close frame when the server stops. */
const closeTimeoutMs = 1_000;
/** RFC 6455, section 7.4.1: the server restarts; clients come back by themselves. */
const serviceRestart = 1012;
/** Requests in one frame. */
const batchMax = 20;

export interface WebSocketEndpoint {
  /** Takes no more sockets and closes all that are open. */
  close(): Promise<void>;
}

export interface WebSocketOptions {
  server: Server;
  services: Services;
  metrics: Metrics;
  trustProxy: boolean;
  /** Other bounds, for tests. */
  bounds?: { slowConsumerBytesMax?: number; deadAfterMs?: number } | undefined;
}

/** Serves `/trpc` on the HTTP server's upgrades. */
export function serveWebSockets(options: WebSocketOptions): WebSocketEndpoint {
  const { server, services, metrics, trustProxy, bounds = {} } = options;
  const admissions = new WeakMap<IncomingMessage, Admission>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.websocketMessageBytesMax,
    perMessageDeflate: false,
    clientTracking: true,
  });
  const serve = getWSConnectionHandler({
    wss: sockets,
    router: appRouter,
    experimental_encoder: frameEncoder,
    maxBatchSize: batchMax,
    createContext: async ({ req, res, info }): Promise<Context> => {
      const admission = admissions.get(req);
      if (admission === undefined) throw new ServerError('internal', 'a socket without admission');
      const connection = await connect(admission, {
        services,
        ip: clientAddress(req, trustProxy),
        token: parseToken(info.connectionParams?.session),
        close: (code, reason) => {
          res.close(code, reason);
        },
      });
      // Whoever was signed in on it is so no longer, and nothing listens on its behalf.
      res.once('close', () => {
        connection.signOut();
      });
      if (res.readyState !== WebSocket.OPEN) connection.signOut();
      return { services, connection };
    },
    onError: ({ error }) => {
      services.logger.debug({ code: error.code }, 'a frame was refused');
    },
  });

  async function onUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    stream.on('error', () => stream.destroy());
    try {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname !== '/trpc') throw new ServerError('not_found', 'no WebSocket there');
      const admission = await admit(request, services);
      sockets.handleUpgrade(request, stream, head, (socket) => {
        admissions.set(request, admission);
        boundSocket(socket, bounds.slowConsumerBytesMax ?? limits.slowConsumerBytesMax, () => {
          metrics.slowConsumersCut.inc();
        });
        metrics.connections.inc();
        socket.on('close', () => {
          metrics.connections.dec();
        });
        serve(socket, request);
      });
    } catch (error) {
      metrics.upgradesRefused.inc();
      refuse(stream, error);
    }
  }
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    void onUpgrade(request, stream, head);
  };
  server.on('upgrade', upgrade);
  const stopPings = pingAll(sockets, (bounds.deadAfterMs ?? deadAfterMs) / 2);

  return {
    async close() {
      server.off('upgrade', upgrade);
      stopPings();
      const closed = [...sockets.clients].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      );
      for (const socket of sockets.clients) socket.close(serviceRestart, 'restart');
      const timer = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, closeTimeoutMs);
      await Promise.all(closed);
      clearTimeout(timer);
    },
  };
}

/** Ends the socket instead of buffering without end: whoever sends on it, the bound holds. */
function boundSocket(socket: WebSocket, bytesMax: number, onCut: () => void): void {
  const send = socket.send.bind(socket) as (...parameters: unknown[]) => void;
  socket.send = (...parameters: unknown[]): void => {
    if (socket.bufferedAmount <= bytesMax) {
      send(...parameters);
      return;
    }
    if (socket.readyState !== WebSocket.OPEN) return;
    onCut();
    // A close frame would only wait behind all the rest.
    socket.terminate();
  };
}

/** Answers a request to upgrade with plain HTTP. A page cannot read this; it asks `sites.info` over HTTP. */
function refuse(stream: Duplex, error: unknown): void {
  const code = error instanceof ServerError ? error.code : 'internal';
  const status = { site_unknown: 404, not_found: 404, origin_refused: 403 }[code as string] ?? 500;
  const body = JSON.stringify({ code });
  stream.end(
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\n` +
      `Connection: close\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`,
  );
}

/** Pings every socket in turn; one that has not answered since the last round is dead. */
function pingAll(sockets: WebSocketServer, everyMs: number): () => void {
  const silent = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const socket of sockets.clients) {
      if (silent.has(socket)) {
        socket.terminate();
        continue;
      }
      silent.add(socket);
      if (socket.listenerCount('pong') === 0) socket.on('pong', () => silent.delete(socket));
      socket.ping();
    }
  }, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
