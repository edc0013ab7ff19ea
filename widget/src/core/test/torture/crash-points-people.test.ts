/** The process dies at every write while somebody's key changes, an account is left, another tab takes over, and two
 * begin at once: what was promised holds, and nobody is left where nothing goes on. */
import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../client/ports.js';
import { openIndexedDbStore, type Clock, type ConversationId } from '../../index.js';
import { StoreError, type Store } from '../../store/contract.js';
import {
  agree,
  crashAndReturn,
  crashRounds,
  everyPointMs,
  goOn,
  hasty,
  isOnline,
  noticesOf,
} from '../crashes.js';
import type { CrashPoint } from '../crashing-store.js';
import { addressOf, claim, createDisk, eraseRows, open, until, type Person } from '../person.js';
import { createWorld } from '../world.js';

const world = createWorld();
const { seed, points } = crashRounds('crash-points-people');

const withPeer = (person: Person, address: string) =>
  person.client.snapshot.conversations.filter(({ peer }) => peer.address === address);

/** Somebody whom Asha knew has left, and another one has the handle. */
async function heirOf(asha: Person): Promise<{ heir: Person; conversationId: ConversationId }> {
  const boris = await world.somebody('boris', { site: world.server.garden });
  const conversationId = await open(asha, boris);
  await goOn(asha, boris, conversationId);
  const address = addressOf(boris);
  await boris.client.run<'sign_out'>({ type: 'sign_out' });
  await world.server.endHandleRests();
  const { server } = world;
  const handle = address.slice(1, address.lastIndexOf('@'));
  return { heir: world.keep(await claim(handle, { server, site: server.garden })), conversationId };
}

async function acceptKey({ client }: Person, conversationId: ConversationId): Promise<void> {
  await client.run<'accept_key'>({ type: 'accept_key', conversationId });
}

/** A disk that a client finds empty after it was erased, as the next one finds a deleted database. */
function erasableDisk(): Store {
  const disk = createDisk();
  return { ...disk, erase: () => eraseRows(disk) };
}

/** How long a command waits for a connection. */
const patienceMs = 10_000;
/** Hasty, but for that: a device is not revoked where no connection comes in time. */
const patient: Clock = {
  ...hasty,
  sleep: (ms, signal) => (ms === patienceMs ? systemClock : hasty).sleep(ms, signal),
};

/** A store that another owner opens at the nth batch: before it, or just after. */
function stolen(inner: Store, point: CrashPoint, take: () => Promise<void>): Store {
  let commits = 0;
  return {
    ...inner,
    async commit(writes) {
      commits += 1;
      const hit = commits === point.atCommit;
      if (hit && point.when === 'before') await take();
      await inner.commit(writes);
      if (hit && point.when === 'after') await take();
    },
    close: async () => undefined,
  };
}

describe(`a crash from seed ${String(seed)}, at every write`, { timeout: everyPointMs }, () => {
  it.each(['has written', 'is silent'])(
    'while the changed key of somebody who %s is accepted',
    async (how) => {
      let asha = await world.somebody('asha');
      const taken = await points(async (point) => {
        const { heir, conversationId } = await heirOf(asha);
        const address = addressOf(heir);
        if (how === 'has written') await heir.say(await open(heir, asha), 'I am the new one');
        else await open(asha, heir);
        await until('the change is seen', () =>
          withPeer(asha, address).some(({ peer }) => peer.keyChanged),
        );
        const goesOn = (person: Person): boolean => {
          const [summary, ...others] = withPeer(person, address);
          return summary?.state === 'ready' && !summary.peer.keyChanged && others.length === 0;
        };
        const { crashed, returned } = await crashAndReturn(asha, point, async (doomed) => {
          await until('it is online', () => isOnline(doomed));
          await acceptKey(doomed, conversationId);
          await until('it goes on', () => goesOn(doomed));
        });
        asha = returned;
        await until('she is back', () => isOnline(asha), 40_000);
        // Nothing was promised while the key is still shown as changed.
        if (withPeer(asha, address).some(({ peer }) => peer.keyChanged))
          await acceptKey(asha, conversationId);
        await until('there is one conversation, and it goes on', () => goesOn(asha), 40_000);
        const id = withPeer(asha, address)[0]?.id ?? conversationId;
        await goOn(asha, heir, id);
        const notices = await noticesOf(asha, id);
        expect(notices.filter((notice) => notice === 'key_accepted')).toHaveLength(1);
        // The history under the former key stands before it.
        expect(await asha.texts(id)).toHaveLength(how === 'is silent' ? 4 : 5);
        await heir.client.close();
        return { crashed };
      });
      expect(taken).toBeGreaterThan(0);
      await asha.client.close();
    },
  );

  it('while signing out and revoking the device', async () => {
    const asha = await world.somebody('asha');
    const taken = await points(async (point) => {
      const store = erasableDisk();
      const carl = await world.somebody('carl', { store });
      await goOn(asha, carl, await open(asha, carl));
      const address = addressOf(carl);
      const at = { ...point, store, clock: patient };
      const { crashed, returned, result } = await crashAndReturn(carl, at, async (doomed) => {
        await until('it is online', () => isOnline(doomed));
        await doomed.client.run<'sign_out'>({ type: 'sign_out' });
        return true;
      });
      const { phase } = returned.client.snapshot;
      if (result === true) expect(phase).toBe('unclaimed');
      // Nothing was begun: it goes on as if nothing had been asked for.
      if (phase === 'ready') await until('the device is good', () => isOnline(returned), 40_000);
      // What the widget does with a client that was cut off while signing out; or the person asks once more.
      if (phase !== 'unclaimed') await returned.client.run<'sign_out'>({ type: 'sign_out' });
      const empty = await returned.reload();
      expect(empty.client.snapshot.phase).toBe('unclaimed');
      expect(empty.client.snapshot.conversations).toEqual([]);
      const dora = await world.somebody('dora');
      await expect(
        dora.client.run<'open_conversation'>({ type: 'open_conversation', address }),
      ).rejects.toMatchObject({ problem: { code: 'address_unknown' } });
      await Promise.all([empty.client.close(), dora.client.close()]);
      return { crashed };
    });
    expect(taken).toBeGreaterThan(0);
    await asha.client.close();
  });

  it('while another tab takes over at it', async () => {
    const name = `parley-taken-over-${String(seed)}`;
    const [first, bo, id] = await world.couple([{ store: await openIndexedDbStore({ name }) }]);
    let asha = first;
    let round = 0;
    const taken = await points(async (point) => {
      round += 1;
      await asha.client.close();
      let next: Promise<Store> | undefined;
      let isOver = false;
      const store = stolen(await openIndexedDbStore({ name }), point, async () => {
        if (!isOver) await (next = openIndexedDbStore({ name }));
      });
      const doomed = world.keep(await asha.twin({ store }).catch(() => asha));
      const promised: string[] = [];
      const fromBo = `from Bo ${String(round)}`;
      await bo.say(id, fromBo);
      for (const text of ['one', 'two'].map((word) => `${word} ${String(round)}`)) {
        const said = await doomed.say(id, text).catch((): null => null);
        if (said !== null) promised.push(text);
      }
      await until('it is taken over, or all is said', async () => {
        if (next !== undefined) return true;
        const rows = await doomed.history(id).catch(() => []);
        return promised.length === 2 && rows.every(({ status }) => status === 'stored');
      });
      isOver = true;
      const crashed = next !== undefined;
      if (!crashed) await doomed.client.close();
      asha = world.keep(await asha.twin({ store: await (next ?? openIndexedDbStore({ name })) }));
      await until('Asha reads Bo', async () => (await asha.texts(id)).includes(fromBo), 40_000);
      if (crashed)
        await until('the earlier one ends', () => doomed.client.snapshot.phase === 'closed');
      const texts = await agree(asha, bo, id);
      expect(texts).toEqual(expect.arrayContaining([...promised, fromBo]));
      expect(new Set(texts).size).toBe(texts.length);
      expect(await noticesOf(asha, id)).not.toContain('copied');
      await expect(store.commit([])).rejects.toBeInstanceOf(StoreError);
      return { crashed };
    });
    expect(taken).toBeGreaterThan(0);
    await Promise.all([asha.client.close(), bo.client.close()]);
  });

  it('while two begin at once', async () => {
    const taken = await points(async (point) => {
      const asha = await world.somebody('asha');
      const bo = await world.somebody('boris', { site: world.server.garden });
      const [{ crashed, returned }, conversation] = await Promise.all([
        crashAndReturn(asha, point, async (doomed) => {
          await until('it is online', () => isOnline(doomed));
          const id = await open(doomed, bo);
          await doomed.say(id, 'from Asha');
          await until('it is stored', async () =>
            (await doomed.history(id)).every(({ status }) => status === 'stored'),
          );
        }),
        open(bo, asha),
      ]);
      await bo.say(conversation, 'from Bo');
      const id = await open(returned, bo);
      await until('both have one conversation', () =>
        [returned, bo].every(({ client: { snapshot } }) => snapshot.conversations.length === 1),
      );
      await until('Asha reads Bo', async () => (await returned.texts(id)).includes('from Bo'));
      const now = returned.client.snapshot.conversations[0]?.id ?? id;
      await goOn(returned, bo, now);
      await agree(returned, bo, now);
      await Promise.all([returned.client.close(), bo.client.close()]);
      return { crashed };
    });
    expect(taken).toBeGreaterThan(0);
  });
});
