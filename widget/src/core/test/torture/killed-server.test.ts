/** The server is killed in the middle of a conversation, again and again, while both sides write. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { randomOf, rounds, seedFor } from '../../../../../scripts/rounds.js';
import { startPostgres } from '../../../../../server/test/postgres.js';
import type { ConversationId, Message } from '../../index.js';
import { lyingTransport } from '../hostile.js';
import { claim, open, transportOf, until, type Person } from '../person.js';
import { startServer, type ServerProcess } from '../server-process.js';

const seed = seedFor('killed-server');
const kills = rounds({ short: 3, full: 20 });
/** Messages acknowledged between two kills, and those that may wait at each side. */
const acknowledgedBetween = 25;
const waitingMax = 12;

/** A person, and the place in the log that the server gave to each of their messages. */
interface Writer {
  person: Person;
  said: string[];
  acknowledged: Map<string, number>;
}

/** Somebody whose every acknowledgement is written down as it comes off the wire. */
async function makeWriter(name: string, server: ServerProcess): Promise<Writer> {
  const acknowledged = new Map<string, number>();
  const site = name === 'asha' ? server.bazaar : server.garden;
  const transport = lyingTransport(transportOf(server, site), {
    procedures: (honest) => ({
      async send(input) {
        const sent = await honest.send(input);
        acknowledged.set(input.id, sent.seq);
        return sent;
      },
    }),
  });
  return { person: await claim(name, { server, site, transport }), said: [], acknowledged };
}

/** Writes without pause until told to stop; what waits is bounded, so that a dead server is waited for. */
async function write(
  { person, said, acknowledged }: Writer,
  conversation: ConversationId,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    if (said.length - acknowledged.size < waitingMax) {
      const text = `${String(said.length)} of ${person.site.domain}`;
      said.push(text);
      await person.say(conversation, text);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What both must agree on: the identity, the place and the words of every message. */
const essence = ({ id, order, body }: Message): string =>
  JSON.stringify([id, order, body.type === 'text' ? body.text : body.type]);

const isText = ({ body }: Message): boolean => body.type === 'text';

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
      const writing = writers.map((writer) => write(writer, conversation, over.signal));
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

/** Every text is at both, once, at one place; and each acknowledged one at the place that was acknowledged. */
async function expectAgreement(
  [asha, bo]: [Writer, Writer],
  conversation: ConversationId,
): Promise<void> {
  const total = asha.said.length + bo.said.length;
  const texts = async ({ person }: Writer): Promise<Message[]> =>
    (await person.history(conversation)).filter(isText);
  for (const writer of [asha, bo]) {
    await until(
      'all is there and stored',
      async () => {
        const messages = await texts(writer);
        return messages.length >= total && messages.every(({ status }) => status !== 'sending');
      },
      60_000,
    );
  }
  const [left, right] = [await texts(asha), await texts(bo)];
  expect(left.map(essence)).toEqual(right.map(essence));
  const words = left.map(({ body }) => (body.type === 'text' ? body.text : ''));
  expect([...words].sort()).toEqual([...asha.said, ...bo.said].sort());
  // Each side's own words in the order in which they were written.
  for (const { said, person } of [asha, bo])
    expect(words.filter((text) => text.endsWith(` of ${person.site.domain}`))).toEqual(said);
  const places = new Map(left.map(({ id, order }) => [id as string, order]));
  for (const { acknowledged } of [asha, bo])
    for (const [id, seq] of acknowledged) expect([id, places.get(id)]).toEqual([id, seq]);
  const strange = [
    ...(await asha.person.history(conversation)),
    ...(await bo.person.history(conversation)),
  ];
  expect(strange.filter(({ body }) => body.type === 'undecryptable')).toEqual([]);
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
