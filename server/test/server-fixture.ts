/** The whole service on a free port with a database of its own, and sites to visit it from. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../src/config.js';
import { createDatabase } from '../src/database/connection.js';
import type { Database } from '../src/database/contract.js';
import { createLogger } from '../src/logging.js';
import { noRateLimits } from '../src/rate-limits.js';
import { createService, type Overrides, type Service } from '../src/service.js';
import type { Site, SiteDraft } from '../src/sites/service.js';
import { absentMedia } from './absent-media.js';
import { connect, type TestConnection } from './client.js';

export interface TestServer {
  readonly service: Service;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Where its database is. */
  readonly place: { dataFolder: string; databaseUrl: string | undefined };
  /** Makes a site at `https://DOMAIN`; of reach `network` unless the draft says otherwise. */
  createSite(domain: string, draft?: Partial<SiteDraft>): Promise<Site>;
  /** A page of the site, connected by WebSocket; closed with the server. */
  visit(site: Site, options?: { origin?: string; session?: Uint8Array }): TestConnection;
  close(): Promise<void>;
}

export interface TestServerOptions {
  /** A PostgreSQL database; without it SQLite in a temporary folder. */
  databaseUrl?: string | undefined;
  /** A folder to open again, as after a restart; it is then not removed at the end. */
  dataFolder?: string;
  /** Further environment variables. */
  environment?: Record<string, string>;
  /** No rate limits and no Janus unless overridden. */
  overrides?: Overrides;
}

/** Opens the server's database a second time, to look at what is stored. */
export function openDatabaseOf({ place }: TestServer): Promise<Database> {
  return createDatabase(place);
}

/** Starts a service. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'parley-server-')));
  const config = readConfig({
    PARLEY_HOST: '127.0.0.1',
    PARLEY_PORT: '0',
    PARLEY_DATA: dataFolder,
    ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
    ...options.environment,
  });
  const service = await createService(config, {
    logger: createLogger('silent'),
    rateLimits: noRateLimits,
    media: absentMedia,
    ...options.overrides,
  });
  await service.start();
  const connections: TestConnection[] = [];

  return {
    service,
    url: service.address(),
    place: { dataFolder, databaseUrl: options.databaseUrl },
    createSite: (domain, draft = {}) =>
      service.services.sites.save({
        domain,
        origins: [`https://${domain}`],
        reach: 'network',
        ...draft,
      }),
    visit(site, { origin, session } = {}) {
      const connection = connect({
        url: service.address(),
        siteKey: site.key,
        origin: origin ?? [...site.origins][0] ?? '',
        session,
      });
      connections.push(connection);
      return connection;
    },
    async close() {
      await Promise.all(connections.map((connection) => connection.close()));
      await service.close();
      if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
