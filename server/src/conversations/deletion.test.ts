import { expect } from 'vitest';
import { commitFrom, from, message, seq, storiesOf } from '../../test/conversation-world.js';
import { describeOnDatabases } from '../../test/databases.js';

await describeOnDatabases('deletion of ciphertext', (fixture) => {
  const stories = storiesOf(fixture);

  stories('a retry is answered even after its ciphertext is gone', async ({ world }) => {
    const { alice, bob, conversationId } = await world.pair();
    const draft = message(conversationId);
    const first = await world.conversations.send(alice, draft);
    for (const device of [alice, bob]) {
      await world.conversations.acknowledge(device, { upTo: [{ conversationId, seq: seq(1) }] });
    }
    await world.conversations.sweep();
    expect(await world.conversations.send(alice, draft)).toEqual(first);
  });

  stories('ciphertext goes when every device has it, and not before', async ({ world }) => {
    const { alice, bob, conversationId } = await world.pair();
    const phone = world.deviceOf(alice);
    await world.conversations.commit(phone, commitFrom(conversationId, 1)); // joins: its cursor is 1
    for (let index = 0; index < 3; index += 1) {
      await world.conversations.send(alice, message(conversationId, 'x', 2));
    }
    const left = async () => {
      await world.conversations.sweep();
      const { entries } = await world.conversations.pull(bob, from(conversationId));
      return entries.flatMap((entry) => (entry.ciphertext === null ? [] : [entry.seq]));
    };
    const acknowledge = (device: typeof bob, to: number) =>
      world.conversations.acknowledge(device, { upTo: [{ conversationId, seq: seq(to) }] });
    await acknowledge(bob, 4);
    await acknowledge(alice, 4);
    expect(await left()).toEqual([2, 3, 4]);
    await acknowledge(phone, 3);
    expect(await left()).toEqual([4]);
    // An older acknowledgement that comes late moves nothing back.
    await acknowledge(phone, 1);
    world.revoke(phone);
    await world.conversations.deviceRevoked(phone.deviceId);
    expect(await left()).toEqual([]);
    const { entries } = await world.conversations.pull(bob, from(conversationId));
    expect(entries.map((entry) => [entry.seq, entry.ciphertext])).toEqual(
      [1, 2, 3, 4].map((n) => [n, null]),
    );
  });

  stories('a revoked device holds nothing up, even if nobody said so here', async ({ world }) => {
    const { alice, bob, conversationId } = await world.pair();
    await world.conversations.send(alice, message(conversationId));
    await world.conversations.acknowledge(alice, { upTo: [{ conversationId, seq: seq(1) }] });
    world.revoke(bob);
    await world.conversations.sweep();
    const { entries } = await world.conversations.pull(alice, from(conversationId));
    expect(entries[0]?.ciphertext).toBeNull();
  });

  stories('ciphertext goes when the site has kept it long enough', async ({ world }) => {
    const { alice, conversationId } = await world.pair();
    const { storedAt } = await world.conversations.send(alice, message(conversationId));
    const kept = world.retentionSeconds * 1_000;
    const ciphertext = async () =>
      (await world.conversations.pull(alice, from(conversationId))).entries[0]?.ciphertext;
    await world.conversations.sweep(storedAt + kept);
    expect(await ciphertext()).not.toBeNull();
    await world.conversations.sweep(storedAt + kept + 1);
    expect(await ciphertext()).toBeNull();
  });

  stories('a history longer than one transaction takes goes in several', async ({ world }) => {
    const { alice, bob, conversationId } = await world.pair();
    const drafts = Array.from({ length: 5_100 }, () => message(conversationId, 'x'));
    await Promise.all(drafts.map((draft) => world.conversations.send(alice, draft)));
    for (const device of [alice, bob]) {
      await world.conversations.acknowledge(device, {
        upTo: [{ conversationId, seq: seq(5_100) }],
      });
    }
    await world.conversations.sweep();
    const { entries } = await world.conversations.pull(bob, from(conversationId, 4_990, 200));
    expect(entries).toHaveLength(110);
    for (const { ciphertext } of entries) expect(ciphertext).toBeNull();
  });

  stories('what is young enough stays, whatever is older', async ({ world }) => {
    const { alice, conversationId } = await world.pair();
    const old = await world.conversations.send(alice, message(conversationId));
    await expect.poll(() => Date.now()).toBeGreaterThan(old.storedAt);
    await world.conversations.send(alice, message(conversationId));
    await world.conversations.send(alice, message(conversationId));
    await world.conversations.sweep(old.storedAt + world.retentionSeconds * 1_000 + 1);
    const { entries } = await world.conversations.pull(alice, from(conversationId));
    expect(entries.map(({ ciphertext }) => ciphertext === null)).toEqual([true, false, false]);
  });

  stories('an acknowledgement beyond the head acknowledges the head', async ({ world }) => {
    const { alice, bob, conversationId } = await world.pair();
    for (const device of [alice, bob]) {
      await world.conversations.acknowledge(device, {
        upTo: [{ conversationId, seq: seq(1_000) }],
      });
    }
    await world.conversations.send(alice, message(conversationId));
    await world.conversations.sweep();
    const { entries } = await world.conversations.pull(bob, from(conversationId));
    expect(entries[0]?.ciphertext).not.toBeNull();
  });
});
