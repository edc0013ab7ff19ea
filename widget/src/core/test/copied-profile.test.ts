/** A device restored from a copy of its old profile, while the original goes on: one of the two works at a time, both are
 * told, and no key ever encrypts two things. */
import { describe, expect, it } from 'vitest';
import type { ConversationId } from '../index.js';
import { TransportError } from '../transport/errors.js';
import { hasty } from './crashes.js';
import { BlockedSocket, createCable, lyingTransport, type Lies } from './hostile.js';
import { StoreError, type Store } from '../store/contract.js';
import { copyDisk, createDisk, transportOf, until, type Person } from './person.js';
import type { TransportPorts } from '../transport/transport.js';
import { createUsedKeys, type UsedKeys } from './used-keys.js';
import { createWorld } from './world.js';

const world = createWorld();

const isStopped = ({ client }: Person): boolean =>
  client.snapshot.phase === 'closed' && client.snapshot.problem?.code === 'profile_copied';
const isOnline = ({ client }: Person): boolean =>
  client.snapshot.phase === 'ready' && client.snapshot.connection === 'online';

const noticesOf = async (person: Person, conversation: ConversationId): Promise<string[]> =>
  (await person.history(conversation)).flatMap(({ body }) =>
    body.type === 'notice' ? [body.notice] : [],
  );
const reads = (person: Person, conversation: ConversationId, text: string): Promise<void> =>
  until(`somebody reads "${text}"`, async () => (await person.texts(conversation)).includes(text));

interface Scene {
  original: Person;
  bo: Person;
  conversation: ConversationId;
  keys: UsedKeys;
  /** The network of the copy. */
  cable: ReturnType<typeof createCable>;
  /** A client on a copy of the original's disk, as it is now. */
  restore: () => Promise<Person>;
}

async function scene(ports: Partial<TransportPorts> = {}): Promise<Scene> {
  const keys = createUsedKeys();
  const transport = () => keys.watch(transportOf(world.server, world.server.bazaar, ports));
  const [original, bo, conversation] = await world.couple([{ transport: transport() }]);
  const cable = createCable(transport(), () => new TransportError('offline'));
  return {
    original,
    bo,
    conversation,
    keys,
    cable,
    async restore() {
      const store = await copyDisk(original.store);
      // Not a reload: the original goes on.
      return world.keep(await original.twin({ store, transport: cable.transport }));
    },
  };
}

async function expectFreshKeys({ keys, conversation }: Scene, people: Person[]): Promise<void> {
  for (const { store } of people) await keys.learn(store, conversation);
  const { repeated, seen } = await keys.repeated();
  expect(repeated).toEqual([]);
  expect(seen).toBeGreaterThan(1);
}

/** Everything that was said is at Bo's exactly once. */
async function expectSaid(bo: Person, conversation: ConversationId, said: string[]): Promise<void> {
  await until('Bo has all of it', async () => {
    const texts = await bo.texts(conversation);
    return said.every((text) => texts.includes(text));
  });
  const history = await bo.history(conversation);
  const texts = await bo.texts(conversation);
  expect(new Set(texts).size).toBe(texts.length);
  expect(history.filter(({ body }) => body.type === 'undecryptable')).toEqual([]);
}

describe('a copy of a profile that comes to life', () => {
  it('takes over; the original stops, says why, and can be gone on with, and then the copy stops', async () => {
    const stage = await scene();
    const { original, bo, conversation } = stage;
    const copy = await stage.restore();
    await until('the original stops', () => isStopped(original));
    await copy.say(conversation, 'from the copy');
    await reads(bo, conversation, 'from the copy');
    expect(isOnline(copy)).toBe(true);

    const again = world.keep(await original.reload());
    await until('now the copy stops', () => isStopped(copy));
    await until('it is told what happened', async () =>
      (await noticesOf(again, conversation)).includes('copied'),
    );
    await again.say(conversation, 'from the original');
    await reads(bo, conversation, 'from the original');
    await bo.say(conversation, 'to you');
    await reads(again, conversation, 'to you');
    await expectSaid(bo, conversation, ['from the copy', 'from the original']);
    await expectFreshKeys(stage, [again, bo, copy]);
  });

  it('that writes before it has heard anything joins anew first; what it wrote arrives', async () => {
    const stage = await scene();
    const { original, bo, conversation, cable } = stage;
    cable.unplug();
    const copy = await stage.restore();
    await copy.say(conversation, 'written offline, on the copy');
    await original.say(conversation, 'meanwhile, on the original');
    await reads(bo, conversation, 'meanwhile, on the original');
    await stage.keys.learn(original.store, conversation);
    cable.plug();
    await copy.client.run<'reconnect'>({ type: 'reconnect' });
    await until('the original stops', () => isStopped(original));
    await reads(bo, conversation, 'written offline, on the copy');
    expect(await noticesOf(copy, conversation)).toContain('copied');
    await expectSaid(bo, conversation, ['meanwhile, on the original']);
    await expectFreshKeys(stage, [copy, bo]);
  });

  it('encrypts nothing while the server cannot say what the log holds', async () => {
    const stage = await scene();
    const { original, bo, conversation, keys } = stage;
    const lies: Lies = {
      procedures: () => ({ pull: () => Promise.reject(new TransportError('unavailable')) }),
    };
    const store = await copyDisk(original.store);
    await original.say(conversation, 'on the original');
    await reads(bo, conversation, 'on the original');
    const transport = keys.watch(
      lyingTransport(transportOf(world.server, world.server.bazaar), lies),
    );
    const copy = world.keep(await original.twin({ store, transport, clock: hasty }));
    await until('it has asked', () => copy.logged.some((line) => line.includes('head_not_taken')));
    await until('it listens', () => isOnline(copy));
    await copy.say(conversation, 'on the copy');
    delete lies.procedures;
    await reads(bo, conversation, 'on the copy');
    expect(await noticesOf(copy, conversation)).toContain('copied');
    await keys.learn(original.store, conversation);
    await expectFreshKeys(stage, [copy, bo]);
  });

  it('and talks at the same moment leaves one of the two at work, and every key used once', async () => {
    const stage = await scene();
    const { original, bo, conversation } = stage;
    const said: string[] = [];
    const talk = async (person: Person, name: string): Promise<void> => {
      for (let index = 0; index < 12; index += 1) {
        const text = `${name} ${String(index)}`;
        const spoke = await person.say(conversation, text).then(
          () => true,
          () => false,
        );
        if (!spoke) return;
        if (person !== original) said.push(text);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    const talking = talk(original, 'original');
    const copy = await stage.restore();
    await Promise.all([talking, talk(copy, 'copy')]);
    await until('the original stops', () => isStopped(original));
    await stage.keys.learn(original.store, conversation);
    await expectSaid(bo, conversation, said);
    expect(isOnline(copy)).toBe(true);
    // What the original had not sent yet is sent when it is gone on with.
    const again = world.keep(await original.reload());
    await until('it has nothing left to send', async () =>
      (await again.history(conversation)).every(({ status }) => status === 'stored'),
    );
    await expectSaid(bo, conversation, await again.texts(conversation));
    await expectFreshKeys(stage, [again, copy, bo]);
  });

  it('over HTTP does so as well', async () => {
    const stage = await scene({ WebSocket: BlockedSocket });
    const { original, bo, conversation } = stage;
    const copy = await stage.restore();
    await until('the original stops', () => isStopped(original));
    await copy.say(conversation, 'over HTTP');
    await reads(bo, conversation, 'over HTTP');
    await expectFreshKeys(stage, [copy, bo]);
  });
});

describe('what is no copy', () => {
  it('a reload while the server still holds the old socket stops nobody', async () => {
    const disk = createDisk();
    let taken = false;
    const store: Store = {
      ...disk,
      commit: (writes) =>
        taken ? Promise.reject(new StoreError('gone', 'taken over')) : disk.commit(writes),
    };
    const [asha, bo, conversation] = await world.couple([{ store }]);
    taken = true;
    const again = world.keep(await asha.twin({ store: disk }));
    await again.say(conversation, 'after a reload');
    await reads(bo, conversation, 'after a reload');
    await until('the one before ends', () => asha.client.snapshot.phase === 'closed');
    expect(asha.client.snapshot.problem?.code).not.toBe('profile_copied');
    expect(isOnline(again)).toBe(true);
    expect(await noticesOf(again, conversation)).toEqual(['encrypted']);
  });
});
