/** The process dies at the nth write, before or after it reached the disk, for every n: what was promised holds. */
import { describe, expect, it } from 'vitest';
import { agree, crashAndReturn, everyCrashPoint } from './crashes.js';
import { createCrashingStore } from './crashing-store.js';
import { addressOf, arrive, createDisk, open, until } from './person.js';
import { createWorld } from './world.js';

const world = createWorld();

describe('a crash at any write', () => {
  it('while sending and receiving loses nothing that was promised and says nothing twice', async () => {
    let round = 0;
    const points = await everyCrashPoint(async (point) => {
      round += 1;
      const [asha, bo, conversation] = await world.couple();
      const promised: string[] = [];
      const fromBo = bo.say(conversation, 'from Bo');
      const { crashed, returned } = await crashAndReturn(asha, point, async (doomed) => {
        const say = async (text: string): Promise<void> => {
          await doomed.say(conversation, text);
          promised.push(text);
        };
        await Promise.all([say('one'), say('two')]);
        await until('all is stored', async () => {
          const history = await doomed.history(conversation);
          const texts = history.filter(({ body }) => body.type === 'text');
          return texts.length === 5 && texts.every(({ status }) => status === 'stored');
        });
      });
      await fromBo;
      const texts = await agree(returned, bo, conversation);
      expect(texts, `round ${String(round)}`).toEqual(
        expect.arrayContaining([...promised, 'from Bo']),
      );
      expect(new Set(texts).size).toBe(texts.length);
      await returned.say(conversation, 'still here');
      await until('Bo hears', async () => (await bo.texts(conversation)).includes('still here'));
      await Promise.all([returned.client.close(), bo.client.close()]);
      return { crashed };
    });
    // Several at a time are written as one, or not.
    expect(points).toBeGreaterThan(5);
  }, 600_000);

  it('while claiming a handle leaves one account, or none', async () => {
    let round = 0;
    await everyCrashPoint(async (point) => {
      round += 1;
      const disk = createDisk();
      const options = { server: world.server, site: world.server.bazaar };
      const handle = `crash_${String(round)}`;
      const store = createCrashingStore(disk, point);
      const doomed = await arrive({ ...options, store });
      await doomed.client
        .run<'claim_handle'>({ type: 'claim_handle', handle })
        .catch(() => undefined);
      const before = doomed.client.snapshot.self?.deviceId;
      // The key packages are topped up in the background; enough of that is seen elsewhere.
      await doomed.client.close();
      const returned = world.keep(await arrive({ ...options, store: disk }));
      await until('connected', () => returned.client.snapshot.connection === 'online');
      if (returned.client.snapshot.phase === 'unclaimed') {
        await returned.client.run<'claim_handle'>({ type: 'claim_handle', handle });
      }
      expect(addressOf(returned)).toBe(`@${handle}@bazaar.localhost`);
      if (before !== undefined) expect(returned.client.snapshot.self?.deviceId).toBe(before);
      await returned.client.close();
      return { crashed: store.commits >= point.atCommit && round < 40 };
    });
  }, 600_000);

  it('while beginning a conversation leaves one conversation', async () => {
    const points = await everyCrashPoint(async (point) => {
      const asha = await world.somebody('asha');
      const bo = await world.somebody('boris', { site: world.server.garden });
      const { crashed, returned } = await crashAndReturn(asha, point, async (doomed) => {
        const conversation = await open(doomed, bo);
        await doomed.say(conversation, 'first');
        await until(
          'it is stored',
          async () => (await doomed.history(conversation)).at(-1)?.status === 'stored',
        );
      });
      const conversation = await open(returned, bo);
      await returned.say(conversation, 'second');
      await until('Bo reads it', async () =>
        (await bo.texts(conversation).catch((): string[] => [])).includes('second'),
      );
      const texts = await bo.texts(conversation);
      expect(new Set(texts).size).toBe(texts.length);
      expect(bo.client.snapshot.conversations).toHaveLength(1);
      expect(returned.client.snapshot.conversations).toHaveLength(1);
      await Promise.all([returned.client.close(), bo.client.close()]);
      return { crashed };
    });
    expect(points).toBeGreaterThan(6);
  }, 600_000);
});
