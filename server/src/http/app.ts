/** The Fastify app: tRPC over HTTP and WebSockets, the built widget, health, metrics, security headers. */
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { fastifyTRPCPlugin, type CreateFastifyContextOptions } from '@trpc/server/adapters/fastify';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Config } from '../config.js';
import { limits } from '../limits.js';
import type { Metrics } from '../metrics.js';
import { httpAppRouter } from '../router.js';
import type { Services } from '../services.js';
import type { Context } from '../trpc.js';
import { admit, connect, parseToken } from './admission.js';
import { clientAddress } from './client-address.js';
import type { ConnectionBounds } from './connection-bounds.js';
import { serveHealth, type HealthProbe } from './health.js';
import { serveWidget } from './widget-files.js';

export interface AppOptions {
  config: Config;
  services: Services;
  metrics: Metrics;
  probe: HealthProbe;
  /** Who may have how many event streams. */
  connections: ConnectionBounds;
  /** Other patience with requests that come slowly, for tests. */
  patience?: Partial<Patience> | undefined;
}

/** How long a request may take to come, in milliseconds. */
export interface Patience {
  headMs: number;
  wholeMs: number;
  /** How often it is looked. */
  lookEveryMs: number;
}

const usualPatience: Patience = {
  headMs: limits.headersSeconds * 1000,
  wholeMs: limits.requestSeconds * 1000,
  lookEveryMs: 2_000,
};

/** Base64 takes four characters for three bytes. */
const bodyBytesMax = Math.ceil((limits.websocketMessageBytesMax * 4) / 3);

/** Makes the app; the caller listens and closes. */
export async function createApp({
  config,
  services,
  metrics,
  probe,
  connections,
  patience,
}: AppOptions): Promise<FastifyInstance> {
  const { headMs, wholeMs, lookEveryMs } = { ...usualPatience, ...patience };
  const app = Fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    routerOptions: { maxParamLength: 1_000 },
    forceCloseConnections: true,
    // Who trickles its request in, header by header or byte by byte, does not hold a socket for long.
    requestTimeout: wholeMs,
    keepAliveTimeout: headMs,
    http: {
      headersTimeout: headMs,
      connectionsCheckingInterval: lookEveryMs,
    },
  });
  await app.register(helmet, {
    // Scripts and workers are loaded from here by pages of other origins; that is what they are for.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    contentSecurityPolicy: {
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      useDefaults: false,
    },
    strictTransportSecurity: config.publicUrl.startsWith('https:'),
  });
  app.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    if (status >= 500)
      services.logger.error({ err: error }, 'a request failed outside of any procedure');
    return reply.code(status).send({ code: status >= 500 ? 'internal' : 'input_invalid' });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ code: 'not_found' }));
  await app.register(async (scope) => {
    await serveProcedures(scope, { services, connections, trustProxy: config.trustProxy });
  });
  const { metricsToken, publicUrl } = config;
  serveHealth(app, { probe, metrics, metricsToken, publicUrl });
  await serveWidget(app, config.widgetFolder);
  return app;
}

/** tRPC over HTTP and SSE, for networks without WebSockets.
 *
 * Preflights and refusals are answered for every origin, so that a page that is not on the list can read that
 * it is not; what the server has to say is only ever said to origins that `admit` lets through. There are no
 * cookies, so a foreign page gains nothing from a visitor's browser. */
async function serveProcedures(
  scope: FastifyInstance,
  {
    services,
    connections,
    trustProxy,
  }: { services: Services; connections: ConnectionBounds; trustProxy: boolean },
): Promise<void> {
  await scope.register(cors, {
    origin: true,
    credentials: false,
    methods: ['GET', 'POST'],
    allowedHeaders: [
      'content-type',
      'authorization',
      'x-parley-site',
      'last-event-id',
      'trpc-accept',
    ],
    maxAge: 600,
  });
  const createContext = async ({
    req,
    res,
    info,
  }: CreateFastifyContextOptions): Promise<Context> => {
    const admission = await admit(req.raw, services);
    const ip = clientAddress(req.raw, trustProxy);
    // A stream of events stays as long as a socket does.
    const streams = info.calls.some(({ path }) => path.startsWith('events.'));
    const place = streams ? connections.enter(ip, res.raw) : undefined;
    const bearer = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
    const connection = await connect(admission, {
      services,
      ip,
      place,
      // A browser's EventSource cannot carry headers: there tRPC puts its connection parameters into the URL.
      token: parseToken(bearer ?? info.connectionParams?.session),
    });
    return { services, connection };
  };
  await scope.register(fastifyTRPCPlugin, {
    prefix: '/trpc',
    trpcOptions: { router: httpAppRouter, createContext, maxBatchSize: 20 },
  });
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 ? status : 500;
}
