/** Somebody who writes faster than one can read: one still gets a word in, there and elsewhere. */
import { expect, it } from 'vitest';
import type { ConversationId } from '../index.js';
import { TransportError } from '../transport/errors.js';
import { createCable, lyingTransport, type Lies } from './hostile.js';
import { open, transportOf, until, type Person } from './person.js';
import { createWorld, hasTexts } from './world.js';

const world = createWorld();
const missed = 30;

/** Each time that one more is read, one more is there. @returns how often that was. */
function writesAtEachPull(lies: Lies, bo: Person, id: ConversationId): () => number {
  let pulls = 0;
  lies.procedures = (honest) => ({
    pull: async (input) => {
      if (input.conversationId !== id) return honest.pull(input);
      pulls += 1;
      await bo.say(id, `more ${String(pulls)}`);
      await until('it is in the log', async () => {
        const own = (await bo.history(id)).filter(({ author }) => author === 'self');
        return own.every(({ status }) => status === 'stored');
      });
      const page = await honest.pull(input);
      return { ...page, entries: page.entries.slice(0, 1) };
    },
  });
  return () => pulls;
}

it('says what one has to say while the other writes without end', { timeout: 90_000 }, async () => {
  const lies: Lies = {};
  const direct = transportOf(world.server, world.server.bazaar);
  const cable = createCable(lyingTransport(direct, lies), () => new TransportError('offline'));
  const [asha, bo, id] = await world.couple([{ transport: cable.transport }]);
  const cai = await world.somebody('cai');
  const aside = await open(asha, cai);
  await asha.say(aside, 'hello Cai');
  await until('Cai is greeted', async () => hasTexts(cai, aside, ['hello Cai']));

  cable.unplug();
  await until('Asha is away', () => asha.client.snapshot.connection !== 'online');
  for (let index = 0; index < missed; index += 1) await bo.say(id, `missed ${String(index)}`);
  const pulls = writesAtEachPull(lies, bo, id);
  await asha.say(id, 'let me speak');
  await asha.say(aside, 'Bo does not stop');
  cable.plug();

  await until('Cai hears of it', async () => (await cai.texts(aside)).length > 1);
  const before = pulls();
  await until('Bo hears it', async () => (await bo.texts(id)).includes('let me speak'));
  expect(before).toBeLessThanOrEqual(missed);
  // And all the time Bo goes on.
  const then = pulls();
  await until('more is read', () => pulls() > then + 5);
});

it('joins again while the other writes without end', { timeout: 90_000 }, async () => {
  const lies: Lies = {};
  const direct = transportOf(world.server, world.server.bazaar);
  const [asha, bo, id] = await world.couple([{ transport: lyingTransport(direct, lies) }]);
  await asha.client.close();
  // Its group is gone, the rest is there: it has to join anew.
  const rows = await asha.store.range('groups', { prefix: [id], limit: 100 });
  await asha.store.commit(rows.map(({ key }) => ({ table: 'groups', key, value: undefined })));
  for (let index = 0; index < 3; index += 1) await bo.say(id, `missed ${String(index)}`);
  writesAtEachPull(lies, bo, id);
  const again = world.keep(await asha.reload());
  await until('she is back', async () =>
    (await again.history(id)).some(
      ({ body }) => body.type === 'notice' && body.notice === 'rejoined',
    ),
  );
  await again.say(id, 'let me in');
  await until('Bo hears it', async () => (await bo.texts(id)).includes('let me in'));
});
