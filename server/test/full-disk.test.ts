/** The disk fills up under SQLite: sending is refused, reading goes on, and room mends it without a restart. */
import sqlite from 'sqlite3';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readableLog } from './log-lines.js';
import { makePair, type Pair } from './pair.js';
import { makeId } from './person.js';
import { startServer, type TestServer } from './server-fixture.js';
import { mountSmallDisk, type SmallDisk } from './small-disk.js';

const mounted = await mountSmallDisk(6);
const disk = mounted as SmallDisk;

const readiness = async ({ url }: TestServer): Promise<unknown> => {
  const answer = await fetch(`${url}/readyz`);
  return [answer.status, ((await answer.json()) as { database: string }).database];
};

/** SQLite's own opinion of the file. */
function integrity(file: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const database = new sqlite.Database(file);
    database.get('PRAGMA integrity_check', (error, row) => {
      database.close(() => {
        if (error === null) resolve(row);
        else reject(error);
      });
    });
  });
}

/** Sends until it is refused. @returns the places of what was acknowledged, by id. */
async function sendUntilRefused(
  pair: Pair,
): Promise<{ told: Map<number, string>; refused: string }> {
  const told = new Map<number, string>();
  for (;;) {
    const id = makeId();
    const seq = await pair.send(id).catch((error: unknown) => error as Error);
    if (typeof seq === 'number') told.set(seq, id);
    else return { told, refused: id };
  }
}

const missing = 'missing' in mounted ? ` skipped: ${mounted.missing}` : '';
describe.skipIf(missing !== '')(`a full disk under SQLite${missing}`, () => {
  afterAll(() => disk.remove());

  test('refuses what is sent, gives what is stored, and goes on when there is room', async () => {
    const log = readableLog();
    const dataFolder = join(disk.folder, 'data');
    const server = await startServer({ dataFolder, overrides: { logger: log.logger } });
    const pair = await makePair(server);
    for (let count = 0; count < 20; count += 1) await pair.send();
    await expect.poll(() => readiness(server)).toEqual([200, 'ok']);

    await disk.fill();
    const { told, refused } = await sendUntilRefused(pair);
    expect(await pair.refused()).toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 });
    // Everything that writes says so, not the sending alone.
    const challenge = server.visit(pair.alice.person.site).api.accounts.challenge.mutate();
    await expect(challenge).rejects.toMatchObject({ data: { code: 'unavailable' } });
    // Reading goes on: all that was acknowledged is there, and nothing that was refused.
    const during = await pair.log();
    expect(during.size).toBe(20 + told.size);
    for (const [seq, id] of told) expect(during.get(seq)).toBe(id);
    expect([...during.values()]).not.toContain(refused);
    expect(await readiness(server)).toEqual([503, 'disk_full']);
    expect(log.named('the database refuses writes')).toMatchObject([{ fault: 'disk_full' }]);

    await disk.makeRoom();
    await expect.poll(() => readiness(server)).toEqual([200, 'ok']);
    expect(await pair.send(refused)).toBe(during.size + 1);
    expect((await pair.log()).size).toBe(during.size + 1);
    expect(log.named('the database takes writes again')).toHaveLength(1);
    await server.close();
    expect(await integrity(join(dataFolder, 'parley.sqlite'))).toEqual({ integrity_check: 'ok' });
  });

  test('a server that stops and starts while the disk is full loses nothing, and reads', async () => {
    const dataFolder = join(disk.folder, 'again');
    const first = await startServer({ dataFolder });
    const pair = await makePair(first);
    for (let count = 0; count < 50; count += 1) await pair.send();
    await disk.fill();
    // Its log has to be copied into the file when it stops, and there is no room for that.
    const { told } = await sendUntilRefused(pair);
    const { site } = pair.bob.person;
    await first.close();
    const second = await startServer({ dataFolder });
    const session = pair.bob.session.token;
    const { heads } = await second.visit(site, { session }).api.conversations.heads.query({});
    expect(heads).toMatchObject([{ head: 50 + told.size }]);
    await disk.makeRoom();
    await second.close();
    expect(await integrity(join(dataFolder, 'parley.sqlite'))).toEqual({ integrity_check: 'ok' });
  });
});
