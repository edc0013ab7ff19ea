import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite from 'sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PreparedStatements, preparedOn, type SqliteConnection } from './prepared.js';

let database: sqlite.Database;
let connection: SqliteConnection;
let statements: PreparedStatements;
let texts: string[];

beforeEach(async () => {
  database = await new Promise<sqlite.Database>((resolve) => {
    const opened = new sqlite.Database(':memory:', () => resolve(opened));
  });
  const driver = database as unknown as SqliteConnection;
  texts = [];
  // What is prepared is counted on the way.
  connection = {
    all: (sql, values, done) => driver.all(sql, values, done),
    prepare: (sql, done) => {
      texts.push(sql);
      return driver.prepare(sql, done);
    },
  };
  statements = new PreparedStatements(connection);
  await statements.run('CREATE TABLE notes (id INTEGER PRIMARY KEY)', []);
  texts = [];
});

async function openFile(file: string) {
  const opened = await new Promise<sqlite.Database>((resolve) => {
    const own = new sqlite.Database(file, () => resolve(own));
  });
  const own = new PreparedStatements(opened);
  const close = async () => {
    await own.close();
    await new Promise((resolve) => opened.close(resolve));
  };
  return { statements: own, close };
}

afterEach(async () => {
  await statements.close();
  const failed = await new Promise((resolve) => database.close(resolve));
  // It refuses while there are statements that nobody has let go of.
  expect(failed).toBeNull();
});

const insert = (id: number) => statements.run('INSERT INTO notes (id) VALUES (?)', [id]);

test('a text is prepared once, however often it runs', async () => {
  for (const id of [1, 2, 3]) await insert(id);
  expect(await statements.run('SELECT id FROM notes ORDER BY id', [])).toEqual([
    { id: 1 },
    { id: 2 },
    { id: 3 },
  ]);
  expect(texts).toEqual(['INSERT INTO notes (id) VALUES (?)', 'SELECT id FROM notes ORDER BY id']);
});

test('one that is in use is not waited for', async () => {
  const numbers = Array.from({ length: 50 }, (_, index) => index);
  const rows = await Promise.all(
    numbers.map((number) => statements.run('SELECT ? AS number', [number])),
  );
  expect(rows.flat()).toEqual(numbers.map((number) => ({ number })));
  expect(texts).toEqual(['SELECT ? AS number']);
});

test('what the database refuses fails alone, and the same text works again', async () => {
  await insert(1);
  await expect(insert(1)).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT' });
  await insert(2);
  await expect(statements.run('SELECT id FROM nowhere', [])).rejects.toThrow('nowhere');
  await expect(statements.run('SELECT id FROM nowhere', [])).rejects.toThrow('nowhere');
  expect(await statements.run('SELECT COUNT(*) AS count FROM notes', [])).toEqual([{ count: 2 }]);
});

test('what was refused for a lock leaves nothing begun that a commit would wait for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-prepared-'));
  const file = join(folder, 'locked.sqlite');
  const [holder, refused] = await Promise.all([openFile(file), openFile(file)]);
  await holder.statements.run('PRAGMA journal_mode=WAL', []);
  await holder.statements.run('CREATE TABLE notes (id INTEGER PRIMARY KEY)', []);
  await holder.statements.run('BEGIN IMMEDIATE', []);
  const write = 'INSERT INTO notes (id) VALUES (1)';
  await expect(refused.statements.run(write, [])).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
  await holder.statements.run('COMMIT', []);
  for (const sql of ['BEGIN IMMEDIATE', 'INSERT INTO notes (id) VALUES (2)', 'COMMIT'])
    await refused.statements.run(sql, []);
  expect(await holder.statements.run('SELECT id FROM notes', [])).toEqual([{ id: 2 }]);
  await Promise.all([holder.close(), refused.close()]);
  await rm(folder, { recursive: true });
});

test('a hundred texts are kept, the one that waited longest is let go', async () => {
  const text = (index: number) => `SELECT ${String(index)} AS number`;
  for (let index = 0; index < 100; index += 1) await statements.run(text(index), []);
  // The table's own text was the first of all, and went for the hundredth.
  texts = [];
  await statements.run(text(0), []);
  expect(texts).toEqual([]);
  await statements.run(text(100), []);
  await statements.run(text(0), []);
  expect(texts).toEqual([text(100)]);
  await statements.run(text(1), []);
  expect(texts).toEqual([text(100), text(1)]);
});

test('a text of two thousand characters is kept, a longer one is not', async () => {
  const long = (length: number) => 'SELECT 1 AS one'.padEnd(length);
  await statements.run(long(2_000), []);
  await statements.run(long(2_001), []);
  expect(texts).toEqual([long(2_000)]);
});

test('closing waits for what runs', async () => {
  const running = insert(1);
  await statements.close();
  await expect(running).resolves.toEqual([]);
});

test('a connection has one set of them', () => {
  expect(preparedOn(connection)).toBe(preparedOn(connection));
});
