/** The process dies at every single write of every operation, before it reached the disk and after: both sides agree
 * in the end, nothing is lost, shown twice or unreadable, and the conversation goes on. */
import { describe, expect, it } from 'vitest';
import {
  agree,
  ahead,
  crashAndReturn,
  crashRounds,
  everyCrashPoint,
  everyPointMs,
  goOn,
  hasty,
  noticesOf,
  recordOf,
} from '../crashes.js';
import { lyingTransport, type Lies } from '../hostile.js';
import { copyDisk, open, transportOf, until, type Person } from '../person.js';
import type { Envelope } from '../../transport/contract.js';
import { TransportError } from '../../transport/errors.js';
import { createWorld } from '../world.js';

const world = createWorld();
const { seed, points } = crashRounds('crash-points');
const weekMs = 8 * 24 * 3_600_000;

const nameAt = ({ client }: Person): string | undefined =>
  client.snapshot.conversations[0]?.peer.displayName;

describe(`a crash from seed ${String(seed)}, at every write`, { timeout: everyPointMs }, () => {
  it('while renewing keys, and while applying what the other renewed', async () => {
    const [first, second, id] = await world.couple();
    let [asha, bo] = [first, second];
    let weeks = 0;
    const epoch = async (person: Person) => (await recordOf(person, id))?.epoch ?? 0;
    await points(async (point) => {
      weeks += 2;
      const clock = ahead(weeks * weekMs);
      const before = await epoch(asha);
      await bo.client.close();
      const committed = await crashAndReturn(asha, { ...point, clock }, () =>
        until('it is renewed', async () => (await epoch(asha)) > before),
      );
      asha = committed.returned;
      await until('it has renewed in the end', async () => (await epoch(asha)) > before, 40_000);
      const applied = await crashAndReturn(bo, { ...point, clock }, () =>
        until('it is applied', async () => (await epoch(bo)) >= before + 1),
      );
      bo = applied.returned;
      await goOn(asha, bo, id);
      await agree(asha, bo, id);
      expect(await noticesOf(asha, id)).not.toContain('copied');
      return { crashed: committed.crashed || applied.crashed };
    });
    await Promise.all([asha.client.close(), bo.client.close()]);
  });

  it('while joining by a Welcome', async () => {
    const asha = await world.somebody('asha');
    // Few enough for every run.
    const taken = await everyCrashPoint(async (point) => {
      const bo = await world.somebody('boris', { site: world.server.garden });
      await bo.client.close();
      const id = await open(asha, bo);
      await asha.say(id, 'before you came');
      const { crashed, returned } = await crashAndReturn(bo, point, (doomed) =>
        until('it is in', async () => (await doomed.texts(id).catch(() => [])).length === 1),
      );
      await until(
        'it is in after all',
        async () =>
          (await returned.texts(id).catch((): string[] => [])).includes('before you came'),
        40_000,
      );
      await goOn(returned, asha, id);
      await agree(returned, asha, id);
      await returned.client.close();
      return { crashed };
    });
    expect(taken).toBeGreaterThan(0);
  });

  it.each(['at once', 'after it was refused'])(
    'while joining again by a commit %s, which is not taken for a copy',
    async (when) => {
      const lies: Lies = {};
      const honest = transportOf(world.server, world.server.bazaar);
      const [first, bo, id] = await world.couple([{ transport: lyingTransport(honest, lies) }]);
      let asha = first;
      let joins = 0;
      await points(async (point) => {
        // Its group is gone, the rest is there: it has to join anew.
        await asha.client.close();
        const rows = await asha.store.range('groups', { prefix: [id], limit: 100 });
        await asha.store.commit(
          rows.map(({ key }) => ({ table: 'groups', key, value: undefined })),
        );
        let refused = when === 'at once' ? 1 : 0;
        lies.procedures = (connection) => ({
          groupInfo: (conversation) =>
            (refused += 1) > 1
              ? connection.groupInfo(conversation)
              : Promise.reject(new TransportError('unavailable')),
        });
        await bo.say(id, `while you were away ${String((joins += 1))}`);
        const isBack = (person: Person) => async (): Promise<boolean> =>
          (await person.texts(id)).includes(`while you were away ${String(joins)}`);
        const { crashed, returned } = await crashAndReturn(
          asha,
          { ...point, clock: hasty },
          async (doomed) => {
            await doomed.say(id, `before I am back ${String(joins)}`);
            await until('it is back', isBack(doomed));
          },
        );
        asha = returned;
        await until('it is back after all', isBack(asha), 40_000);
        await goOn(asha, bo, id);
        await agree(asha, bo, id);
        expect(await noticesOf(asha, id)).not.toContain('copied');
        return { crashed };
      });
      await asha.client.close();
    },
  );

  it('while a restored copy joins anew', async () => {
    const [first, bo, id] = await world.couple();
    let asha = first;
    await points(async (point) => {
      const backup = await copyDisk(asha.store);
      await asha.say(id, `after the backup ${String(point.atCommit)} ${point.when}`);
      await until('it is stored', async () => (await asha.history(id)).at(-1)?.status === 'stored');
      await asha.client.close();
      const isBack = async (): Promise<boolean> =>
        (await recordOf({ ...asha, store: backup }, id))?.joinedEpoch !== undefined &&
        ((await recordOf({ ...asha, store: backup }, id))?.epoch ?? 0) >
          ((await recordOf(asha, id))?.epoch ?? 0);
      const { crashed, returned } = await crashAndReturn(
        asha,
        { ...point, store: backup, clock: hasty },
        () => until('it has joined', isBack),
      );
      const old = asha;
      await until(
        'it has joined after all',
        async () =>
          ((await recordOf(returned, id))?.epoch ?? 0) > ((await recordOf(old, id))?.epoch ?? 0),
        40_000,
      );
      asha = returned;
      await goOn(asha, bo, id);
      return { crashed };
    });
    await asha.client.close();
  });

  it.each(['spoilt', 'left out'])(
    'while asking again for what was %s, and while saying it again',
    async (how) => {
      const lies: Lies = {};
      const honest = transportOf(world.server, world.server.bazaar);
      const [first, second, id] = await world.couple([{ transport: lyingTransport(honest, lies) }]);
      let [asha, bo] = [first, second];
      const spoilt = new Set<number>();
      let old: Envelope | undefined;
      const spoil = (entry: Envelope): Envelope => {
        // A commit told twice would be another lie: keys may be renewed at any time.
        if (entry.kind === 'message') old ??= entry;
        if (!spoilt.has(entry.seq)) return entry;
        // No place of the log is empty: an old message stands in that of the one that is left out.
        return how === 'spoilt'
          ? { ...entry, ciphertext: new Uint8Array(60) }
          : { ...(old ?? entry), seq: entry.seq };
      };
      lies.event = (event) =>
        event.type === 'envelope' ? [{ ...event, envelope: spoil(event.envelope) }] : [event];
      lies.procedures = (connection) => ({
        pull: async (input) => {
          const page = await connection.pull(input);
          return { ...page, entries: page.entries.map(spoil) };
        },
      });
      let said = 0;
      await points(async (point) => {
        said += 1;
        const text = `${how} on its way ${String(said)}`;
        await asha.client.close();
        spoilt.add(((await recordOf(bo, id))?.cursor ?? 0) + 1);
        await bo.say(id, text);
        await bo.say(id, `the next one ${String(said)}`);
        await until(
          'they are stored',
          async () => (await bo.history(id)).at(-1)?.status === 'stored',
        );
        await bo.client.close();
        const reads = (person: Person) => async (): Promise<boolean> =>
          (await person.texts(id)).includes(text);
        const asked = await crashAndReturn(asha, point, () =>
          until('it has asked', async () => {
            const waiting = await asha.store.range('outbox', { prefix: [id], limit: 1 });
            return waiting.length === 0 && (await recordOf(asha, id))?.repairs.length === 1;
          }),
        );
        asha = asked.returned;
        const answered = await crashAndReturn(bo, point, () =>
          until('it is repaired', reads(asha)),
        );
        bo = answered.returned;
        await until('it is repaired after all', reads(asha), 40_000);
        await goOn(asha, bo, id);
        await agree(asha, bo, id);
        return { crashed: asked.crashed || answered.crashed };
      });
      await Promise.all([asha.client.close(), bo.client.close()]);
    },
  );

  it('while names, settings and marks are set', async () => {
    const [first, bo, id] = await world.couple();
    let asha = first;
    let turn = 0;
    await points(async (point) => {
      turn += 1;
      const displayName = `Asha ${String(turn)}`;
      const { crashed, returned } = await crashAndReturn(asha, point, async ({ client }) => {
        const sound = turn % 2 === 0;
        const verified = !sound;
        await client.run<'set_display_name'>({ type: 'set_display_name', displayName });
        await client.run<'set_sound'>({ type: 'set_sound', sound });
        await client.run<'mark_read'>({ type: 'mark_read', conversationId: id, upTo: 2 ** 41 });
        await client.run<'set_verified'>({ type: 'set_verified', conversationId: id, verified });
        await until('Bo knows the name', () => nameAt(bo) === displayName);
      });
      asha = returned;
      const name = asha.client.snapshot.self?.displayName;
      await until('Bo knows the name that is stored', () => nameAt(bo) === name, 40_000);
      await goOn(asha, bo, id);
      return { crashed };
    });
    await asha.client.close();
  });
});
