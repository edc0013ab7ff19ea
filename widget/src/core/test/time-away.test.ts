/** A day, a month: what time alone ends is renewed, or said to be over. The clocks of the clients and the server's go on. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ConversationRecord } from '../conversations/state.js';
import type { ConversationId, Message } from '../index.js';
import { lyingTransport, type Lies } from './hostile.js';
import { arrive, createMovableClock, open, transportOf, until, type Person } from './person.js';
import { Relay } from './relay.js';
import { createWorld, hasTexts } from './world.js';

const world = createWorld();
const dayMs = 24 * 3_600_000;
const greetings = ['hello Bo', 'hello Asha'];

// One for all: the server's does not go back for the next test.
const clock = createMovableClock();
// What MLS compares lifetimes with is the machine's.
beforeAll(() => {
  vi.spyOn(Date, 'now').mockImplementation(clock.now);
});
afterAll(() => {
  vi.restoreAllMocks();
});

/** For everybody, and the server. */
async function pass(ms: number): Promise<void> {
  await world.server.advance(ms);
  clock.advance(ms);
}

const couple = (first = {}) => world.couple([{ clock, ...first }, { clock }]);

const sessionOf = async ({ store }: Person): Promise<string> =>
  JSON.stringify(await store.get('meta', ['session']));

const recordOf = async ({ store }: Person, id: ConversationId): Promise<ConversationRecord> =>
  (await store.get('conversations', [id])) as ConversationRecord;

async function bodiesOf(person: Person, id: ConversationId): Promise<Message['body'][]> {
  return (await person.history(id)).map(({ body }) => body);
}

/** All that one wrote is at the server. */
const isStored = (person: Person, id: ConversationId): Promise<void> =>
  until('it is stored', async () =>
    (await person.history(id)).every(({ status }) => status !== 'sending'),
  );

/** The server's sweep goes on after its clock was moved. */
async function isDeleted(person: Person, id: ConversationId, place: number): Promise<boolean> {
  // Another one, once the client has logged in again.
  const session = (await person.store.get('meta', ['session'])) as { token: Uint8Array };
  const { signal } = new AbortController();
  const connection = await transportOf(world.server, person.site).connect({
    session: session.token,
    signal,
  });
  try {
    const { entries } = await connection.pull({ conversationId: id, after: place - 1 });
    return entries[0]?.ciphertext === null;
  } catch {
    return false;
  } finally {
    connection.close();
  }
}

describe('time', () => {
  it('of a day without a network: the session goes on, and all that was written arrives', async () => {
    const relay = await Relay.start(world.server.url);
    const [asha, bo, conversation] = await couple({ serverUrl: relay.url });
    const session = await sessionOf(asha);
    relay.cut();
    await until('Asha is offline', () => asha.client.snapshot.connection !== 'online');
    await asha.say(conversation, 'written before the day');
    await bo.say(conversation, 'while you were away');
    await isStored(bo, conversation);
    await pass(dayMs);
    await asha.say(conversation, 'written after it');
    relay.mend();
    await asha.client.run<'reconnect'>({ type: 'reconnect' });
    const texts = [
      ...greetings,
      'while you were away',
      'written before the day',
      'written after it',
    ];
    for (const person of [asha, bo])
      await until('all is there', () => hasTexts(person, conversation, texts));
    expect(await sessionOf(asha)).toBe(session);
    expect(asha.client.snapshot.problem).toBeNull();
    await relay.stop();
  });

  it('of a month on one connection: the session, the keys and the key packages are renewed by themselves', async () => {
    const [asha, bo, conversation] = await couple();
    const before = await Promise.all([asha, bo].map(sessionOf));
    const { epoch } = await recordOf(asha, conversation);
    await pass(31 * dayMs);
    await until('both have logged in again', async () => {
      const now = await Promise.all([asha, bo].map(sessionOf));
      return now.every((session, index) => session !== before[index]);
    });
    await until(
      'the keys are fresh',
      async () => (await recordOf(asha, conversation)).epoch > epoch,
    );
    await bo.say(conversation, 'a month later');
    await until('Asha reads it', () =>
      hasTexts(asha, conversation, [...greetings, 'a month later']),
    );
    const chitra = await world.somebody('chitra', { clock });
    const fresh = await open(chitra, asha);
    await chitra.say(fresh, 'we have not met');
    await until('Asha is greeted', () => hasTexts(asha, fresh, ['we have not met']));
  });

  it('beyond the retention: what is kept no longer is said to be missing, and the conversation goes on', async () => {
    const [asha, bo, conversation] = await couple();
    await bo.client.close();
    await asha.say(conversation, 'never read');
    await isStored(asha, conversation);
    const { cursor } = await recordOf(asha, conversation);
    await pass(31 * dayMs);
    await until('it is deleted', () => isDeleted(asha, conversation, cursor));
    const again = world.keep(await bo.reload());
    await until('Bo is told', async () =>
      (await bodiesOf(again, conversation)).some(
        (body) => body.type === 'notice' && body.notice === 'gap',
      ),
    );
    await asha.say(conversation, 'and now?');
    await again.say(conversation, 'I was away');
    for (const person of [asha, again])
      await until('they talk', async () => {
        const texts = await person.texts(conversation);
        return texts.includes('and now?') && texts.includes('I was away');
      });
    expect(await again.texts(conversation)).not.toContain('never read');
  });

  it('that a repair has: it is given up after a day, though the connection holds', async () => {
    const lies: Lies = {};
    const deaf: Lies = {};
    const { bazaar, garden } = world.server;
    const [asha, bo, conversation] = await world.couple([
      { clock, transport: lyingTransport(transportOf(world.server, bazaar), deaf) },
      { clock, transport: lyingTransport(transportOf(world.server, garden), lies) },
    ]);
    // Who is asked hears nothing of it before she is gone.
    deaf.event = () => [];
    lies.event = (event) => {
      if (event.type !== 'envelope' || event.envelope.ciphertext === null) return [event];
      const ciphertext = event.envelope.ciphertext.map((byte, index) =>
        index > 300 ? ~byte : byte,
      );
      return [{ ...event, envelope: { ...event.envelope, ciphertext } }];
    };
    await asha.say(conversation, 'spoiled');
    await isStored(asha, conversation);
    await asha.client.close();
    const repairs = async () =>
      (await bodiesOf(bo, conversation)).flatMap((body) =>
        body.type === 'undecryptable' ? [body.pending] : [],
      );
    await until('it is asked for', async () => (await repairs()).includes(true));
    await pass(dayMs);
    await until('it is given up', async () => (await repairs()).join() === 'false');
  });

  it('that a challenge has: an answer that comes too late is given again', async () => {
    const [asha] = await couple();
    await asha.client.close();
    await asha.store.commit([{ table: 'meta', key: ['session'], value: undefined }]);
    const { server } = world;
    const honest = transportOf(server, asha.site);
    let late = 0;
    const again = world.keep(
      await arrive({
        server,
        site: asha.site,
        store: asha.store,
        clock,
        transport: {
          connect: async (options) => {
            const connection = await honest.connect(options);
            return {
              ...connection,
              async logIn(input) {
                late += 1;
                if (late === 1) await pass(5 * 60_000);
                return connection.logIn(input);
              },
            };
          },
        },
      }),
    );
    await until('she is logged in', () => again.client.snapshot.connection === 'online');
    expect(late).toBe(2);
    expect(again.client.snapshot.problem).toBeNull();
  });
});
