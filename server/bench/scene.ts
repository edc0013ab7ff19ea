/** People, sessions and conversations in a database, and the built server in a process of its own to serve them. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/free-port.js';
import { createDatabase } from '../src/database/connection.js';
import type { Database } from '../src/database/contract.js';
import { placeholders, runStatement, type StatementValue } from '../src/database/statements.js';
import { createSitesService } from '../src/sites/service.js';
import { MeasuredProcess } from './measured-process.js';

/** Somebody with one device and a session on it. */
export interface BenchPerson {
  accountId: string;
  deviceId: string;
  address: string;
  /** base64url, as a client brings it. */
  session: string;
}

/** Two people with a conversation. */
export interface BenchPair {
  people: readonly [BenchPerson, BenchPerson];
  conversationId: string;
}

/** Who is in the database. */
export interface Population {
  siteKey: string;
  pairs: BenchPair[];
}

export const benchOrigin = 'https://bench.example';
const rowsAtATime = 500;

export const randomId = (): string => randomBytes(16).toString('base64url');

/** Stores rows, few statements for all of them, in one transaction for each 100,000. */
export async function insertRows(
  database: Database,
  into: { table: string; columns: readonly string[] },
  rows: readonly (readonly StatementValue[])[],
): Promise<void> {
  const { table, columns } = into;
  for (let start = 0; start < rows.length; start += 100_000) {
    await database.write(async (transaction) => {
      const end = Math.min(rows.length, start + 100_000);
      for (let at = start; at < end; at += rowsAtATime) {
        const portion = rows.slice(at, Math.min(end, at + rowsAtATime));
        await runStatement(
          { database, transaction },
          `INSERT INTO ${table} (${columns.join(',')})
           VALUES ${placeholders(portion.length, columns.length, database.dialect)}`,
          portion.flat(),
        );
      }
    });
  }
}

function makePair(index: number): BenchPair {
  const person = (name: string): BenchPerson => ({
    accountId: randomId(),
    deviceId: randomId(),
    address: `@${name}_${index}@bench.example`,
    session: randomBytes(32).toString('base64url'),
  });
  return { people: [person('anna'), person('boris')], conversationId: randomId() };
}

/** Stores people as if they had signed up, begun a conversation and joined it. */
export async function populate(database: Database, pairCount: number): Promise<Population> {
  const sites = createSitesService({ database, callsAvailable: () => false });
  const site = await sites.save({ domain: 'bench.example', origins: [benchOrigin] });
  const pairs = Array.from({ length: pairCount }, (_, index) => makePair(index));
  const people = pairs.flatMap((pair) => pair.people);
  const [now, later] = [Date.now(), Date.now() + 86_400_000];
  const key = randomBytes(32);
  const rowsOf = async (
    table: string,
    columns: string,
    rows: (readonly StatementValue[])[],
  ): Promise<void> => insertRows(database, { table, columns: columns.split(' ') }, rows);
  const hash = (session: string): string =>
    createHash('sha256').update(Buffer.from(session, 'base64url')).digest('hex');
  const cells = (cell: (pair: BenchPair, person: BenchPerson) => readonly StatementValue[]) =>
    pairs.flatMap((pair) => pair.people.map((person) => cell(pair, person)));

  await rowsOf(
    'accounts',
    'id site_key address account_key created_at',
    people.map((one) => [one.accountId, site.key, one.address, key, now]),
  );
  await rowsOf(
    'devices',
    'id account_id signature_key certificate created_at',
    people.map((one) => [one.deviceId, one.accountId, key, randomBytes(64), now]),
  );
  await rowsOf(
    'sessions',
    'token_hash device_id expires_at',
    people.map((one) => [hash(one.session), one.deviceId, later]),
  );
  await rowsOf(
    'conversations',
    'id direct_key site_key creator_device suite epoch head purged_to created_at',
    pairs.map(({ conversationId, people: [one, two] }) => [
      conversationId,
      [one.accountId, two.accountId].sort().join(':'),
      site.key,
      one.deviceId,
      83,
      1,
      0,
      0,
      now,
    ]),
  );
  await rowsOf(
    'conversation_members',
    'conversation_id account_id address',
    cells((pair, one) => [pair.conversationId, one.accountId, one.address]),
  );
  await rowsOf(
    'cursors',
    'conversation_id device_id account_id seq',
    cells((pair, one) => [pair.conversationId, one.deviceId, one.accountId, 0]),
  );
  return { siteKey: site.key, pairs };
}

/** The server in its own process, with people to serve. */
export class Scene {
  port = 0;
  process: MeasuredProcess;

  private constructor(
    readonly population: Population,
    readonly dataFolder: string,
    private readonly environment: Record<string, string>,
  ) {
    this.process = this.#start();
  }

  /** @param databaseUrl an empty PostgreSQL database; without it SQLite in a temporary folder. */
  static async open(options: { pairs: number; databaseUrl?: string | undefined }): Promise<Scene> {
    const { databaseUrl } = options;
    const dataFolder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
    const database = await createDatabase({ dataFolder, databaseUrl });
    const population = await populate(database, options.pairs);
    await database.close();
    const scene = new Scene(population, dataFolder, {
      PARLEY_HOST: '127.0.0.1',
      PARLEY_PORT: String(await freePort()),
      PARLEY_DATA: dataFolder,
      PARLEY_RATE_LIMITS: 'off',
      JANUS_PROGRAM: 'off',
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    });
    await scene.#listening();
    return scene;
  }

  /** Ends the server and starts another on the same data and port. */
  async restart(): Promise<void> {
    await this.process.stop();
    this.process = this.#start();
    await this.#listening();
  }

  async close(): Promise<void> {
    await this.process.stop();
    await rm(this.dataFolder, { recursive: true, force: true });
  }

  #start(): MeasuredProcess {
    return MeasuredProcess.start('server/dist/main.js', this.environment);
  }

  async #listening(): Promise<void> {
    const line = await this.process.line<{ msg?: string; port?: number }>(
      ({ port }) => port !== undefined,
    );
    this.port = line.port ?? 0;
  }
}
