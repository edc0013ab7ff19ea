/** PostgreSQL is restarted, and crashes, while people write: nothing acknowledged is lost, and nobody has to help. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readableLog } from './log-lines.js';
import { makePair, type Pair } from './pair.js';
import { makeId } from './person.js';
import { startPostgres, type Postgres } from './postgres.js';
import { startServer, type TestServer } from './server-fixture.js';

const started = await startPostgres();
const postgres = started as Postgres;
const missing = 'missing' in started ? ` skipped: ${started.missing}` : '';

/** Sends without pause, each message until it is taken. @returns the place that each got. */
async function sendUntil(
  pair: Pair,
  over: AbortSignal,
  codes: Set<string>,
): Promise<Map<string, number>> {
  const told = new Map<string, number>();
  while (!over.aborted) {
    const id = makeId();
    for (let seq: number | null = null; seq === null;) {
      seq = await pair.send(id).catch((error: unknown) => {
        codes.add((error as { data?: { code?: string } }).data?.code ?? String(error));
        return null;
      });
      if (seq !== null) told.set(id, seq);
    }
  }
  return told;
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds());) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.skipIf(missing !== '')(`PostgreSQL under load${missing}`, () => {
  const log = readableLog();
  let server: TestServer;
  let pairs: Pair[];
  beforeAll(async () => {
    const databaseUrl = await postgres.freshDatabaseUrl();
    server = await startServer({ databaseUrl, overrides: { logger: log.logger } });
    pairs = [];
    for (let pair = 0; pair < 4; pair += 1) pairs.push(await makePair(server));
  });
  afterAll(async () => {
    await server.close();
    await postgres.stop();
  });

  const ready = async (): Promise<string> =>
    ((await (await fetch(`${server.url}/readyz`)).json()) as { database: string }).database;

  test.each(['fast', 'immediate'] as const)(
    'halted (%s) and started again: all that was acknowledged is there, at its place, once',
    async (how) => {
      const refusals = log.named('the database refuses writes').length;
      const over = new AbortController();
      const codes = new Set<string>();
      const before = await Promise.all(pairs.map((pair) => pair.log()));
      const sending = pairs.map((pair) => sendUntil(pair, over.signal, codes));
      const grown = async (): Promise<boolean> => {
        const logs = await Promise.all(pairs.map((pair) => pair.log()));
        return logs.every((entries, index) => entries.size > (before[index]?.size ?? 0) + 20);
      };
      await until('messages flow', grown);
      await postgres.halt(how);
      await until('the server notices', async () => (await ready()) === 'unreachable');
      await expect(pairs[0]?.log()).rejects.toMatchObject({ data: { code: 'unavailable' } });
      await postgres.resume();
      await until('the server is ready again', async () => (await ready()) === 'ok');
      await until('messages flow again', grown);
      over.abort();
      const told = await Promise.all(sending);
      expect([...codes]).toEqual(['unavailable']);
      for (const [index, pair] of pairs.entries()) {
        const entries = await pair.log();
        for (const [id, seq] of told[index] ?? []) expect(entries.get(seq)).toBe(id);
        expect(new Set(entries.values()).size).toBe(entries.size);
      }
      const lines = log.named('the database refuses writes').slice(refusals);
      expect(lines[0]).toMatchObject({ fault: 'unreachable', level: 50 });
      expect(log.named('a request failed')).toEqual([]);
    },
    300_000,
  );
});
