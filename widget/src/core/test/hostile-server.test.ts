/** Attacks by the server, and by the other member: neither makes this device speak to somebody else, forget something,
 * or work for ever. */
import { describe, expect, it } from 'vitest';
import { encodeContent } from '../content/index.js';
import { acceptKey } from '../conversations/open.js';
import { newMessageId } from '../conversations/message-id.js';
import { createEngine } from '../client/engine.js';
import type { Engine } from '../client/parts.js';
import { generateSigningKey } from '../identity/index.js';
import { enqueue } from '../outbox/entries.js';
import { TransportError } from '../transport/errors.js';
import { lyingTransport, type Lies } from './hostile.js';
import { addressOf, open, transportOf, until, type Person } from './person.js';
import { createWorld, hasTexts } from './world.js';

const world = createWorld();

function liar(): { lies: Lies; transport: ReturnType<typeof lyingTransport> } {
  const lies: Lies = {};
  return { lies, transport: lyingTransport(transportOf(world.server, world.server.garden), lies) };
}

/** The same person with everything inside at hand, to do what no client does. */
async function reopen(person: Person): Promise<Engine> {
  await person.client.close();
  const engine = await createEngine({
    store: person.store,
    serverUrl: world.server.url,
    siteKey: person.site.key,
    origin: person.site.origin,
    media: null,
    transport: transportOf(world.server, person.site),
  });
  engine.start();
  await engine.link.wait('member');
  return engine;
}

const hello = () => ({ type: 'text' as const, id: newMessageId(), at: Date.now(), text: 'hello' });

describe('a server that names another conversation as the one of the two', () => {
  it('is not believed: what was written for one person goes to nobody else', async () => {
    const { lies, transport } = liar();
    const [asha, bo, withAsha] = await world.couple([undefined, { transport }]);
    const carol = await world.somebody('carol');
    lies.procedures = () => ({
      createConversation: () => Promise.reject(new TransportError('timeout')),
    });
    const withCarol = await open(bo, carol);
    await bo.say(withCarol, 'for Carol alone');

    let asked = 0;
    lies.procedures = () => ({
      createConversation: async () => {
        asked += 1;
        return { status: 'exists', conversationId: withAsha };
      },
    });
    const again = world.keep(await bo.reload());
    await until('it was told so', () => asked > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await asha.texts(withAsha)).not.toContain('for Carol alone');
    expect(await again.texts(withCarol)).toEqual(['for Carol alone']);

    delete lies.procedures;
    const third = world.keep(await again.reload());
    await until('Carol has it', () => hasTexts(carol, withCarol, ['for Carol alone']));
    expect(third.client.snapshot.conversations.map(({ peer }) => peer.address).sort()).toEqual(
      [addressOf(asha), addressOf(carol)].sort(),
    );
  });
});

describe('a server that names places in the log at will', () => {
  it('cannot have a message stored over another one', async () => {
    const { lies, transport } = liar();
    const [asha, bo, conversation] = await world.couple([undefined, { transport }]);
    lies.procedures = (honest) => ({
      send: async (input) => ({ ...(await honest.send(input)), seq: 1 }),
    });
    await bo.say(conversation, 'in your place');
    await until('it has come', () =>
      hasTexts(asha, conversation, ['hello Bo', 'hello Asha', 'in your place']),
    );
    await until('and stands behind the others', () =>
      hasTexts(bo, conversation, ['hello Bo', 'hello Asha', 'in your place']),
    );
  });
});

describe('a server that has gone back', () => {
  it('is not followed because it speaks of the conversation once more', async () => {
    const { lies, transport } = liar();
    const [asha, bo, conversation] = await world.couple([undefined, { transport }]);
    lies.procedures = (honest) => ({
      heads: async (after) => {
        const answer = await honest.heads(after);
        return { ...answer, heads: answer.heads.map((head) => ({ ...head, head: 1 })) };
      },
    });
    const again = world.keep(await bo.reload());
    const stateOf = () => again.client.snapshot.conversations[0]?.state;
    await until('it is shown', () => stateOf() === 'broken');
    let told = 0;
    lies.event = (event) => {
      if (event.type !== 'envelope') return [event];
      told += 1;
      const { conversationId } = event;
      const members = [addressOf(asha), addressOf(bo)];
      const head = { conversationId, suite: 1, members, head: 1, epoch: 1, welcome: null };
      return [{ type: 'conversation', head }];
    };
    await asha.say(conversation, 'anybody there?');
    await until('it has spoken', () => told > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(stateOf()).toBe('broken');
  });
});

describe('keys', () => {
  it('are asked for once more at every message: nothing is encrypted for a leaf that is not pinned', async () => {
    const [asha, bo, conversation] = await world.couple();
    const engine = await reopen(bo);
    const { record } = engine.directory.get(conversation);
    const other = { accountKey: (await generateSigningKey()).publicKey, verified: false };
    engine.pins.write(addressOf(asha), other).settle();
    await expect(
      engine.directory
        .get(conversation)
        .change((draft) => enqueue(draft, newMessageId(), encodeContent(hello()))),
    ).rejects.toMatchObject({ problem: { code: 'key_changed' } });
    expect(engine.directory.get(conversation).record).toBe(record);

    // Another key came between the question and the answer: it is not the one that was accepted.
    const [shown, later] = [await generateSigningKey(), await generateSigningKey()];
    engine.pins.write(addressOf(asha), { ...other, changedKey: later.publicKey }).settle();
    await expect(
      engine.directory.get(conversation).change((draft) => acceptKey(draft, shown.publicKey)),
    ).rejects.toMatchObject({ problem: { code: 'key_unverifiable' } });
    await engine.stop();
  });
});

describe('a member who asks without end for what was said', () => {
  it('is answered as often as an honest device would ask, and no more', async () => {
    const [asha, bo, conversation] = await world.couple();
    for (let index = 0; index < 30; index += 1) await asha.say(conversation, String(index));
    await until('all of it is sent', async () => (await bo.texts(conversation)).length === 32);
    const engine = await reopen(bo);
    const { record } = engine.directory.get(conversation);
    const seqs = Array.from({ length: 50 }, (_, index) => index + 1).filter(
      (seq) => seq <= record.cursor,
    );
    for (let asked = 0; asked < 8; asked += 1) {
      await engine.directory.get(conversation).change(async (draft) => {
        const id = newMessageId();
        await enqueue(draft, id, encodeContent({ type: 'resend', id, at: Date.now(), seqs }));
      });
    }
    engine.drain.start(engine.directory.get(conversation));
    const before = record.cursor;
    let head = before;
    await until('it comes to rest', async () => {
      const seen = head;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      head = engine.directory.get(conversation).record.cursor;
      return head === seen && head > before + 8;
    });
    await engine.stop();
    // Eight requests for thirty messages each, and a hundred answers.
    expect(head - before).toBe(8 + 100);
  });
});
