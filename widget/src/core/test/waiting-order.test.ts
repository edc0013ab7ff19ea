/** What waits is encrypted in the order of writing: receivers keep few keys of those that were passed over. */
import { expect, it } from 'vitest';
import { encodeContent } from '../content/index.js';
import { update, type Draft } from '../conversations/draft.js';
import { newMessageId } from '../conversations/message-id.js';
import { enqueue, type OutboxEntry } from '../outbox/entries.js';
import { until } from './person.js';
import { createWorld, engineOf } from './world.js';

const world = createWorld();

const textOf = (text: string) => {
  const id = newMessageId();
  return { id, content: encodeContent({ type: 'text', id, at: 1, text }) };
};

/** Which of two that are written then are encrypted at once. */
async function sealedAfter(prepare: (draft: Draft) => Promise<void>): Promise<boolean[]> {
  const [asha, , id] = await world.couple();
  const engine = await engineOf(world, asha);
  await until('the log is heard', () => engine.context.settled(id));
  const sealed = await engine.directory.get(id).change(async (draft) => {
    await prepare(draft);
    const { nextPosition: first } = draft.record;
    for (const { id: message, content } of ['one', 'two'].map(textOf))
      await enqueue(draft, message, content);
    return [...draft.writes.values()]
      .filter(({ table, key }) => table === 'outbox' && Number(key[1]) >= first)
      .map(({ value }) => (value as OutboxEntry).ciphertext !== null);
  });
  await engine.stop();
  return sealed;
}

it('at once where nothing waits', async () => {
  expect(await sealedAfter(() => Promise.resolve())).toEqual([true, true]);
});

it('not before what waits in the clear, though one in between was taken back', async () => {
  const sealed = await sealedAfter(async (draft) => {
    const { id, nextPosition } = draft.record;
    const value: OutboxEntry = { ...textOf('waits'), epoch: 0, ciphertext: null };
    await draft.context.store.commit([{ table: 'outbox', key: [id, nextPosition], value }]);
    update(draft, { nextPosition: nextPosition + 2 });
  });
  expect(sealed).toEqual([false, false]);
});
