import { expect } from 'vitest';
import {
  commitFrom,
  creation,
  from,
  message,
  newConversationId,
  seq,
  storiesOf,
  World,
} from '../../test/conversation-world.js';
import { describeOnDatabases } from '../../test/databases.js';
import { queryRows } from '../database/query.js';
import type { EnvelopeId } from '../ids.js';
import type { LiveEvent } from '../events/contract.js';
import { limits } from '../limits.js';

function envelopes(events: LiveEvent[]) {
  return events.flatMap((event) => (event.type === 'envelope' ? [event.envelope] : []));
}

await describeOnDatabases('conversations', (fixture) => {
  const stories = storiesOf(fixture);

  stories(
    'a message behind another never overtakes it, whatever becomes of that',
    async ({ world }) => {
      const { alice, bob, conversationId } = await world.pair();
      const send = (caller: typeof alice, one: ReturnType<typeof message>, follows?: EnvelopeId) =>
        world.conversations.send(caller, { ...one, follows }).then(
          ({ seq }) => seq,
          (error: unknown) => (error as { code: string }).code,
        );
      const [one, two, three, four] = [1, 2, 3, 4].map(() => message(conversationId));
      if (!one || !two || !three || !four) throw new Error('four');
      // One that is not there, of one batch and of none; by another device; in another conversation.
      expect(await send(alice, two, one.id)).toBe('out_of_turn');
      expect(await send(alice, one)).toBe(1);
      expect(await send(bob, message(conversationId), one.id)).toBe('out_of_turn');
      const other = newConversationId();
      await world.conversations.create(alice, creation(other, world.person()));
      expect(await send(alice, message(other), one.id)).toBe('out_of_turn');
      // A burst whose second one is refused: nothing behind that gets past it.
      const stale = { ...two, epoch: 9 };
      expect(
        await Promise.all([
          send(alice, one),
          send(alice, stale, one.id),
          send(alice, three, two.id),
          send(alice, four, three.id),
        ]),
      ).toEqual([1, 'epoch_stale', 'out_of_turn', 'out_of_turn']);
      // Again: what is there gets its first answer, the rest its turn.
      expect(
        await Promise.all([
          send(alice, one),
          send(alice, two, one.id),
          send(alice, three, two.id),
          send(alice, four, three.id),
        ]),
      ).toEqual([1, 2, 3, 4]);
      expect(await send(alice, three)).toBe(3);
    },
  );

  stories(
    'a created conversation reaches every device of both but the creating one',
    async ({ world }) => {
      const [alice, bob] = [world.person(), world.person()];
      const [phone, tablet] = [world.deviceOf(alice), world.deviceOf(bob)];
      const heard = [alice, phone, bob, tablet].map((device) => world.listen(device));
      const id = newConversationId();
      await expect(world.conversations.create(alice, creation(id, bob))).resolves.toEqual({
        status: 'created',
        conversationId: id,
      });
      expect(heard.map((events) => events.map(({ type }) => type))).toEqual([
        [],
        ['conversation'],
        ['conversation'],
        ['conversation'],
      ]);
      const expected = {
        conversationId: id,
        suite: 83,
        members: [alice.address, bob.address].sort(),
        head: 0,
        epoch: 1,
        welcome: { seq: 0, welcome: Buffer.from([1, 2, 3]) },
      };
      expect(heard[2]?.[0]).toEqual({ type: 'conversation', head: expected });
      expect((await world.conversations.heads(tablet, {})).heads).toEqual([expected]);
      expect((await world.conversations.heads(alice, {})).heads).toEqual([
        { ...expected, welcome: null },
      ]);
      expect(await world.conversations.groupInfo(bob, { conversationId: id })).toEqual({
        epoch: 1,
        groupInfo: Buffer.from([4, 5, 6]),
        seq: 0,
      });
    },
  );

  stories('two who start at once get one conversation, in every race', async ({ world }) => {
    for (let round = 0; round < 10; round += 1) {
      const [alice, bob] = [world.person(), world.person()];
      const answers = await Promise.all([
        world.conversations.create(alice, creation(newConversationId(), bob)),
        world.conversations.create(bob, creation(newConversationId(), alice)),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual(['created', 'exists']);
      expect(new Set(answers.map(({ conversationId }) => conversationId)).size).toBe(1);
      expect((await world.conversations.heads(bob, {})).heads).toHaveLength(1);
    }
  });

  stories('a creation whose answer was lost may be repeated', async ({ world }) => {
    const [alice, bob] = [world.person(), world.person()];
    const request = creation(newConversationId(), bob);
    const first = await world.conversations.create(alice, request);
    expect(await world.conversations.create(alice, request)).toEqual(first);
    const again = await world.conversations.create(world.deviceOf(alice), request);
    expect(again.status).toBe('exists');
  });

  stories(
    'nobody creates with a stranger, oneself, across a border, or over a taken id',
    async ({ world }) => {
      const { alice, bob, conversationId } = await world.pair();
      const [carol, dave] = [world.person(), world.person()];
      const create = (peer: typeof bob, id = newConversationId()) =>
        world.conversations.create(alice, creation(id, peer));
      await expect(
        create({ ...bob, address: 'nobody' as typeof bob.address }),
      ).rejects.toMatchObject({
        code: 'not_found',
      });
      await expect(create(alice)).rejects.toMatchObject({ code: 'input_invalid' });
      world.unreachable.add(dave.address);
      await expect(create(dave)).rejects.toMatchObject({ code: 'reach_refused' });
      await expect(create(carol, conversationId)).rejects.toMatchObject({
        code: 'conversation_exists',
      });
    },
  );

  stories(
    'seq has no gaps when many send at once, and events come in its order',
    async ({ world }) => {
      const { alice, bob, conversationId } = await world.pair();
      const heard = world.listen(bob);
      const sent = await Promise.all(
        Array.from({ length: 600 }, (_, index) => {
          const sender = index % 2 === 0 ? alice : bob;
          return world.conversations.send(sender, message(conversationId, String(index)));
        }),
      );
      const all = Array.from({ length: 600 }, (_, index) => index + 1);
      expect(sent.map((answer) => answer.seq).sort((left, right) => left - right)).toEqual(all);
      expect(envelopes(heard).map((envelope) => envelope.seq)).toEqual(all);
      const { entries, head } = await world.conversations.pull(alice, from(conversationId, 595));
      expect(entries.map((entry) => entry.seq)).toEqual([596, 597, 598, 599, 600]);
      expect(entries.at(-1)).toEqual(envelopes(heard).at(-1));
      expect(head).toBe(600);
    },
  );

  stories('whoever waits for a message hears it before who sent it', async ({ world }) => {
    const { alice, bob, conversationId } = await world.pair();
    const order: string[] = [];
    for (const [name, { accountId }] of Object.entries({ alice, bob }))
      world.bus.subscribe([`account:${accountId}`], { onEvent: () => order.push(name) });
    await world.conversations.send(alice, message(conversationId));
    await world.conversations.send(bob, message(conversationId));
    expect(order).toEqual(['bob', 'alice', 'alice', 'bob']);
  });

  stories('two nodes on one database give one gapless seq', async ({ world }) => {
    if (fixture.dialect === 'sqlite') return; // One process owns a SQLite file.
    const other = new World(world.database);
    const { alice, bob, conversationId } = await world.pair();
    const sent = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        index % 2 === 0
          ? world.conversations.send(alice, message(conversationId))
          : other.conversations.send(bob, message(conversationId)),
      ),
    );
    expect(new Set(sent.map((answer) => answer.seq)).size).toBe(200);
    expect(Math.max(...sent.map((answer) => answer.seq))).toBe(200);
    await other.conversations.close();
  });

  stories('the same envelope gets the same answer, other bytes a conflict', async ({ world }) => {
    const { alice, bob, conversationId } = await world.pair();
    const heard = world.listen(bob);
    const draft = message(conversationId);
    const together = await Promise.all([1, 2, 3].map(() => world.conversations.send(alice, draft)));
    expect(new Set(together.map((answer) => answer.seq))).toEqual(new Set([1]));
    await world.conversations.send(alice, message(conversationId));
    expect(await world.conversations.send(alice, draft)).toEqual(together[0]);
    expect(envelopes(heard)).toHaveLength(2);
    const conflict = { code: 'envelope_conflict' };
    const other = { ...draft, ciphertext: new Uint8Array([9]) };
    await expect(world.conversations.send(alice, other)).rejects.toMatchObject(conflict);
    await expect(world.conversations.send(alice, { ...draft, epoch: 0 })).rejects.toMatchObject(
      conflict,
    );
    // Ids are a device's own: somebody else may use the same.
    expect((await world.conversations.send(bob, draft)).seq).toBe(3);
  });

  stories('of commits for one epoch exactly one wins', async ({ world }) => {
    const { alice, bob, conversationId } = await world.pair();
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        world.conversations.commit(index % 2 === 0 ? alice : bob, commitFrom(conversationId, 1)),
      ),
    );
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(7);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'epoch_conflict' });
    expect(await world.conversations.groupInfo(alice, { conversationId })).toEqual({
      epoch: 2,
      groupInfo: Buffer.from([8, 2]),
      seq: 1,
    });
    const [head] = (await world.conversations.heads(bob, {})).heads;
    expect(head).toMatchObject({ head: 1, epoch: 2 });
  });

  stories('a lost answer to a commit may be asked for again', async ({ world }) => {
    const { alice, conversationId } = await world.pair();
    const commit = commitFrom(conversationId, 1);
    const first = await world.conversations.commit(alice, commit);
    await world.conversations.commit(alice, commitFrom(conversationId, 2));
    expect(await world.conversations.commit(alice, commit)).toEqual(first);
    expect((await world.conversations.groupInfo(alice, { conversationId })).epoch).toBe(3);
  });

  stories('a message may be a few epochs late, not more, and never early', async ({ world }) => {
    const { alice, conversationId } = await world.pair();
    const epochs = limits.epochsBehindMax + 1;
    for (let epoch = 1; epoch <= epochs; epoch += 1) {
      await world.conversations.commit(alice, commitFrom(conversationId, epoch));
    }
    const current = epochs + 1;
    const send = (epoch: number) =>
      world.conversations.send(alice, message(conversationId, 'late', epoch));
    const stale = { code: 'epoch_stale' };
    await expect(send(current - limits.epochsBehindMax - 1)).rejects.toMatchObject(stale);
    await expect(send(current - limits.epochsBehindMax)).resolves.toMatchObject({
      seq: epochs + 1,
    });
    await expect(send(current)).resolves.toMatchObject({ seq: epochs + 2 });
    await expect(send(current + 1)).rejects.toMatchObject(stale);
  });

  stories('a new device gets the Welcome of the commit that added it', async ({ world }) => {
    const { alice, bob, conversationId } = await world.pair();
    await world.conversations.acknowledge(bob, { upTo: [{ conversationId, seq: seq(0) }] });
    await world.conversations.send(alice, message(conversationId));
    const tablet = world.deviceOf(bob);
    const heard = world.listen(tablet);
    const welcome = new Uint8Array([42]);
    await world.conversations.commit(alice, commitFrom(conversationId, 1, welcome));
    const announced = heard.find((event) => event.type === 'conversation');
    expect(announced).toMatchObject({ head: { welcome: { seq: 2, welcome: Buffer.from([42]) } } });
    // Bob's first device is in the group already: the Welcome is not for it.
    expect((await world.conversations.heads(bob, {})).heads[0]?.welcome).toBeNull();
    await world.conversations.acknowledge(tablet, { upTo: [{ conversationId, seq: seq(1) }] });
    expect((await world.conversations.heads(tablet, {})).heads[0]?.welcome).not.toBeNull();
    await world.conversations.acknowledge(tablet, { upTo: [{ conversationId, seq: seq(2) }] });
    expect((await world.conversations.heads(tablet, {})).heads[0]?.welcome).toBeNull();
    expect(await queryRows(world.database, 'SELECT seq FROM welcomes')).toEqual([]);
  });

  stories('to whoever is not a member there is no conversation', async ({ world }) => {
    const { alice, conversationId } = await world.pair();
    const { conversationId: own } = await world.pair();
    await world.conversations.send(alice, message(conversationId));
    const eve = world.person();
    const nothing = { code: 'not_found' };
    const { conversations } = world;
    await expect(conversations.send(eve, message(conversationId))).rejects.toMatchObject(nothing);
    await expect(conversations.commit(eve, commitFrom(conversationId, 1))).rejects.toMatchObject(
      nothing,
    );
    await expect(conversations.pull(eve, from(conversationId))).rejects.toMatchObject(nothing);
    await expect(conversations.groupInfo(eve, { conversationId })).rejects.toMatchObject(nothing);
    const upTo = [{ conversationId, seq: seq(1) }];
    await expect(conversations.acknowledge(eve, { upTo })).rejects.toMatchObject(nothing);
    // One foreign conversation among one's own: none is taken.
    const mixed = [{ conversationId: own, seq: seq(0) }, ...upTo];
    await expect(conversations.acknowledge(eve, { upTo: mixed })).rejects.toMatchObject(nothing);
    expect(await conversations.heads(eve, {})).toEqual({ heads: [], more: false });
    const unknown = newConversationId();
    await expect(conversations.send(alice, message(unknown))).rejects.toMatchObject(nothing);
    expect(await conversations.membersOf(unknown)).toEqual([]);
  });

  stories('one refused send does not disturb those beside it', async ({ world }) => {
    const { alice, conversationId } = await world.pair();
    const answers = await Promise.allSettled([
      world.conversations.send(alice, message(conversationId)),
      world.conversations.send(world.person(), message(conversationId)),
      world.conversations.send(alice, message(conversationId, 'early', 9)),
      world.conversations.send(alice, message(conversationId)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(answers[3]).toMatchObject({ value: { seq: 2 } });
  });

  stories(
    'what was accepted before closing is stored, and nothing is accepted after',
    async ({ world }) => {
      const { alice, conversationId } = await world.pair();
      const sending = Array.from({ length: 300 }, () =>
        world.conversations.send(alice, message(conversationId)),
      );
      const closing = world.conversations.close();
      await expect(world.conversations.send(alice, message(conversationId))).rejects.toMatchObject({
        code: 'unavailable',
      });
      await closing;
      expect((await Promise.all(sending)).length).toBe(300);
      expect((await world.conversations.pull(alice, from(conversationId, 299))).head).toBe(300);
    },
  );
});
