/** What operators and their load balancers ask: alive, ready, and the numbers. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Metrics } from '../metrics.js';

/** The state of what the service depends on. */
export interface HealthProbe {
  /** Whether the database answers. */
  database(): Promise<boolean>;
  /** Whether a Janus answers; without one everything but calls works. */
  janus(): boolean;
}

export interface HealthOptions {
  probe: HealthProbe;
  metrics: Metrics;
  metricsToken: string | undefined;
}

/** `/healthz`: the process answers. `/readyz`: 503 without a database; says whether calls work. `/metrics`. */
export function serveHealth(
  app: FastifyInstance,
  { probe, metrics, metricsToken }: HealthOptions,
): void {
  app.get('/healthz', () => ({ status: 'ok' }));

  app.get('/readyz', async (_request, reply) => {
    const database = await probe.database();
    const body = { database: database ? 'ok' : 'down', janus: probe.janus() ? 'ok' : 'down' };
    return reply.code(database ? 200 : 503).send(body);
  });

  app.get('/metrics', async (request, reply) => {
    if (!mayRead(request, metricsToken)) return reply.code(403).send({ code: 'forbidden' });
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** With a token configured its bearer, otherwise this machine alone (and nobody whom a proxy brings here). */
function mayRead(request: FastifyRequest, token: string | undefined): boolean {
  if (token === undefined) {
    return (
      request.headers['x-forwarded-for'] === undefined &&
      loopback.has(request.socket.remoteAddress ?? '')
    );
  }
  const given = Buffer.from(request.headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
