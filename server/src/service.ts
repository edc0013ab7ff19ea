/** The composition root: makes every part, hands each what it needs, starts and stops them in order. */
import type { AddressInfo } from 'node:net';
import { createAccountsService } from './accounts/service.js';
import { createActivity } from './activity.js';
import { createCallsService } from './calls/service.js';
import type { Config } from './config.js';
import { createConversationsService } from './conversations/service.js';
import { createDatabase } from './database/connection.js';
import type { Database } from './database/contract.js';
import { queryRows } from './database/query.js';
import { createDevicesService } from './devices/service.js';
import { createApp } from './http/app.js';
import { serveWebSockets, type WebSocketOptions } from './http/websocket.js';
import { createLogger, type Logger } from './logging.js';
import type { Media } from './media/contract.js';
import { createManagedMedia } from './media/managed-media.js';
import { createMetrics } from './metrics.js';
import { createRateLimits, noRateLimits, type RateLimits } from './rate-limits.js';
import type { Bus } from './realtime/contract.js';
import { createInProcessBus } from './realtime/in-process.js';
import type { Services } from './services.js';
import { createSitesService } from './sites/service.js';

/** Ports that a test or an embedding program may bring itself; the service closes them all the same. */
export interface Overrides {
  logger?: Logger;
  database?: Database;
  bus?: Bus;
  media?: Media;
  rateLimits?: RateLimits;
  bounds?: WebSocketOptions['bounds'];
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
const sweepEveryMs = 60_000;

/** Opens the database (and migrates it) and puts everything together; nothing listens yet.
 * @throws DatabaseError when the database cannot be opened */
export async function createService(config: Config, overrides: Overrides = {}): Promise<Service> {
  const logger = overrides.logger ?? createLogger(config.logLevel);
  const metrics = createMetrics();
  const database =
    overrides.database ??
    (await createDatabase({
      dataFolder: config.dataFolder,
      databaseUrl: config.databaseUrl,
      logger,
    }));
  const bus =
    overrides.bus ??
    createInProcessBus({
      logger,
      onPublish: ({ type }) => {
        metrics.eventsPublished.inc({ type });
      },
    });
  const media = overrides.media ?? (await createManagedMedia(config, logger));
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
  });
  const services: Services = {
    sites,
    accounts,
    devices,
    conversations,
    calls,
    bus,
    rateLimits: overrides.rateLimits ?? (config.rateLimits ? createRateLimits() : noRateLimits),
    activity: createActivity(metrics),
    logger,
  };
  const probe = { database: () => answers(database), janus: () => media.available };
  const app = await createApp({ config, services, metrics, probe });
  const sockets = serveWebSockets({
    server: app.server,
    services,
    metrics,
    trustProxy: config.trustProxy,
    bounds: overrides.bounds,
  });
  const sweeper = setInterval(() => {
    Promise.all([accounts.sweep(), devices.keyPackages.sweep(), conversations.sweep()]).catch(
      (error: unknown) => {
        logger.warn({ err: error }, 'sweeping failed');
      },
    );
  }, sweepEveryMs);
  sweeper.unref();

  async function stop(): Promise<void> {
    clearInterval(sweeper);
    await services.activity.drain(drainTimeoutMs);
    await calls.close();
    await sockets.close();
    await app.close();
    await media.close();
    await conversations.close();
    await bus.close();
    await database.close();
    logger.info('stopped');
  }
  let stopped: Promise<void> | undefined;

  return {
    services,
    async start() {
      await app.listen({ host: config.host, port: config.port });
      logger.info({ port: (app.server.address() as AddressInfo).port }, 'listening');
    },
    close: () => (stopped ??= stop()),
    address() {
      const { address, family, port } = app.server.address() as AddressInfo;
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${String(port)}`;
    },
  };
}

async function answers(database: Database): Promise<boolean> {
  try {
    await queryRows(database, 'SELECT 1 AS one');
    return true;
  } catch {
    return false;
  }
}
