/** What operators can watch: counters and gauges in Prometheus' format. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  readonly connections: Gauge;
  /** Labels: `path`, `type`, `code` (a ServerErrorCode or `ok`). */
  readonly requests: Counter;
  /** Labels: `path`. Seconds. */
  readonly requestSeconds: Histogram;
  readonly slowConsumersCut: Counter;
  readonly upgradesRefused: Counter;
  readonly eventsPublished: Counter;
  /** Labels: `kind`. */
  readonly messagesStored: Counter;
  /** One observation for each job of the write queue; a batch of messages is one job. */
  readonly writeSeconds: Histogram;
  /** How many messages and commits share a transaction. */
  readonly writeBatchSize: Histogram;
  readonly callsActive: Gauge;
}

/** Makes a registry of its own, so that several services can live in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'parley_' });
  return {
    registry,
    connections: new Gauge({
      name: 'parley_connections',
      help: 'WebSockets that are open',
      registers,
    }),
    requests: new Counter({
      name: 'parley_requests_total',
      help: 'Procedure calls by outcome',
      labelNames: ['path', 'type', 'code'],
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'parley_request_seconds',
      help: 'Time until a query or mutation is answered',
      labelNames: ['path'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
    slowConsumersCut: new Counter({
      name: 'parley_slow_consumers_cut_total',
      help: 'Connections closed because they did not take what was sent',
      registers,
    }),
    upgradesRefused: new Counter({
      name: 'parley_upgrades_refused_total',
      help: 'WebSockets refused for their site key or origin',
      registers,
    }),
    eventsPublished: new Counter({
      name: 'parley_events_published_total',
      help: 'Live events by type',
      labelNames: ['type'],
      registers,
    }),
    messagesStored: new Counter({
      name: 'parley_messages_stored_total',
      help: 'Envelopes stored and told to their receivers',
      labelNames: ['kind'],
      registers,
    }),
    writeSeconds: new Histogram({
      name: 'parley_write_seconds',
      help: 'Time from asking for a write to its commit; a batch of messages counts once',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
    writeBatchSize: new Histogram({
      name: 'parley_write_batch_messages',
      help: 'Messages and commits that shared a transaction',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    }),
    callsActive: new Gauge({
      name: 'parley_calls_active',
      help: 'Calls that ring or run',
      registers,
    }),
  };
}
