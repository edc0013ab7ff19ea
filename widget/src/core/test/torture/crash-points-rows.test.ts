/** The process dies at every write while what failed is retried and discarded, what nobody answers is given up, and key
 * packages are made and thrown away; and there are commands that write nothing at all. */
import { describe, expect, it } from 'vitest';
import type { StoredKeyPackage } from '../../account/key-packages.js';
import type { Command, MessageId } from '../../index.js';
import { TransportError } from '../../transport/errors.js';
import {
  agree,
  ahead,
  crashAndReturn,
  crashRounds,
  everyCrashPoint,
  everyPointMs,
  goOn,
  isOnline,
  recordOf,
} from '../crashes.js';
import { createCrashingStore } from '../crashing-store.js';
import { lyingTransport, type Lies } from '../hostile.js';
import { addressOf, arrive, createDisk, open, transportOf, until, type Person } from '../person.js';
import { createWorld } from '../world.js';

const world = createWorld();
const { seed, points } = crashRounds('crash-points-rows');
const dayMs = 24 * 3_600_000;

async function packagesOf({ store }: Person) {
  const rows = await store.range('key_packages', { prefix: [], limit: 1_000 });
  return rows.map(({ key, value }) => ({ key, value: value as StoredKeyPackage }));
}

/** Made so long ago that nobody can use them any more. */
async function age(person: Person): Promise<void> {
  const rows = await packagesOf(person);
  await person.store.commit(
    rows.map(({ key, value }) => ({
      table: 'key_packages',
      key,
      value: { ...value, createdAt: value.createdAt - 500 * dayMs },
    })),
  );
}

describe(`a crash from seed ${String(seed)}, at every write`, { timeout: everyPointMs }, () => {
  it('while what failed is retried and discarded', async () => {
    const lies: Lies = {};
    const honest = transportOf(world.server, world.server.bazaar);
    const [first, bo, id] = await world.couple([{ transport: lyingTransport(honest, lies) }]);
    let asha = first;
    let round = 0;
    const taken = await points(async (point) => {
      round += 1;
      const [kept, dropped] = [`kept ${String(round)}`, `dropped ${String(round)}`];
      lies.procedures = () => ({ send: () => Promise.reject(new TransportError('forbidden')) });
      const ids = [await asha.say(id, kept), await asha.say(id, dropped)] as const;
      const failed = async (messageId: MessageId): Promise<boolean> =>
        (await asha.history(id)).some((row) => row.id === messageId && row.status === 'failed');
      await until('both failed', async () => (await failed(ids[0])) && failed(ids[1]));
      await asha.client.close();
      delete lies.procedures;
      const decide = async ({ client }: Person): Promise<void> => {
        await client.run<'retry'>({ type: 'retry', conversationId: id, messageId: ids[0] });
        await client.run<'discard'>({ type: 'discard', conversationId: id, messageId: ids[1] });
      };
      const { crashed, returned, result } = await crashAndReturn(asha, point, async (doomed) => {
        await decide(doomed);
        await until('it is stored', async () =>
          (await doomed.history(id)).every(({ status }) => status === 'stored'),
        );
        return true;
      });
      asha = returned;
      if (result === true) expect(await asha.texts(id)).not.toContain(dropped);
      // Whatever did not come to pass is still there to be decided.
      else await decide(asha);
      await until('Bo reads it', async () => (await bo.texts(id)).includes(kept), 40_000);
      await goOn(asha, bo, id);
      const texts = await agree(asha, bo, id);
      expect(texts).not.toContain(dropped);
      return { crashed };
    });
    expect(taken).toBeGreaterThan(0);
    await asha.client.close();
  });

  it('while what nobody answers is given up', async () => {
    const lies: Lies = {};
    const honest = transportOf(world.server, world.server.bazaar);
    const [first, bo, id] = await world.couple([{ transport: lyingTransport(honest, lies) }]);
    let asha = first;
    let days = 0;
    const taken = await points(async (point) => {
      days += 2;
      const { cursor: heard = 0 } = (await recordOf(asha, id)) ?? {};
      // The places of what is spoilt: the message, and the answer to the question for it.
      const spoilt = new Set<number>();
      lies.event = (event) => {
        if (event.type !== 'envelope' || event.conversationId !== id) return [event];
        const { kind, senderDevice, seq } = event.envelope;
        const isBos = senderDevice === bo.client.snapshot.self?.deviceId;
        if (kind !== 'message' || !isBos || seq <= heard) return [event];
        spoilt.add(seq);
        return [{ ...event, envelope: { ...event.envelope, ciphertext: new Uint8Array(60) } }];
      };
      await bo.say(id, `lost for good ${String(days)}`);
      await until('it has come', () => spoilt.size > 0);
      const [lost] = spoilt;
      const lostOf = async (person: Person) =>
        (await person.history(id)).find(({ order }) => order === lost)?.body;
      await until('it is told of', async () => (await lostOf(asha))?.type === 'undecryptable');
      await until(
        'it was asked for in vain',
        async () =>
          spoilt.size > 1 && ((await recordOf(asha, id))?.cursor ?? 0) >= Math.max(...spoilt),
      );
      await asha.client.close();
      delete lies.event;
      const isGivenUp = (person: Person) => async (): Promise<boolean> => {
        const body = await lostOf(person);
        return body?.type === 'undecryptable' && !body.pending;
      };
      const { crashed, returned } = await crashAndReturn(
        asha,
        { ...point, clock: ahead(days * dayMs) },
        (doomed) => until('it is given up', isGivenUp(doomed)),
      );
      asha = returned;
      await until('it is given up after all', isGivenUp(asha), 40_000);
      await goOn(asha, bo, id);
      return { crashed };
    });
    expect(taken).toBeGreaterThan(0);
    await asha.client.close();
  });

  it('while old key packages are thrown away', async () => {
    let asha = await world.somebody('asha');
    await until('there are some', async () => (await packagesOf(asha)).length > 50, 40_000);
    const isPruned = (person: Person) => async (): Promise<boolean> => {
      const rows = await packagesOf(person);
      const isOld = rows.some(({ value }) => Date.now() - value.createdAt > 400 * dayMs);
      return !isOld && rows.some(({ value }) => value.lastResort);
    };
    // All of them: there are few.
    const taken = await everyCrashPoint(async (point) => {
      await asha.client.close();
      await age(asha);
      const { crashed, returned } = await crashAndReturn(asha, point, () =>
        until('it is done', isPruned(asha)),
      );
      asha = returned;
      await until('it is done after all', isPruned(asha), 40_000);
      const carl = await world.somebody('carl');
      await goOn(carl, asha, await open(carl, asha));
      await carl.client.close();
      return { crashed };
    });
    expect(taken).toBeGreaterThan(0);
    await asha.client.close();
  });

  it('while key packages are made and published', async () => {
    let round = 0;
    const taken = await points(async (point) => {
      round += 1;
      const options = { server: world.server, site: world.server.bazaar };
      const nobody = await arrive({ ...options, store: createDisk() });
      const handle = `maker_${String(round)}_${String(seed % 10_000)}`;
      const claims = async ({ client }: Person): Promise<void> => {
        if (client.snapshot.phase !== 'unclaimed') return;
        await client.run<'claim_handle'>({ type: 'claim_handle', handle });
      };
      const isStocked = (person: Person) => async (): Promise<boolean> =>
        (await packagesOf(person)).length > 50;
      const { crashed, returned } = await crashAndReturn(nobody, point, async (doomed) => {
        await claims(doomed);
        await until('it is stocked', isStocked(doomed));
      });
      await until('it is back', () => isOnline(returned), 40_000);
      await claims(returned);
      await until('it is stocked after all', isStocked(returned), 40_000);
      // Who writes to them for the first time gets a key package that they have.
      const carl = await world.somebody('carl');
      await goOn(carl, returned, await open(carl, returned));
      await Promise.all([carl.client.close(), returned.client.close()]);
      return { crashed };
    });
    expect(taken).toBeGreaterThan(0);
  });

  it('has no chance where nothing is written', async () => {
    const disk = createDisk();
    const store = createCrashingStore(disk, { atCommit: 0, when: 'before' });
    const [asha, , conversationId] = await world.couple([{ store }]);
    await until('it is at rest', async () => (await packagesOf(asha)).length > 50, 40_000);
    let before = -1;
    let looks = 0;
    // Looks are counted and not time alone: a machine that stands still for a moment writes nothing either.
    await until('nothing is written any more', async () => {
      looks = store.commits === before ? looks + 1 : 0;
      before = store.commits;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return looks > 10 && store.commits === before;
    });
    const silent: Command[] = [
      { type: 'check_handle', handle: addressOf(asha).slice(1, -'@bazaar.localhost'.length) },
      { type: 'history', conversationId, limit: 100 },
      { type: 'safety_number', conversationId },
      { type: 'reconnect' },
    ];
    for (const command of silent) {
      await asha.client.run(command);
      expect(store.commits, command.type).toBe(before);
    }
  });
});
