/** What cannot be followed is repaired by itself; the server's lies are in `lies/`. */
import { describe, expect, it } from 'vitest';
import { createDevice } from '../identity/index.js';
import { systemClock } from '../client/ports.js';
import type { Clock, ConversationId } from '../index.js';
import type { StoredIdentity } from '../account/account.js';
import type { Connection, Head, LiveEvent } from '../transport/contract.js';
import { recordOf } from './crashes.js';
import { lyingTransport, type Lies } from './hostile.js';
import {
  addressOf,
  arrive,
  claim,
  copyDisk,
  createDisk,
  open,
  transportOf,
  until,
  type Person,
} from './person.js';
import { createWorld, hasTexts } from './world.js';

const world = createWorld();

/** A liar between somebody at the garden and the server; honest until told otherwise. */
function liar(): { lies: Lies; transport: ReturnType<typeof lyingTransport> } {
  const lies: Lies = {};
  return { lies, transport: lyingTransport(transportOf(world.server, world.server.garden), lies) };
}

const isMessage = (event: LiveEvent): event is Extract<LiveEvent, { type: 'envelope' }> =>
  event.type === 'envelope' && event.envelope.kind === 'message';

function spoil(event: Extract<LiveEvent, { type: 'envelope' }>): LiveEvent {
  const ciphertext = event.envelope.ciphertext?.slice() ?? null;
  if (ciphertext !== null)
    ciphertext[ciphertext.length - 5] = (ciphertext[ciphertext.length - 5] ?? 0) ^ 1;
  return { ...event, envelope: { ...event.envelope, ciphertext } };
}

/** A further device of the same account, with the account key that is on the first one's disk. */
async function secondDevice(person: Person): Promise<Person> {
  const stored = (await person.store.get('meta', ['identity'])) as StoredIdentity;
  const { address, accountKey } = stored.identity;
  const identity = await createDevice(address, accountKey);
  const store = createDisk();
  const registering: StoredIdentity = { identity, handle: stored.handle, status: 'registering' };
  await store.commit([{ table: 'meta', key: ['identity'], value: registering }]);
  const device = world.keep(await arrive({ server: world.server, site: person.site, store }));
  await until('it is registered', () => device.client.snapshot.phase === 'ready');
  return device;
}

async function noticesOf(person: Person, conversation: ConversationId): Promise<string[]> {
  return (await person.history(conversation)).flatMap(({ body }) =>
    body.type === 'notice' ? [body.notice] : [],
  );
}

describe('repair', () => {
  it('asks again for a message that cannot be decrypted, and shows it in its place', async () => {
    const { lies, transport } = liar();
    const [asha, bo, conversation] = await world.couple([undefined, { transport }]);
    const { cursor = 0 } = (await recordOf(bo, conversation)) ?? {};
    lies.event = (event) =>
      isMessage(event) && event.envelope.seq === cursor + 1 ? [spoil(event)] : [event];
    await asha.say(conversation, 'spoiled on its way');
    await asha.say(conversation, 'and one after');
    await until('it is repaired', () =>
      hasTexts(bo, conversation, ['hello Bo', 'hello Asha', 'spoiled on its way', 'and one after']),
    );
    const placeholders = bo.events.flatMap((event) =>
      event.type === 'messages'
        ? event.messages.filter(({ body }) => body.type === 'undecryptable')
        : [],
    );
    expect(placeholders).toMatchObject([{ body: { pending: true } }]);
  });

  it('does not ask for ever when everything is spoiled', async () => {
    const { lies, transport } = liar();
    const [asha, bo, conversation] = await world.couple([undefined, { transport }]);
    lies.event = (event) => [isMessage(event) ? spoil(event) : event];
    for (let index = 0; index < 40; index += 1)
      await asha.say(conversation, `lost ${String(index)}`);
    await until('Bo has seen all of it', async () => (await bo.history(conversation)).length >= 42);
    let head = 0;
    await until('it comes to rest', async () => {
      const before = head;
      ({ head } = await headOf(asha, conversation));
      await new Promise((resolve) => setTimeout(resolve, 700));
      return head === before;
    });
    // 42 said, at most 30 requests in an hour, at most 50 answers to them.
    expect(head).toBeLessThanOrEqual(42 + 30 + 50);
  });

  it('puts up with envelopes that come twice, late, or not at all', async () => {
    const { lies, transport } = liar();
    const [asha, bo, conversation] = await world.couple([undefined, { transport }]);
    const held: LiveEvent[] = [];
    const { cursor = 0 } = (await recordOf(bo, conversation)) ?? {};
    lies.event = (event) => {
      if (!isMessage(event)) return [event];
      const place = (event.envelope.seq - cursor) % 5;
      if (place === 1) return [];
      if (place === 2) {
        held.push(event);
        return [];
      }
      return [event, event, ...held.splice(0)];
    };
    const texts = Array.from({ length: 24 }, (_, index) => String(index));
    for (const text of texts) await asha.say(conversation, text);
    await until('Bo has all, once', () =>
      hasTexts(bo, conversation, ['hello Bo', 'hello Asha', ...texts]),
    );
  });

  it('a restored old copy joins again, says so, and goes on', async () => {
    const [asha, bo, conversation] = await world.couple();
    const backup = await copyDisk(asha.store);
    for (const text of ['one', 'two', 'three']) await asha.say(conversation, text);
    await until('Bo has them', () =>
      hasTexts(bo, conversation, ['hello Bo', 'hello Asha', 'one', 'two', 'three']),
    );
    await bo.say(conversation, 'four');
    await until('Asha reads it', async () => (await asha.texts(conversation)).includes('four'));
    await asha.client.close();
    const restored = world.keep(await asha.reload({ store: backup }));
    await until('it says so', async () =>
      (await restored.history(conversation)).some(
        ({ body }) => body.type === 'notice' && body.notice === 'copied',
      ),
    );
    // What it said itself nobody can say again; what Bo said, he can.
    expect(await noticesOf(restored, conversation)).toContain('gap');
    await until('Bo has said it again', () =>
      hasTexts(restored, conversation, ['hello Bo', 'hello Asha', 'four']),
    );
    await restored.say(conversation, 'back again');
    await until('Bo reads it', async () => (await bo.texts(conversation)).at(-1) === 'back again');
    await bo.say(conversation, 'welcome back');
    await until(
      'it reads Bo',
      async () => (await restored.texts(conversation)).at(-1) === 'welcome back',
    );
    expect(bo.client.snapshot.conversations).toHaveLength(1);
  });

  it('new devices of both accounts join by themselves, at once, and everybody is told', async () => {
    const [asha, bo, conversation] = await world.couple();
    const [ashaToo, boToo] = await Promise.all([secondDevice(asha), secondDevice(bo)]);
    const all = [asha, bo, ashaToo, boToo];
    await until('all are in', () =>
      all.every(({ client }) =>
        client.snapshot.conversations.some(
          ({ id, state }) => id === conversation && state === 'ready',
        ),
      ),
    );
    await ashaToo.say(conversation, 'from my other device');
    await boToo.say(conversation, 'from mine');
    for (const person of all) {
      await until('everybody reads both', async () => {
        const texts = await person.texts(conversation);
        return texts.includes('from my other device') && texts.includes('from mine');
      });
    }
    const notices = (await asha.history(conversation)).filter(
      ({ body }) => body.type === 'notice' && body.notice === 'device_added',
    );
    expect(notices).toHaveLength(2);
    const own = (await asha.history(conversation)).find(
      ({ body }) => body.type === 'text' && body.text.includes('other device'),
    );
    expect(own?.author).toBe('self');
    // What was said before they came is not for them, and they say so.
    expect(await noticesOf(ashaToo, conversation)).toContain('gap');
    expect(await noticesOf(asha, conversation)).not.toContain('gap');
  });

  it('a device that cannot use its Welcome asks for all that was meant for it', async () => {
    const asha = await world.somebody('asha');
    const boris = await world.somebody('boris', { site: world.server.garden });
    await boris.client.close();
    const conversation = await open(asha, boris);
    await asha.say(conversation, 'before you came');
    await asha.say(conversation, 'and once more');
    await until('both are on the server', async () =>
      (await asha.history(conversation)).every(({ status }) => status === 'stored'),
    );
    const keyPackages = await boris.store.range('key_packages', { prefix: [], limit: 1_000 });
    await boris.store.commit(
      keyPackages.map(({ key }) => ({ table: 'key_packages', key, value: undefined })),
    );
    const again = world.keep(await boris.reload());
    await until('they were said again', () =>
      hasTexts(again, conversation, ['before you came', 'and once more']),
    );
    expect(await noticesOf(again, conversation)).not.toContain('gap');
  });
});

describe('keys', () => {
  it('are renewed after a week, also when both sides do so at once', async () => {
    const [asha, boris, conversation] = await world.couple();
    const { epoch = 0 } = (await recordOf(asha, conversation)) ?? {};
    await Promise.all([asha.client.close(), boris.client.close()]);
    const later: Clock = { ...systemClock, now: () => Date.now() + 8 * 24 * 3_600_000 };
    const both = await Promise.all([asha, boris].map((person) => person.reload({ clock: later })));
    const epochOf = async (person: Person) => (await recordOf(person, conversation))?.epoch ?? 0;
    for (const person of both) {
      world.keep(person);
      await until('there is a new epoch', async () => (await epochOf(person)) > epoch);
      await person.say(conversation, `renewed ${addressOf(person)}`);
    }
    for (const person of both) {
      await until(
        'both are understood',
        async () => (await person.texts(conversation)).length === 4,
      );
      const unreadable = (await person.history(conversation)).filter(
        ({ body }) => body.type === 'undecryptable',
      );
      expect(unreadable).toHaveLength(0);
    }
    // Who lost the race renews at its next connection; then nobody is left to do so.
    const again = await Promise.all(both.map((person) => person.reload({ clock: later })));
    again.forEach((person) => world.keep(person));
    for (const person of again)
      await until('both have renewed', async () => (await epochOf(person)) === epoch + 2);
  });
});

describe('a handle that changed hands', () => {
  // The ids are random, and so is the order in which a server lists the former conversation and the new one.
  it.each([
    ['first', 1],
    ['last', -1],
  ])(
    'is shown, blocks sending, and goes on in the same place once the new key is accepted, the former listed %s',
    async (_place, direction) => {
      const { server } = world;
      const lies: Lies = {};
      const transport = lyingTransport(transportOf(server, server.bazaar), lies);
      const [asha, boris, conversation] = await world.couple([{ transport }]);
      const place = ({ conversationId }: Head): number =>
        conversationId === conversation ? -direction : direction;
      lies.procedures = (honest) => ({
        heads: async (after) => {
          const answer = await honest.heads(after);
          return { ...answer, heads: answer.heads.sort((a, b) => place(a) - place(b)) };
        },
      });
      const handle = addressOf(boris).slice(1, addressOf(boris).lastIndexOf('@'));
      await boris.client.run<'sign_out'>({ type: 'sign_out' });
      await server.endHandleRests();
      const heir = world.keep(await claim(handle, { server, site: server.garden }));
      const greeting = await open(heir, asha);
      await heir.say(greeting, 'I am the new one');
      const summary = () =>
        asha.client.snapshot.conversations.find(({ id }) => id === conversation);
      await until('the change is seen', () => summary()?.peer.keyChanged === true);
      await expect(asha.say(conversation, 'who?')).rejects.toMatchObject({
        problem: { code: 'key_changed' },
      });
      // The person takes time to decide; nothing that waits for it may be given up meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 1_200));

      await asha.client.run<'accept_key'>({ type: 'accept_key', conversationId: conversation });
      await until(
        'there is one conversation',
        () => asha.client.snapshot.conversations.length === 1,
      );
      const [continued] = asha.client.snapshot.conversations;
      expect(continued?.peer).toMatchObject({ keyChanged: false, verified: false });
      const id = continued?.id ?? conversation;
      await until('Asha reads the heir', async () =>
        (await asha.texts(id)).includes('I am the new one'),
      );
      expect(await asha.texts(id)).toEqual(['hello Bo', 'hello Asha', 'I am the new one']);
      await asha.say(id, 'nice to meet you');
      await until('the heir reads it', async () =>
        (await heir.texts(greeting)).includes('nice to meet you'),
      );
      const again = world.keep(await asha.reload());
      expect(again.client.snapshot.conversations).toHaveLength(1);
      expect(await again.texts(id)).toHaveLength(4);
    },
  );
});

describe('comparing', () => {
  it('safety numbers agree, and a verification is remembered', async () => {
    const [asha, bo, conversation] = await world.couple();
    const read = async ({ client }: Person) =>
      (await client.run<'safety_number'>({ type: 'safety_number', conversationId: conversation }))
        .groups;
    const groups = await read(asha);
    expect(groups).toHaveLength(12);
    expect(await read(bo)).toEqual(groups);
    await asha.client.run<'set_verified'>({
      type: 'set_verified',
      conversationId: conversation,
      verified: true,
    });
    const again = world.keep(await asha.reload());
    expect(again.client.snapshot.conversations[0]?.peer).toMatchObject({
      address: addressOf(bo),
      verified: true,
    });
  });
});

async function headOf(person: Person, conversation: string): Promise<{ head: number }> {
  const connection: Connection = await transportOf(world.server, person.site).connect({
    session: ((await person.store.get('meta', ['session'])) as { token: Uint8Array }).token,
    signal: new AbortController().signal,
  });
  const { heads } = await connection.heads();
  connection.close();
  return { head: heads.find(({ conversationId }) => conversationId === conversation)?.head ?? 0 };
}
