import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import {
  commitFrom,
  creation,
  from,
  newConversationId,
  newEnvelopeId,
  storiesOf,
} from '../../test/conversation-world.js';
import { describeOnDatabases } from '../../test/databases.js';
import { limits } from '../limits.js';

await describeOnDatabases('reading conversations', (fixture) => {
  const stories = storiesOf(fixture);

  stories('a pull ends at its entries or at its bytes, and always has one', async ({ world }) => {
    const { alice, conversationId } = await world.pair();
    const large = {
      ...commitFrom(conversationId, 1),
      commit: new Uint8Array(limits.commitBytesMax),
    };
    await world.conversations.commit(alice, large);
    const bytes = new Uint8Array(randomBytes(limits.ciphertextBytesMax));
    const fit = (limits.pullBytesMax - limits.commitBytesMax) / limits.ciphertextBytesMax;
    for (let index = 0; index < fit + 1; index += 1) {
      const draft = { conversationId, id: newEnvelopeId(), epoch: 2, ciphertext: bytes };
      await world.conversations.send(alice, draft);
    }
    const all = await world.conversations.pull(alice, from(conversationId));
    expect(all.entries).toHaveLength(1 + fit);
    expect(all.head).toBe(2 + fit);
    const rest = await world.conversations.pull(alice, from(conversationId, 1 + fit));
    expect(rest.entries.map((entry) => entry.seq)).toEqual([2 + fit]);
    expect(rest.entries[0]?.ciphertext).toEqual(Buffer.from(bytes));
    expect(
      (await world.conversations.pull(alice, from(conversationId, 0, 2))).entries,
    ).toHaveLength(2);
    expect((await world.conversations.pull(alice, from(conversationId, 99))).entries).toEqual([]);
  });

  stories('heads come in pages, each conversation once', async ({ world }) => {
    const alice = world.person();
    const ids = new Set<string>();
    await Promise.all(
      Array.from({ length: limits.headsPerPageMax + 1 }, async () => {
        const id = newConversationId();
        ids.add(id);
        await world.conversations.create(alice, creation(id, world.person()));
      }),
    );
    const first = await world.conversations.heads(alice, {});
    expect(first).toMatchObject({ more: true });
    expect(first.heads).toHaveLength(limits.headsPerPageMax);
    const second = await world.conversations.heads(alice, {
      after: first.heads.at(-1)?.conversationId,
    });
    expect(second).toMatchObject({ more: false });
    const seen = [...first.heads, ...second.heads].map((head) => head.conversationId);
    expect(new Set(seen)).toEqual(ids);
    expect(seen).toHaveLength(ids.size);
  });

  stories('large Welcomes end a page of heads early', async ({ world }) => {
    const bob = world.person();
    const welcome = new Uint8Array(limits.welcomeBytesMax);
    for (let index = 0; index < 5; index += 1) {
      const request = { ...creation(newConversationId(), bob), welcome };
      await world.conversations.create(world.person(), request);
    }
    const first = await world.conversations.heads(bob, {});
    expect(first).toMatchObject({ more: true });
    expect(first.heads).toHaveLength(3);
    const second = await world.conversations.heads(bob, {
      after: first.heads.at(-1)?.conversationId,
    });
    expect(second.heads).toHaveLength(2);
    expect(second.more).toBe(false);
  });
});
