import { expect, test } from 'vitest';
import { from, message, World } from '../../test/conversation-world.js';
import { describeOnDatabases } from '../../test/databases.js';
import { createDatabase } from '../database/connection.js';
import { conversationIdSchema } from '../ids.js';
import { LogStates } from './log-states.js';

await describeOnDatabases('what the writer remembers of the logs', (fixture) => {
  test('yields to what another process has written meanwhile', async () => {
    const place = await fixture.place();
    const world = new World(await createDatabase(place));
    const { alice, bob, conversationId } = await world.pair();
    const other = new World(await createDatabase(place));
    const sent = [
      await world.conversations.send(alice, message(conversationId, 'one')),
      await other.conversations.send(bob, message(conversationId, 'two')),
      await world.conversations.send(alice, message(conversationId, 'three')),
      await other.conversations.send(bob, message(conversationId, 'four')),
    ];
    expect(sent.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    const { entries } = await world.conversations.pull(alice, from(conversationId));
    expect(
      entries.map(({ ciphertext }) => new TextDecoder().decode(ciphertext ?? undefined)),
    ).toEqual(['one', 'two', 'three', 'four']);
    await Promise.all([world.close(), other.close()]);
  });

  test('does not make a repeated envelope a new one, alone or among others', async () => {
    const world = new World(await fixture.open());
    const { alice, conversationId } = await world.pair();
    const draft = message(conversationId);
    const first = await world.conversations.send(alice, draft);
    expect(await world.conversations.send(alice, draft)).toEqual(first);
    const answers = await Promise.all([
      world.conversations.send(alice, message(conversationId)),
      world.conversations.send(alice, draft),
      world.conversations.send(alice, message(conversationId)),
    ]);
    expect(answers.map(({ seq }) => seq)).toEqual([2, 1, 3]);
    await expect(
      world.conversations.send(alice, { ...draft, ciphertext: Uint8Array.of(1) }),
    ).rejects.toMatchObject({ code: 'envelope_conflict' });
    await world.close();
  });
});

test('the states of twenty thousand logs are remembered, and no more', () => {
  const states = new LogStates();
  const id = (index: number) => conversationIdSchema.parse(`${String(index).padStart(21, '0')}A`);
  const state = { head: 1, epoch: 1, members: [] };
  for (let index = 0; index <= 20_000; index += 1) states.remember(id(index), state);
  expect(states.of([id(1), id(20_000)])?.get(id(20_000))).toBe(state);
  expect(states.of([id(0)])).toBeNull();
  // All of them, or nothing.
  expect(states.of([id(1), id(0)])).toBeNull();
});
