/** The network gets worse and better at random while both sides write. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomOf, rounds, seedFor } from '../../../../../scripts/rounds.js';
import { open, until } from '../person.js';
import { Relay, type Upgrades } from '../relay.js';
import { startServer, type ServerProcess } from '../server-process.js';
import { expectAgreement, makeWriter, write, type Writer } from './writers.js';

const seed = seedFor('network');
const faults = rounds({ short: 6, full: 60 });
/** Messages acknowledged at each side between two faults. */
const acknowledgedBetween = 3;

const upgrades: Upgrades[] = ['refuse', 'take_and_close'];

/** What may happen to one side's network. `mend` follows; what it leaves dead has to be noticed, which takes up to half a
 * minute: those are rare. */
const common: [string, (relay: Relay, random: () => number) => void][] = [
  ['stops', (relay) => relay.hold('up', 'down')],
  ['stops upwards', (relay) => relay.hold('up')],
  ['stops downwards', (relay) => relay.hold('down')],
  ['is cut', (relay) => relay.cut()],
  [
    'delivers late',
    (relay, random) => {
      relay.lateMs = 50 + random() * 300;
    },
  ],
  [
    'is cut, and lets no WebSocket through then',
    (relay, random) => {
      relay.upgrades = upgrades[Math.floor(random() * upgrades.length)] ?? 'refuse';
      relay.cut();
    },
  ],
  [
    'is cut in mid-answer, again and again',
    (relay) => {
      relay.cut();
      relay.mend();
      setTimeout(() => {
        relay.cut();
      }, 150);
    },
  ],
];
const rare: typeof common = [
  ['is half-open', (relay) => relay.halfOpen()],
  ['loses what goes up', (relay) => relay.lose('up')],
  ['loses what goes down', (relay) => relay.lose('down')],
];

let server: ServerProcess;
let relays: [Relay, Relay];
let writers: [Writer, Writer];
beforeAll(async () => {
  server = await startServer();
  relays = [await Relay.start(server.url), await Relay.start(server.url)];
  writers = [
    await makeWriter('asha', server, relays[0].url),
    await makeWriter('boris', server, relays[1].url),
  ];
});
afterAll(async () => {
  await Promise.all(writers.map(({ person }) => person.client.close()));
  await Promise.all(relays.map((relay) => relay.stop()));
  await server.dispose();
});

/** Each of them once in any order, and then all of them again. */
function dealt(kinds: typeof common, random: () => number): () => (typeof common)[number] {
  let deck: typeof common = [];
  return () => {
    if (deck.length === 0) deck = [...kinds];
    return deck.splice(Math.floor(random() * deck.length), 1)[0]!;
  };
}

/** One fault on one side, for a while; in the end that side gets through again. */
async function suffer(
  random: () => number,
  [name, strike]: (typeof common)[number],
): Promise<string> {
  const side = random() < 0.5 ? 0 : 1;
  const relay = relays[side];
  const { person, acknowledged } = writers[side];
  strike(relay, random);
  await new Promise((resolve) => setTimeout(resolve, 200 + random() * 800));
  relay.mend();
  relay.lateMs = 0;
  const enough = acknowledged.size + acknowledgedBetween;
  await until(
    `${person.site.domain} gets through after its network ${name}`,
    () => acknowledged.size >= enough,
    120_000,
  );
  relay.upgrades = 'pass';
  return name;
}

describe('a network at its worst', () => {
  test(
    `loses, doubles and reorders nothing in ${String(faults)} faults, seed ${String(seed)}`,
    async () => {
      const random = randomOf(seed);
      const [asha, bo] = writers;
      const conversation = await open(asha.person, bo.person);
      await until('Bo is in', () => bo.person.client.snapshot.conversations.length === 1, 30_000);
      const over = new AbortController();
      const pace = { signal: over.signal, pauseMs: 20 };
      const writing = writers.map((writer) => write(writer, conversation, pace));
      const [often, seldom] = [dealt(common, random), dealt(rare, random)];
      const suffered = new Set<string>();
      try {
        for (let fault = 1; fault <= faults; fault += 1)
          suffered.add(await suffer(random, fault % 10 === 8 ? seldom() : often()));
      } finally {
        over.abort();
        await Promise.all(writing);
      }
      await expectAgreement(writers, conversation);
      expect(suffered.size).toBeGreaterThanOrEqual(Math.min(faults, common.length));
    },
    faults * 60_000,
  );
});
