/** Attacks by whoever can write into this device's store, and by the other member: neither makes this device speak to
 * somebody else, or work for ever. The server's are in `lies/`. */
import { describe, expect, it } from 'vitest';
import { encodeContent } from '../content/index.js';
import { acceptKey } from '../conversations/open.js';
import { newMessageId } from '../conversations/message-id.js';
import { generateSigningKey } from '../identity/index.js';
import { enqueue } from '../outbox/entries.js';
import type { ConversationId } from '../index.js';
import { recordOf } from './crashes.js';
import { addressOf, until, type Person } from './person.js';
import { createWorld, engineOf } from './world.js';

const world = createWorld();

const hello = () => ({ type: 'text' as const, id: newMessageId(), at: Date.now(), text: 'hello' });

const hasNothingWaiting = async ({ store }: Person, id: ConversationId): Promise<boolean> =>
  (await store.range('outbox', { prefix: [id], limit: 1 })).length === 0;

describe('keys', () => {
  it('are asked for once more at every message: nothing is encrypted for a leaf that is not pinned', async () => {
    const [asha, bo, conversation] = await world.couple();
    const engine = await engineOf(world, bo);
    await until('the log is heard', () => engine.context.settled(conversation));
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
    const engine = await engineOf(world, bo);
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
    const before = record.cursor;
    engine.drain.start(engine.directory.get(conversation));
    await until('all of it is asked', () => hasNothingWaiting(bo, conversation));
    const connection = await engine.link.wait('member');
    const pull = () => connection.pull({ conversationId: conversation, after: before });
    const { head } = await pull();
    await until(
      'Asha has heard it',
      async () => ((await recordOf(asha, conversation))?.cursor ?? 0) >= head,
    );
    // What she answers is stored together with what she has heard.
    await until('she has answered', () => hasNothingWaiting(asha, conversation));
    const page = await pull();
    await engine.stop();
    // Eight requests for thirty messages each, and a hundred answers. Keys may be renewed as well.
    expect(page.entries.filter(({ kind }) => kind === 'message')).toHaveLength(8 + 100);
  });
});
