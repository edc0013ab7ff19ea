/** What operators and their load balancers ask: alive, ready, and the numbers. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Metrics } from '../metrics.js';

/** The state of what the service depends on. */
export interface HealthProbe {
  /** `ok`, or what is wrong with the database. */
  database(): Promise<string>;
  /** Whether a Janus answers; without one everything but calls works. */
  janus(): boolean;
}

export interface HealthOptions {
  probe: HealthProbe;
  metrics: Metrics;
  metricsToken: string | undefined;
  /** Where browsers reach the server. */
  publicUrl: string;
}

/** `/healthz`: the process answers. `/readyz`: 503 and why, unless the database reads and writes; says whether calls
 * work. `/metrics`. */
export function serveHealth(
  app: FastifyInstance,
  { probe, metrics, metricsToken, publicUrl }: HealthOptions,
): void {
  app.get('/healthz', () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const database = await probe.database();
    const body = { database, janus: probe.janus() ? 'ok' : 'down' };
    return reply.code(database === 'ok' ? 200 : 503).send(body);
  });

  app.get('/metrics', async (request, reply) => {
    const mayRead =
      metricsToken === undefined
        ? isLocal(new URL(publicUrl).host) && comesFromHere(request)
        : hasToken(request, metricsToken);
    if (!mayRead) return reply.code(403).send({ code: 'forbidden' });
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
/** What proxies say of whom they speak for. */
const forwarding = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'forwarded',
  'via',
];

/** A name of this machine for itself, with or without a port. */
function isLocal(host: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host);
}

/** Whether a program on this machine asks for itself. A proxy on this machine that says nothing of whom it speaks for
 * looks the same: that is why a server with a public address gives its numbers only for a token. */
function comesFromHere({ headers, socket }: FastifyRequest): boolean {
  return (
    loopback.has(socket.remoteAddress ?? '') &&
    isLocal(headers.host ?? '') &&
    forwarding.every((name) => headers[name] === undefined)
  );
}

function hasToken({ headers }: FastifyRequest, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
