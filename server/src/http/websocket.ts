/** WebSockets: admission before the upgrade, bounds, pings, and the end of them all. */
import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { Connection } from '../connection.js';
import { ServerError } from '../errors.js';
import { limits } from '../limits.js';
import type { Metrics } from '../metrics.js';
import type { Services } from '../services.js';
import { admit, type Admission } from './admission.js';
import { clientAddress } from './client-address.js';
import { ClientSocket, type SocketGround } from './client-socket.js';
import type { ConnectionBounds } from './connection-bounds.js';
import { PingWheel } from './ping-wheel.js';
import { takeMessage } from './procedure-calls.js';

/** A socket that answers no ping for this long is dead; two pings fit in. */
const deadAfterMs = 30_000;
/** How long clients have to answer a close frame when the server stops. */
const closeTimeoutMs = 1_000;
/** RFC 6455, section 7.4.1: the server restarts; clients come back by themselves. */
const serviceRestart = 1012;

export interface WebSocketEndpoint {
  /** Takes no more sockets and closes all that are open. */
  close(): Promise<void>;
}

export interface WebSocketOptions {
  server: Server;
  services: Services;
  metrics: Metrics;
  trustProxy: boolean;
  /** Who may have how many sockets. */
  connections: ConnectionBounds;
  /** Other bounds, for tests. */
  bounds?: { slowConsumerBytesMax?: number; deadAfterMs?: number } | undefined;
}

/** Serves `/trpc` on the HTTP server's upgrades. */
export function serveWebSockets(options: WebSocketOptions): WebSocketEndpoint {
  const upgrades = new Upgrades(options);
  const { server } = options;
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    void upgrades.take(request, stream, head);
  };
  server.on('upgrade', upgrade);
  return {
    async close() {
      server.off('upgrade', upgrade);
      await upgrades.close();
    },
  };
}

/** Methods and no closures: a closure on a request's way would keep the request as long as its socket lives. */
class Upgrades {
  readonly #options: WebSocketOptions;
  readonly #ground: SocketGround;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.websocketMessageBytesMax,
    perMessageDeflate: false,
    clientTracking: false,
    WebSocket: ClientSocket,
  });

  constructor(options: WebSocketOptions) {
    this.#options = options;
    const { metrics, services, bounds = {} } = options;
    this.#ground = {
      wheel: new PingWheel((bounds.deadAfterMs ?? deadAfterMs) / 2),
      unsentBytesMax: bounds.slowConsumerBytesMax ?? limits.slowConsumerBytesMax,
      onMessage: takeMessage,
      onClosed: () => {
        metrics.connections.dec();
      },
      onCut: () => {
        metrics.slowConsumersCut.inc();
      },
      onFault: (error) => {
        services.logger.debug({ err: error }, 'a socket failed');
      },
    };
  }

  async take(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    stream.on('error', destroyThis);
    try {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname !== '/trpc') throw new ServerError('not_found', 'no WebSocket there');
      const admission = await admit(request, this.#options.services);
      this.#upgrade({ request, stream, head }, admission);
    } catch (error) {
      this.#options.metrics.upgradesRefused.inc();
      refuse(stream, error);
    }
  }

  #upgrade(
    { request, stream, head }: { request: IncomingMessage; stream: Duplex; head: Buffer },
    { site, origin }: Admission,
  ): void {
    const { services, metrics, trustProxy, connections } = this.#options;
    const ip = clientAddress(request, trustProxy);
    const place = connections.enter(ip, stream);
    const expectsParams = /[?&]connectionParams=1(&|$)/.test(request.url ?? '');
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      const connection = new Connection({ site, origin, ip, bus: services.bus, socket, place });
      if (expectsParams) socket.stage = 'params';
      socket.begin(this.#ground, stream, { services, connection });
      metrics.connections.inc();
    });
  }

  async close(): Promise<void> {
    const { wheel } = this.#ground;
    wheel.stop();
    const sockets = wheel.all();
    const closed = sockets.map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    for (const socket of sockets) socket.close(serviceRestart, 'restart');
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
    }, closeTimeoutMs);
    await Promise.all(closed);
    clearTimeout(timer);
  }
}

function destroyThis(this: Duplex): void {
  this.destroy();
}

/** Answers a request to upgrade with plain HTTP. A page cannot read this; it asks `sites.info` over HTTP. */
function refuse(stream: Duplex, error: unknown): void {
  const code = error instanceof ServerError ? error.code : 'internal';
  const statuses: Record<string, number> = {
    site_unknown: 404,
    not_found: 404,
    origin_refused: 403,
    too_many: 429,
  };
  const status = statuses[code] ?? 500;
  const body = JSON.stringify({ code });
  stream.end(
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\n` +
      `Connection: close\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`,
  );
}
