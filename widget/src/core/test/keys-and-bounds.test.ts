/** Attacks by whoever can write into this device's store, and by the other member: neither makes this device speak to
 * somebody else, or work for ever. The server's are in `lies/`. */
import { describe, expect, it } from 'vitest';
import { encodeContent } from '../content/index.js';
import { acceptKey } from '../conversations/open.js';
import { newMessageId } from '../conversations/message-id.js';
import { generateSigningKey } from '../identity/index.js';
import { enqueue } from '../outbox/entries.js';
import { addressOf, until } from './person.js';
import { createWorld, engineOf } from './world.js';

const world = createWorld();

const hello = () => ({ type: 'text' as const, id: newMessageId(), at: Date.now(), text: 'hello' });

describe('keys', () => {
  it('are asked for once more at every message: nothing is encrypted for a leaf that is not pinned', async () => {
    const [asha, bo, conversation] = await world.couple();
    const engine = await engineOf(world, bo);
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
    engine.drain.start(engine.directory.get(conversation));
    const before = record.cursor;
    let head = before;
    await until('it comes to rest', async () => {
      const seen = head;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      head = engine.directory.get(conversation).record.cursor;
      return head === seen && head > before + 8;
    });
    const connection = await engine.link.wait('member');
    const page = await connection.pull({ conversationId: conversation, after: before });
    expect(page.head).toBe(head);
    await engine.stop();
    // Eight requests for thirty messages each, and a hundred answers. Keys may be renewed as well.
    expect(page.entries.filter(({ kind }) => kind === 'message')).toHaveLength(8 + 100);
  });
});
