/** The same tests on both databases: real files, a real PostgreSQL. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { createDatabase, type DatabaseOptions } from '../src/database/connection.js';
import type { Database } from '../src/database/contract.js';
import { startPostgres } from './postgres.js';

/** Where a test's database is; opening it again gives the same data. */
export type DatabasePlace = Pick<DatabaseOptions, 'dataFolder' | 'databaseUrl'>;

/** What a suite gets to open databases with. */
export interface DatabaseFixture {
  readonly dialect: Database['dialect'];
  /** A place that nobody has used. */
  place(): Promise<DatabasePlace>;
  /** An empty database, migrated. The test closes it. */
  open(options?: Partial<DatabaseOptions>): Promise<Database>;
}

/** Runs the suite on SQLite and on PostgreSQL; without PostgreSQL that half is skipped, and its title says why. */
export async function describeOnDatabases(
  title: string,
  suite: (fixture: DatabaseFixture) => void,
): Promise<void> {
  describe(`${title} (SQLite)`, () => {
    suite(makeFixture('sqlite', () => Promise.resolve(undefined)));
  });
  const postgres = await startPostgres();
  if ('missing' in postgres) {
    describe.skip(`${title} (PostgreSQL) skipped: ${postgres.missing}`, () => {
      suite(makeFixture('postgres', () => Promise.resolve(undefined)));
    });
    return;
  }
  describe(`${title} (PostgreSQL)`, () => {
    afterAll(() => postgres.stop());
    suite(makeFixture('postgres', () => postgres.freshDatabaseUrl()));
  });
}

function makeFixture(
  dialect: Database['dialect'],
  makeUrl: () => Promise<string | undefined>,
): DatabaseFixture {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'parley-database-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  const place = async (): Promise<DatabasePlace> => ({
    dataFolder: await mkdtemp(join(root, 'data-')),
    databaseUrl: await makeUrl(),
  });
  return {
    dialect,
    place,
    open: async (options = {}) => createDatabase({ ...(await place()), ...options }),
  };
}
