/** Networks and proxies at their worst, in real time. The slow tests come first: five run at a time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConversationId } from '../index.js';
import { arrive, claim, open, until, type Person } from './person.js';
import { Relay, type Direction, type Upgrades } from './relay.js';
import { startServer, type ServerProcess } from './server-process.js';
import { hasTexts } from './world.js';

let server: ServerProcess;
const people: Person[] = [];
const relays: Relay[] = [];
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await Promise.all(people.map(({ client }) => client.close()));
  await Promise.all(relays.map((relay) => relay.stop()));
  await server.dispose();
});

async function arriveBy(name: string, relay?: Relay): Promise<Person> {
  const person = await claim(name, {
    server,
    site: server.bazaar,
    ...(relay && { serverUrl: relay.url }),
  });
  people.push(person);
  return person;
}

async function createRelay(upgrades: Upgrades = 'pass'): Promise<Relay> {
  const relay = await Relay.start(server.url);
  relay.upgrades = upgrades;
  relays.push(relay);
  return relay;
}

/** Two who talk, one of them through a relay. */
interface Story {
  relay: Relay;
  asha: Person;
  bo: Person;
  conversation: ConversationId;
  texts: string[];
}

async function begin(name: string, upgrades?: Upgrades): Promise<Story> {
  const relay = await createRelay(upgrades);
  const [asha, bo] = [await arriveBy(`asha_${name}`, relay), await arriveBy(`boris_${name}`)];
  const story: Story = { relay, asha, bo, conversation: await open(asha, bo), texts: [] };
  await talk(story, 'hello');
  return story;
}

async function say(story: Story, what: string): Promise<void> {
  for (const [person, name] of [
    [story.asha, 'Asha'],
    [story.bo, 'Bo'],
  ] as const) {
    await until('the conversation is there', () =>
      person.client.snapshot.conversations.some(({ id }) => id === story.conversation),
    );
    const text = `${what}, says ${name}`;
    story.texts.push(text);
    await person.say(story.conversation, text);
  }
}

/** Both have everything once, in one order. */
async function agree({ asha, bo, conversation, texts }: Story): Promise<void> {
  const sorted = [...texts].sort();
  for (const person of [asha, bo])
    await until(
      'all is there',
      async () =>
        JSON.stringify((await person.texts(conversation)).sort()) === JSON.stringify(sorted),
      90_000,
    );
  await until('it is in one order', async () =>
    hasTexts(bo, conversation, await asha.texts(conversation)),
  );
}

async function talk(story: Story, what: string): Promise<void> {
  await say(story, what);
  await agree(story);
}

const isOnline = ({ client }: Person): boolean => client.snapshot.connection === 'online';
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Milliseconds in which this process ran: what a machine takes that stalls is nobody's delay. */
let ranMs = 0;
let tickedAt = performance.now();
const tickMs = 100;
const ticking = setInterval(() => {
  const now = performance.now();
  ranMs += Math.min(now - tickedAt, 2 * tickMs);
  tickedAt = now;
}, tickMs);
afterAll(() => {
  clearInterval(ticking);
});

/** Stated; and what a loaded machine may add. */
const deadWithinMs = 30_000 + 10_000;

async function clientNotices({ asha }: Story, killedAt: number): Promise<void> {
  await until('the client notices', () => !isOnline(asha), 60_000);
  expect(ranMs - killedAt).toBeLessThan(deadWithinMs);
}

describe.concurrent('a connection that dies without a close', () => {
  const noticed = async (story: Story, kill: (relay: Relay) => void): Promise<void> => {
    const { relay } = story;
    const ended = relay.endedByServer;
    const killedAt = ranMs;
    kill(relay);
    // What is begun now goes well: only what was there is dead.
    relay.mend();
    await Promise.all([
      clientNotices(story, killedAt),
      until('the server notices', () => relay.endedByServer > ended, 60_000),
    ]);
    expect(ranMs - killedAt).toBeLessThan(deadWithinMs);
    await talk(story, 'after all that');
  };

  it('is noticed by both sides within 30 seconds, whichever direction is dead', async () => {
    const dead: Direction[][] = [['up', 'down'], ['up'], ['down']];
    const stories = await Promise.all(dead.map((directions) => begin(directions.join('_'))));
    await Promise.all(
      stories.map((story, index) =>
        noticed(story, (relay) => {
          relay.lose(...(dead[index] ?? []));
        }),
      ),
    );
  }, 150_000);

  it('is noticed by the client within 30 seconds where the server forgot it', async () => {
    const story = await begin('forgotten');
    const killedAt = ranMs;
    story.relay.halfOpen();
    story.relay.mend();
    await say(story, 'into nowhere');
    await clientNotices(story, killedAt);
    await agree(story);
  }, 150_000);
});

describe.concurrent('a request over HTTP', () => {
  it('that does not get through is made again over another connection, though the stream holds, and counts once', async () => {
    const story = await begin('stranded', 'refuse');
    const { relay, asha, bo, conversation } = story;
    relay.strand();
    await say(story, 'made twice');
    await until('the client gives it up', () => !isOnline(asha), 60_000);
    relay.spare();
    await agree(story);
    const before = await asha.texts(conversation);
    // What of the old connection is still there arrives now.
    relay.mend();
    await talk(story, 'after all that');
    expect((await bo.texts(conversation)).slice(0, before.length)).toEqual(before);
  }, 150_000);
});

/** Proxies, each with what it does. */
const proxies: Upgrades[] = ['refuse', 'hang', 'take_and_close', 'take_and_swallow'];

describe.concurrent('HTTP', () => {
  it('takes over by itself where a proxy refuses WebSockets, does not answer, takes and closes them, or lets nothing through', async () => {
    const takesOver = async (upgrades: Upgrades): Promise<void> => {
      const relay = await createRelay(upgrades);
      const asha = await arrive({ server, site: server.bazaar, serverUrl: relay.url });
      people.push(asha);
      await until(`it is online: ${upgrades}`, () => isOnline(asha), 60_000);
      await asha.client.run<'claim_handle'>({ type: 'claim_handle', handle: `asha_${upgrades}` });
      const bo = await arriveBy(`boris_${upgrades}`);
      await talk({ relay, asha, bo, conversation: await open(asha, bo), texts: [] }, 'hello');
      expect([upgrades, relay.upgradesAsked]).toEqual([upgrades, 1]);
    };
    await Promise.all(proxies.map(takesOver));
  }, 150_000);

  it('is noticed by the client within 30 seconds to be dead as well', async () => {
    const story = await begin('stream', 'refuse');
    const killedAt = ranMs;
    story.relay.lose('down');
    story.relay.mend();
    await clientNotices(story, killedAt);
    await talk(story, 'after all that');
  }, 150_000);
});

describe.concurrent('a network', () => {
  it('that stops for seconds loses nothing, and no connection', async () => {
    const story = await begin('stops');
    for (const directions of [['up', 'down'], ['up'], ['down']] as const) {
      story.relay.hold(...directions);
      await say(story, `while nothing goes ${directions.join(' and ')}`);
      await pause(1_500);
      story.relay.mend();
      await agree(story);
    }
    expect(story.relay.upgradesAsked).toBe(1);
  }, 150_000);

  it('that delivers late loses nothing, and no connection', async () => {
    const story = await begin('late');
    story.relay.lateMs = 400;
    for (let count = 1; count <= 5; count += 1) await say(story, `late ${String(count)}`);
    await agree(story);
    expect(story.relay.upgradesAsked).toBe(1);
  }, 150_000);

  it('that is cut, and comes back, brings what was written meanwhile', async () => {
    const story = await begin('cut');
    story.relay.cut();
    await until('it is noticed', () => !isOnline(story.asha));
    await say(story, 'while cut off');
    story.relay.mend();
    await agree(story);
  }, 150_000);
});
