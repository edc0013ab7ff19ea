/** Another process holds SQLite's lock, for a moment and for long: a backup, a curious operator, a hung command. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase } from '../src/database/connection.js';
import { readableLog } from './log-lines.js';
import { makePair, type Pair } from './pair.js';
import { startServer, type TestServer } from './server-fixture.js';

const log = readableLog();
let server: TestServer;
let pair: Pair;
beforeAll(async () => {
  server = await startServer({ overrides: { logger: log.logger } });
  pair = await makePair(server);
});
afterAll(() => server.close());

/** Takes the lock in another process; the function gives it back. */
async function lock(): Promise<() => Promise<void>> {
  const program = fileURLToPath(new URL('lock-holder.mjs', import.meta.url));
  const file = join(server.place.dataFolder, 'parley.sqlite');
  const holder = spawn(process.execPath, [program, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  return async () => {
    const ended = once(holder, 'exit');
    holder.kill('SIGKILL');
    await ended;
  };
}

/** Asks in turns of their own: what a page asks for in one moment shares a frame, and frames have a bound.
 * @returns what is under way. */
async function oneByOne<Result>(
  times: number,
  ask: () => Promise<Result>,
): Promise<Promise<Result>[]> {
  const asked: Promise<Result>[] = [];
  for (let count = 0; count < times; count += 1) {
    asked.push(ask());
    asked.at(-1)?.catch(() => undefined);
    await wait(1);
  }
  return asked;
}

const readiness = async (): Promise<unknown> => (await fetch(`${server.url}/readyz`)).json();

test('for a moment: what is sent waits, and all of it is stored', async () => {
  const release = await lock();
  let done = 0;
  const sent = await oneByOne(30, () => pair.send().finally(() => (done += 1)));
  // Reading needs no lock, and its answer shows that all the others have been asked for.
  expect((await pair.log()).size).toBe(0);
  await wait(1_000);
  expect(done).toBe(0);
  await release();
  expect((await Promise.all(sent)).sort((left, right) => left - right)).toEqual(
    Array.from({ length: 30 }, (_, index) => index + 1),
  );
});

test('for long: what is sent is refused, reading goes on, and it works again by itself', async () => {
  const before = (await pair.log()).size;
  const release = await lock();
  // More than one transaction takes: those behind are told together with the first, not each after a wait of its own.
  const { accounts } = pair.bob.connection.api;
  const refused = await Promise.all([
    ...(await oneByOne(100, () => pair.send().catch((error: unknown) => error))),
    ...(await oneByOne(200, () => accounts.challenge.mutate().catch((error: unknown) => error))),
  ]);
  for (const error of refused)
    expect(error).toMatchObject({ data: { code: 'unavailable', retryAfterSeconds: 2 } });
  expect((await pair.log()).size).toBe(before);
  expect(await readiness()).toMatchObject({ database: 'locked' });
  expect(log.named('the database refuses writes')).toMatchObject([{ fault: 'locked' }]);
  // A second server, or the command for sites, says so as well.
  await expect(createDatabase(server.place)).rejects.toMatchObject({
    code: 'locked',
    message: expect.stringMatching(
      /parley\.sqlite is locked by another program; [^\n]+$/,
    ) as string,
  });
  await release();
  expect(await pair.send()).toBe(before + 1);
  await expect.poll(readiness).toMatchObject({ database: 'ok' });
}, 60_000);
