/** The server is killed in the middle of a conversation, again and again, while both sides write. */
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { randomOf, rounds, seedFor } from '../../../../../scripts/rounds.js';
import { startPostgres } from '../../../../../server/test/postgres.js';
import { open, until } from '../person.js';
import { startServer, type ServerProcess } from '../server-process.js';
import { expectAgreement, makeWriter, write, type Writer } from './writers.js';

const seed = seedFor('killed-server');
const kills = rounds({ short: 3, full: 20 });
/** Messages acknowledged between two kills. */
const acknowledgedBetween = 25;

function story(name: string, environment: () => Record<string, string>): void {
  let server: ServerProcess;
  let writers: [Writer, Writer];
  beforeAll(async () => {
    server = await startServer(environment());
    writers = [await makeWriter('asha', server), await makeWriter('boris', server)];
  });
  afterEach(() => Promise.all(writers.map(({ person }) => person.client.close())));
  afterAll(() => server.dispose());

  test(
    `nothing is lost, doubled or out of order on ${name} in ${String(kills)} kills, seed ${String(seed)}`,
    async () => {
      const random = randomOf(seed);
      const [asha, bo] = writers;
      const conversation = await open(asha.person, bo.person);
      await until('Bo is in', () => bo.person.client.snapshot.conversations.length === 1, 30_000);
      const count = (): number => asha.acknowledged.size + bo.acknowledged.size;
      const over = new AbortController();
      const pace = { signal: over.signal, pauseMs: 2 };
      const writing = writers.map((writer) => write(writer, conversation, pace));
      try {
        for (let kill = 1; kill <= kills; kill += 1) {
          const enough = count() + acknowledgedBetween;
          await until(
            `the server works after kill ${String(kill - 1)}`,
            () => count() >= enough,
            90_000,
          );
          await new Promise((resolve) => setTimeout(resolve, random() * 40));
          await server.stop('SIGKILL');
          await server.start();
          for (const { person } of writers)
            await person.client.run<'reconnect'>({ type: 'reconnect' });
        }
      } finally {
        over.abort();
        await Promise.all(writing);
      }
      await expectAgreement(writers, conversation);
    },
    kills * 60_000,
  );
}

describe('a server killed in mid-conversation (SQLite)', () => {
  story('SQLite', () => ({}));
});

const postgres = await startPostgres();
if ('missing' in postgres) {
  describe.skip(`a server killed in mid-conversation (PostgreSQL) skipped: ${postgres.missing}`, () => {
    test('', () => undefined);
  });
} else {
  describe('a server killed in mid-conversation (PostgreSQL)', () => {
    let databaseUrl = '';
    beforeAll(async () => {
      databaseUrl = await postgres.freshDatabaseUrl();
    });
    afterAll(() => postgres.stop());
    story('PostgreSQL', () => ({ DATABASE_URL: databaseUrl }));
  });
}
