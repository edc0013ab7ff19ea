/** The composition root: makes every part, hands each what it needs, starts and stops them in order. */
import type { AddressInfo } from 'node:net';
import { createAccountsService } from './accounts/service.js';
import { createActivity } from './activity.js';
import { createCallsService } from './calls/service.js';
import type { Config } from './config.js';
import { createConversationsService } from './conversations/service.js';
import { createDatabase } from './database/connection.js';
import type { Database } from './database/contract.js';
import { watchDatabase, type DatabaseHealth } from './database/health.js';
import { createDevicesService } from './devices/service.js';
import type { LiveEvent } from './events/contract.js';
import { createApp, type Patience } from './http/app.js';
import { bareConnectionBounds, boundBareConnections } from './http/bare-connections.js';
import { createConnectionBounds, type ConnectionBoundsTable } from './http/connection-bounds.js';
import { serveWebSockets, type WebSocketOptions } from './http/websocket.js';
import { createLogger, type Logger } from './logging.js';
import type { Media } from './media/contract.js';
import { createManagedMedia } from './media/managed-media.js';
import { createMetrics, type Metrics } from './metrics.js';
import { createRateLimits, noRateLimits, type RateLimits } from './rate-limits.js';
import type { Bus } from './realtime/contract.js';
import { createInProcessBus } from './realtime/in-process.js';
import type { Services } from './services.js';
import { createSitesService } from './sites/service.js';
import { createUnderWay } from './under-way.js';

export { DatabaseError } from './database/errors.js';

/** Ports that a test or an embedding program may bring itself; the service closes them all the same. */
export interface Overrides {
  logger?: Logger;
  database?: Database;
  bus?: Bus;
  media?: Media;
  rateLimits?: RateLimits;
  bounds?: WebSocketOptions['bounds'];
  connections?: Partial<ConnectionBoundsTable>;
  patience?: Partial<Patience>;
}

export interface Service {
  readonly services: Services;
  /** Listens; resolves when requests are answered. */
  start(): Promise<void>;
  /** Answers what is in flight, closes the sockets, commits every accepted write. May be called twice. */
  close(): Promise<void>;
  /** `http://HOST:PORT` as listened on; only after `start`. */
  address(): string;
}

/** How long requests in flight may take once the server stops. */
const drainTimeoutMs = 5_000;
/** Connections that may wait to be taken: after a restart everybody comes at once, and whom the system turns away tries
 * again only after seconds. Systems have a bound of their own (`somaxconn`), 4,096 on Linux. */
const backlog = 4_096;
/** How often what is over is forgotten: challenges, sessions, key packages, ciphertext. */
const sweepEveryMs = 60_000;

/** What the slices stand on. */
interface Ground {
  database: Database;
  health: DatabaseHealth;
  bus: Bus;
  media: Media;
  metrics: Metrics;
  logger: Logger;
  rateLimits: RateLimits;
}

/** Opens the database (and migrates it), finds Janus and puts everything together; nothing listens yet.
 * @throws DatabaseError when the database cannot be opened */
export async function createService(config: Config, overrides: Overrides = {}): Promise<Service> {
  const ground = await prepareGround(config, overrides);
  const services = createServices(ground, config);
  const { database, health, media, bus, metrics, logger } = ground;
  const probe = { database: () => health.check(), janus: () => media.available };
  const { trustProxy } = config;
  const { bounds, patience } = overrides;
  const perAddress = config.rateLimits;
  const connections = createConnectionBounds({ perAddress, ...overrides.connections });
  const app = await createApp({ config, services, metrics, probe, connections, patience });
  const { server } = app;
  const alone = perAddress && !trustProxy;
  boundBareConnections(server, {
    ...bareConnectionBounds,
    ...(alone ? {} : { perAddressMax: Infinity }),
  });
  const sockets = serveWebSockets({
    server,
    services,
    metrics,
    trustProxy,
    connections,
    bounds,
  });
  const stopSweeping = sweepRegularly(services, logger);

  async function stop(): Promise<void> {
    stopSweeping();
    await services.activity.drain(drainTimeoutMs);
    await services.calls.close();
    await sockets.close();
    connections.close();
    await app.close();
    await media.close();
    await services.conversations.close();
    await bus.close();
    await database.close();
    logger.info('stopped');
  }
  let stopped: Promise<void> | undefined;
  const listening = (): AddressInfo => app.server.address() as AddressInfo;

  return {
    services,
    async start() {
      await app.listen({ host: config.host, port: config.port, backlog });
      logger.info({ port: listening().port }, 'listening');
    },
    close: () => (stopped ??= stop()),
    address() {
      const { address, family, port } = listening();
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${String(port)}`;
    },
  };
}

async function prepareGround(config: Config, overrides: Overrides): Promise<Ground> {
  const logger = overrides.logger ?? createLogger(config.logLevel);
  const metrics = createMetrics();
  const { dataFolder, databaseUrl } = config;
  const opened = overrides.database ?? (await createDatabase({ dataFolder, databaseUrl, logger }));
  const { database, health } = watchDatabase(observeWrites(opened, metrics), logger);
  const countEvent = (event: LiveEvent): void => {
    metrics.eventsPublished.inc({ type: event.type });
    if (event.type === 'envelope') metrics.messagesStored.inc({ kind: event.envelope.kind });
  };
  const bus = overrides.bus ?? createInProcessBus({ logger, onPublish: countEvent });
  const rateLimits =
    overrides.rateLimits ?? (config.rateLimits ? createRateLimits() : noRateLimits);
  try {
    const media = overrides.media ?? (await createManagedMedia(config, logger));
    return { database, health, bus, media, metrics, logger, rateLimits };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The slices, each given the others' services where it needs them. */
function createServices(ground: Ground, config: Config): Services {
  const { database, bus, media, metrics, logger, rateLimits } = ground;
  const sites = createSitesService({ database, callsAvailable: () => media.available });
  const devices = createDevicesService({ database, bus });
  const accounts = createAccountsService({
    database,
    sites,
    devices,
    onDeviceRevoked: (deviceId) => conversations.deviceRevoked(deviceId),
  });
  const conversations = createConversationsService({
    database,
    bus,
    directory: {
      accountByAddress: (address, fromSite) => accounts.accountByAddress(address, fromSite),
      devicesOfAccounts: (ids) => devices.devicesOfAccounts(ids),
      siteRetention: (key) => sites.siteRetention(key),
    },
    logger,
    onBatch: (items) => {
      metrics.writeBatchSize.observe(items);
    },
  });
  const calls = createCallsService({
    media,
    bus,
    directory: {
      membersOf: (id) => conversations.membersOf(id),
      devicesOfAccounts: (ids) => devices.devicesOfAccounts(ids),
    },
    ice: config,
    logger,
    onCount: (count) => {
      metrics.callsActive.set(count);
    },
    onAnswered: (caller) => {
      void rateLimits.giveBack('callUnanswered', caller);
    },
  });
  const activity = createActivity(metrics);
  const underWay = createUnderWay();
  return {
    sites,
    accounts,
    devices,
    conversations,
    calls,
    bus,
    rateLimits,
    activity,
    underWay,
    logger,
  };
}

function sweepRegularly(
  { accounts, devices, conversations }: Services,
  logger: Logger,
): () => void {
  const timer = setInterval(() => {
    const sweeps = [accounts.sweep(), devices.keyPackages.sweep(), conversations.sweep()];
    Promise.all(sweeps).catch((error: unknown) => {
      logger.warn({ err: error }, 'sweeping failed');
    });
  }, sweepEveryMs);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/** The same database, with its writes timed. */
function observeWrites(database: Database, { writeSeconds }: Metrics): Database {
  const timed = async <Result>(start: () => Promise<Result>): Promise<Result> => {
    const done = writeSeconds.startTimer();
    try {
      return await start();
    } finally {
      done();
    }
  };
  return {
    ...database,
    write: (job) => timed(() => database.write(job)),
    writeStatement: (statement) => timed(() => database.writeStatement(statement)),
  };
}
