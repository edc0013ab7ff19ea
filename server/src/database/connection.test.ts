import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeOnDatabases } from '../../test/databases.js';
import { createDatabase } from './connection.js';
import type { Database } from './contract.js';
import { execute, queryRows } from './query.js';

/** A table of the test's own. */
async function makeTable(database: Database): Promise<void> {
  await database.write((transaction) =>
    execute(database, 'CREATE TABLE notes (id INTEGER PRIMARY KEY, size BIGINT)', { transaction }),
  );
}

const insert = (database: Database, id: number, size = 0) =>
  database.write((transaction) =>
    execute(database, 'INSERT INTO notes (id, size) VALUES ($1, $2)', {
      values: [id, size],
      transaction,
    }),
  );

const idsIn = async (database: Database): Promise<number[]> => {
  const rows = await queryRows<{ id: number }>(database, 'SELECT id FROM notes ORDER BY id');
  return rows.map(({ id }) => id);
};

await describeOnDatabases('database', (fixture) => {
  const stories = test.extend<{ database: Database }>({
    database: async ({}, use) => {
      const database = await fixture.open();
      await makeTable(database);
      await use(database);
      await database.close();
    },
  });

  stories('a write can be read as soon as it is answered', async ({ database }) => {
    await insert(database, 1);
    expect(await idsIn(database)).toEqual([1]);
  });

  stories('what a job did is undone when it throws, and only that', async ({ database }) => {
    const answers = await Promise.allSettled([
      insert(database, 1),
      database.write(async (transaction) => {
        await execute(database, 'INSERT INTO notes (id, size) VALUES (2, 0)', { transaction });
        throw new Error('changed my mind');
      }),
      insert(database, 1),
      insert(database, 3),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(answers[1]).toMatchObject({ reason: { message: 'changed my mind' } });
    expect(await idsIn(database)).toEqual([1, 3]);
  });

  stories('a transaction is of no use after its job', async ({ database }) => {
    const kept = await database.write((transaction) => Promise.resolve(transaction));
    const late = execute(database, 'INSERT INTO notes (id) VALUES (1)', { transaction: kept });
    await expect(late).rejects.toThrow(/finished|commit/);
    expect(await idsIn(database)).toEqual([]);
  });

  stories('big integers are numbers, as far as numbers are exact', async ({ database }) => {
    await insert(database, 1, Number.MAX_SAFE_INTEGER);
    const read = () => queryRows<{ size: number }>(database, 'SELECT size FROM notes');
    expect(await read()).toEqual([{ size: Number.MAX_SAFE_INTEGER }]);
    const [count] = await queryRows(database, 'SELECT COUNT(*) AS count FROM notes');
    expect(count).toEqual({ count: 1 });
    if (fixture.dialect === 'sqlite') return; // Its driver reads such numbers before anybody can object.
    await database.write((transaction) =>
      execute(database, 'UPDATE notes SET size = size + 1', { transaction }),
    );
    await expect(read()).rejects.toThrow('beyond what a number holds');
  });

  stories('an answered write is on disk, by the settings in force', async ({ database }) => {
    const settings = await database.write(async (transaction) => {
      const ask = (sql: string) =>
        queryRows<Record<string, unknown>>(database, sql, { transaction });
      return fixture.dialect === 'sqlite'
        ? [...(await ask('PRAGMA journal_mode')), ...(await ask('PRAGMA synchronous'))]
        : [...(await ask('SHOW fsync')), ...(await ask('SHOW synchronous_commit'))];
    });
    expect(settings).toEqual(
      fixture.dialect === 'sqlite'
        ? [{ journal_mode: 'wal' }, { synchronous: 2 }]
        : [{ fsync: 'on' }, { synchronous_commit: 'on' }],
    );
  });

  stories('closing waits for what was accepted and accepts no more', async ({ database }) => {
    const accepted = [1, 2, 3].map((id) => insert(database, id));
    const closing = database.close();
    await expect(insert(database, 4)).rejects.toMatchObject({ code: 'unavailable' });
    await closing;
    await expect(Promise.all(accepted)).resolves.toHaveLength(3);
  });

  test('what was stored is there when it is opened again', async () => {
    const place = await fixture.place();
    const first = await createDatabase(place);
    await makeTable(first);
    await insert(first, 7);
    await first.close();
    const second = await createDatabase(place);
    expect(await idsIn(second)).toEqual([7]);
    await second.close();
  });

  test('writes beyond the bound are refused, and later ones taken again', async () => {
    const database = await fixture.open({ pendingWritesMax: 3 });
    await makeTable(database);
    const answers = await Promise.allSettled([1, 2, 3, 4].map((id) => insert(database, id)));
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
    expect(answers[3]).toMatchObject({ reason: { code: 'unavailable', retryAfterSeconds: 1 } });
    await insert(database, 4);
    expect(await idsIn(database)).toEqual([1, 2, 3, 4]);
    await database.close();
  });

  test('a database of a newer version is left alone', async () => {
    const place = await fixture.place();
    const database = await createDatabase(place);
    await database.write((transaction) =>
      execute(database, "INSERT INTO schema_migrations (name) VALUES ('9999-later')", {
        transaction,
      }),
    );
    await database.close();
    await expect(createDatabase(place)).rejects.toMatchObject({
      code: 'schema_newer',
      message: expect.stringContaining('9999-later') as string,
    });
  });
});

describe('a database that cannot be opened says why in one line', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-open-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('when the folder cannot be made', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(createDatabase({ dataFolder: join(file, 'data') })).rejects.toMatchObject({
      code: 'folder_unwritable',
      message: `cannot write to the data folder ${join(file, 'data')} (ENOTDIR); set PARLEY_DATA to another`,
    });
  });

  test('when the file is no database', async () => {
    await writeFile(
      join(folder, 'parley.sqlite'),
      'not a database, but long enough to look at'.repeat(50),
    );
    await expect(createDatabase({ dataFolder: folder })).rejects.toMatchObject({
      code: 'file_malformed',
      message: expect.stringContaining('parley.sqlite') as string,
    });
  });

  test('when nothing answers at the URL, without telling the password', async () => {
    const databaseUrl = 'postgres://parley:secret@127.0.0.1:1/parley';
    const opening = createDatabase({ dataFolder: folder, databaseUrl });
    await expect(opening).rejects.toMatchObject({
      code: 'connect_failed',
      message: expect.not.stringContaining('secret') as string,
    });
    await expect(opening).rejects.toThrow('127.0.0.1:1/parley');
  });

  test.each(['not a URL', 'mysql://localhost/parley'])(
    'when the URL is %s',
    async (databaseUrl) => {
      await expect(createDatabase({ dataFolder: folder, databaseUrl })).rejects.toMatchObject({
        code: 'connect_failed',
      });
    },
  );
});

test('a data folder that it makes is for its own user alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-own-'));
  const dataFolder = join(folder, 'new', 'data');
  const database = await createDatabase({ dataFolder });
  await database.close();
  expect((await stat(dataFolder)).mode & 0o077).toBe(0);
  await rm(folder, { recursive: true });
});
