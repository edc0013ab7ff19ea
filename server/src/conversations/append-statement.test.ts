import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { from, message, newConversationId, World } from '../../test/conversation-world.js';
import { describeOnDatabases } from '../../test/databases.js';
import { isFaultOfData } from '../database/batch-writer.js';
import { asBuffer } from '../database/statements.js';
import { seqSchema, type ConversationId } from '../ids.js';
import { appendStatement, type Placed } from './append-statement.js';
import type { Draft, LogState } from './log.js';
import type { Caller } from './ports.js';

function draftOf(sender: Caller, conversationId: ConversationId): Draft {
  const sent = message(conversationId, 'text');
  const ciphertext = asBuffer(sent.ciphertext);
  const digest = createHash('sha256').update(ciphertext).digest();
  return { ...sent, kind: 'message', sender, ciphertext, digest };
}

/** Each draft after the one before it, in logs that stand at `head`. */
function placed(drafts: readonly Draft[], head: number): Placed {
  const heads = new Map<ConversationId, number>();
  const entries = drafts.map((draft) => {
    const seq = seqSchema.parse((heads.get(draft.conversationId) ?? head) + 1);
    heads.set(draft.conversationId, seq);
    const { conversationId, kind, epoch, digest } = draft;
    return { draft, stored: { conversationId, kind, epoch, digest, seq, storedAt: 1 } };
  });
  const state = (at: number): LogState => ({ head: at, epoch: 1, members: [] });
  const logs = new Map([...heads].map(([id, at]) => [id, { was: state(head), is: state(at) }]));
  return { entries, logs };
}

await describeOnDatabases('the statement that appends', (fixture) => {
  const stories = test.extend<{ world: World }>({
    world: async ({}, use) => {
      const world = new World(await fixture.open());
      await use(world);
      await world.close();
    },
  });

  stories('moves every log that it appends to', async ({ world }) => {
    const [one, two] = [await world.pair(), await world.pair()];
    const drafts = [one, two, one].map(({ alice, conversationId }) =>
      draftOf(alice, conversationId),
    );
    await world.database.writeStatement(appendStatement(fixture.dialect, placed(drafts, 0)));
    const pulled = async ({ alice, conversationId }: typeof one) => {
      const { entries, head } = await world.conversations.pull(alice, from(conversationId));
      return { head, ids: entries.map(({ id }) => id) };
    };
    expect(await pulled(one)).toEqual({ head: 2, ids: [drafts[0]?.id, drafts[2]?.id] });
    expect(await pulled(two)).toEqual({ head: 1, ids: [drafts[1]?.id] });
  });

  stories.for([
    ['leaves a gap', 5],
    ['takes a place that is taken', 0],
  ] as const)('stores nothing at all when one of its logs %s', async ([, head], { world }) => {
    const [moved, still] = [await world.pair(), await world.pair()];
    await world.conversations.send(moved.alice, message(moved.conversationId));
    const wrong = placed([draftOf(moved.alice, moved.conversationId)], head);
    const right = placed([draftOf(still.alice, still.conversationId)], 0);
    const both: Placed = {
      entries: [...right.entries, ...wrong.entries],
      logs: new Map([...right.logs, ...wrong.logs]),
    };
    const refused: unknown = await world.database
      .writeStatement(appendStatement(fixture.dialect, both))
      .catch((error: unknown) => error);
    expect(isFaultOfData(refused)).toBe(true);
    const { heads } = await world.conversations.heads(still.alice, {});
    expect(heads).toMatchObject([{ head: 0 }]);
  });

  stories('stores nothing in a conversation that is not there', async ({ world }) => {
    const { alice } = await world.pair();
    const statement = appendStatement(
      fixture.dialect,
      placed([draftOf(alice, newConversationId())], 0),
    );
    const refused: unknown = await world.database
      .writeStatement(statement)
      .catch((error: unknown) => error);
    expect(isFaultOfData(refused)).toBe(true);
  });

  test('is all that a message asks of the database, from the second one on', async () => {
    const database = await fixture.open();
    const asked: string[] = [];
    const world = new World({
      ...database,
      write: (job) => {
        asked.push('transaction');
        return database.write(job);
      },
      writeStatement: (statement) => {
        asked.push('statement');
        return database.writeStatement(statement);
      },
    });
    const { alice, bob, conversationId } = await world.pair();
    asked.length = 0;
    await world.conversations.send(alice, message(conversationId));
    await world.conversations.send(bob, message(conversationId));
    await Promise.all(
      [alice, bob].map((one) => world.conversations.send(one, message(conversationId))),
    );
    expect(asked).toEqual(['transaction', 'statement', 'statement']);
    await world.close();
  });
});
