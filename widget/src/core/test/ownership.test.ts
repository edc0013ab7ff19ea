/** One engine at a time: the one that slept through losing its store says and keeps nothing more. */
import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { openIndexedDbStore, type ConversationId } from '../index.js';
import type { Store } from '../store/contract.js';
import { arrive, until, type Person } from './person.js';
import { createWorld, hasTexts } from './world.js';

const world = createWorld();
let count = 0;

/** Asha on a browser's database, in conversation with Bo; `wake` opens it once more, as the tab in front would. */
async function asleep(): Promise<{
  asha: Person;
  boris: Person;
  conversation: ConversationId;
  wake: () => Promise<Person>;
  name: string;
}> {
  const name = `parley-ownership-${String((count += 1))}`;
  const store = await openIndexedDbStore({ name });
  const [asha, boris, conversation] = await world.couple([{ store }]);
  const wake = async (): Promise<Person> => {
    const { server } = world;
    const next = await openIndexedDbStore({ name });
    return world.keep(await arrive({ server, site: asha.site, store: next }));
  };
  return { asha, boris, conversation, wake, name };
}

describe('an engine whose store another one has opened', () => {
  it('says nothing more, and ends', async () => {
    const { asha, boris, conversation, wake } = await asleep();
    const next = await wake();
    await expect(asha.say(conversation, 'from the grave')).rejects.toMatchObject({
      problem: { code: 'storage_unavailable' },
    });
    expect(asha.client.snapshot).toMatchObject({ phase: 'closed', connection: 'offline' });

    await next.say(conversation, 'from the living');
    const all = ['hello Bo', 'hello Asha', 'from the living'];
    await until('Bo reads it', () => hasTexts(boris, conversation, all));
    await boris.say(conversation, 'good to hear');
    await until('Asha reads him', () => hasTexts(next, conversation, [...all, 'good to hear']));
    expect(await boris.texts(conversation)).not.toContain('from the grave');
    expect(asha.client.snapshot.connection).toBe('offline');
  });

  it('ends at the first message that it hears, too', async () => {
    const { asha, boris, conversation, wake } = await asleep();
    const next = await wake();
    await boris.say(conversation, 'who is there?');
    await until('the old one has ended', () => asha.client.snapshot.phase === 'closed');
    await until('the new one reads it', async () =>
      (await next.texts(conversation)).includes('who is there?'),
    );
    expect(next.client.snapshot.phase).toBe('ready');
  });

  it('stays ended, even if it was just about to be ready', async () => {
    const { asha, wake, name } = await asleep();
    await asha.client.close();
    const store = await openIndexedDbStore({ name });
    const slow: Store = {
      ...store,
      async range(table, options) {
        const rows = await store.range(table, options);
        // The last thing that is read before: what it brings was read in time, the rest was not.
        if (table === 'key_packages' && options.limit === 1) {
          await wake();
          const { client } = await doomed;
          await client.run<'set_sound'>({ type: 'set_sound', sound: false }).catch(() => undefined);
          expect(client.snapshot.phase).toBe('closed');
        }
        return rows;
      },
    };
    const doomed = asha.twin({ store: slow });
    const { client } = await doomed;
    await until('it has ended', () => client.snapshot.phase === 'closed');
    await client.close();
    expect(client.snapshot.phase).toBe('closed');
  });
});
