/** A member with a modified client: whatever they send, the other's client goes on, and what was said honestly before and
 * after is shown. */
import { encode } from '@msgpack/msgpack';
import { expect, it } from 'vitest';
import { rounds } from '../../../../../scripts/rounds.js';
import type { Engine } from '../../client/parts.js';
import { groupOf, put, setGroup, update } from '../../conversations/draft.js';
import { newMessageId } from '../../conversations/message-id.js';
import { trustIn } from '../../conversations/trust.js';
import type { ConversationId } from '../../index.js';
import { commit, contentBytesMax, encrypt } from '../../mls/index.js';
import type { OutboxEntry } from '../../outbox/entries.js';
import { randomBytes } from '../../bytes.js';
import type { Transport } from '../../transport/contract.js';
import { lyingTransport, type Lies } from '../hostile.js';
import { showed } from '../lies/stage.js';
import { open, transportOf, until } from '../person.js';
import { createWorld, engineOf, hasTexts } from '../world.js';

const world = createWorld();
const burst = rounds({ short: 300, full: 10_000 });
const ms = rounds({ short: 120_000, full: 1_200_000 });

/** Sends bytes that nobody has looked at. */
async function sendRaw(
  engine: Engine,
  id: ConversationId,
  make: (messageId: string) => Uint8Array,
): Promise<void> {
  const conversation = engine.directory.get(id);
  await conversation.change(async (draft) => {
    const group = await groupOf(draft);
    if (group === null) throw new Error('no group');
    const messageId = newMessageId();
    const content = make(messageId);
    const sealed = await encrypt(group, content);
    setGroup(draft, sealed.group, sealed.consumed);
    const position = draft.record.nextPosition;
    update(draft, { nextPosition: position + 1 });
    put(draft, { table: 'message_ids', key: [id, messageId], value: 2 ** 40 + position });
    const { ciphertext } = sealed;
    const entry: OutboxEntry = { id: messageId, content, epoch: group.epoch, ciphertext };
    put(draft, { table: 'outbox', key: [id, position], value: entry });
  });
  engine.drain.start(conversation);
}

const say = (engine: Engine, id: ConversationId, text: string): Promise<void> =>
  sendRaw(engine, id, (messageId) => encode({ type: 'text', id: messageId, at: Date.now(), text }));
const spite: unknown = JSON.parse('{"__proto__":{"polluted":1},"type":"text"}');

/** Content that makes no sense, or would where somebody is careless. */
const malformed: ((id: string) => Uint8Array)[] = [
  () => new Uint8Array(),
  () => Uint8Array.of(0xc1),
  () => Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff),
  () => new Uint8Array(contentBytesMax).fill(0x91),
  () => encode(spite),
  (id) => encode({ type: '__proto__', id, at: 1 }),
  (id) => encode({ type: 'constructor', id, at: 1, text: 'x' }),
  (id) => encode({ type: 'text', id, at: 1 }),
  (id) => encode({ type: 'text', id, at: -1, text: 'x' }),
  (id) => encode({ type: 'text', id, at: 1, text: { toString: 'x' } }),
  (id) => encode({ type: 'text', id, at: 1, text: 'x'.repeat(8_001) }),
  () => encode({ type: 'text', id: newMessageId(), at: 1, text: 'under another id' }),
  (id) => encode({ type: 'profile', id, at: 1, displayName: '\u202e'.repeat(64) }),
  (id) => encode({ type: 'resend', id, at: 1, seqs: [2 ** 52, 2 ** 39, 1] }),
  (id) => encode({ type: 'again', id, at: 1, seq: 2, original: { type: 'again' } }),
  (id) => encode({ type: 'call', id, at: 1, callId: id, action: 'end', video: true, seconds: 9 }),
];

it('sends what makes no sense, and what is hard to show: the rest of the conversation is shown', async () => {
  const [asha, boris, id] = await world.couple();
  const engine = await engineOf(world, boris);
  const awkward = [
    `a${'\u0301'.repeat(7_999)}`,
    '\u202egnp.exe\u2066 @asha',
    '<img src=x onerror=alert(1)><script>alert(2)</script>',
    '${constructor.constructor("alert(1)")()}',
  ];
  await say(engine, id, 'before');
  for (const make of malformed) await sendRaw(engine, id, make);
  for (const text of awkward) await say(engine, id, text);
  await say(engine, id, 'after');
  await until('the last has come', async () => (await asha.texts(id)).includes('after'), 60_000);
  expect(await asha.texts(id)).toEqual([
    'hello Bo',
    'hello Asha',
    'before',
    'under another id',
    ...awkward,
    'after',
  ]);
  const [summary] = asha.client.snapshot.conversations;
  expect(summary).toMatchObject({ state: 'ready' });
  expect(summary?.peer.displayName).toBeUndefined();
  expect('polluted' in {}).toBe(false);
  expect(asha.client.snapshot.problem).toBeNull();
  await asha.say(id, 'still fine');
  await until('and it answers', async () => {
    const { last } = engine.directory.get(id).record;
    return last?.body.type === 'text' && last.body.text === 'still fine';
  });
  await engine.stop();
}, 120_000);

it(
  `sends ${String(burst)} messages in a burst: each is shown once, and nothing grows but the history`,
  { timeout: ms },
  async () => {
    const [asha, boris, id] = await world.couple();
    const engine = await engineOf(world, boris);
    const size = (): number => JSON.stringify(asha.client.snapshot).length;
    const before = size();
    const sent = Array.from({ length: burst }, (_, index) => `burst ${String(index)}`);
    for (const text of sent) await say(engine, id, text);
    await asha.say(id, 'in between');
    await until(
      'all of it has come',
      () => asha.client.snapshot.conversations[0]?.unread === burst + 1,
      ms,
    );
    const texts = await asha.texts(id);
    expect(texts.filter((text) => text.startsWith('burst'))).toEqual(sent);
    expect(texts.filter((text) => text === 'in between')).toHaveLength(1);
    expect(size()).toBeLessThan(before + 500);
    await engine.stop();
  },
);

it('throws the other out, and leaves them an old state to join by: it is not tried for ever', async () => {
  const asked: string[] = [];
  const lies: Lies = {
    procedures: (honest) => ({
      groupInfo: (id) => {
        asked.push(`groupInfo ${id}`);
        return honest.groupInfo(id);
      },
      commit: (input) => {
        asked.push(`commit ${input.conversationId}`);
        return honest.commit(input);
      },
    }),
  };
  const { server } = world;
  const transport: Transport = {
    connect: (options) => lyingTransport(transportOf(server, server.bazaar), lies).connect(options),
  };
  const [asha, boris, id] = await world.couple([{ transport }]);
  const engine = await engineOf(world, boris);
  const conversation = engine.directory.get(id);
  await until('it has caught up', () => engine.link.settled(id));
  const connection = engine.context.connection();
  let epoch = 0;
  const throwOut = async (): Promise<void> => {
    const info = await connection.groupInfo(id);
    const made = await conversation.change(async (draft) => {
      const group = await groupOf(draft);
      const other = group?.members.find(({ address }) => address === draft.record.peer);
      if (group?.epoch !== info.epoch || other === undefined) throw new Error('not yet');
      const trust = trustIn(engine.context, draft.record.peer);
      return commit(group, { remove: [other.leafIndex], trust });
    });
    asked.length = 0;
    ({ epoch } = info);
    const { groupInfo } = info;
    const sent = { conversationId: id, id: newMessageId(), epoch, groupInfo };
    await connection.commit({ ...sent, commit: made.commit });
  };
  // His client may be renewing its keys at this moment.
  await until('it is done', () =>
    throwOut().then(
      () => true,
      () => false,
    ),
  );
  await until('Asha is told', () => showed(asha, 'key_unverifiable'));
  for (let index = 0; index < 20; index += 1) {
    const message = { id: newMessageId(), epoch: epoch + 1, ciphertext: randomBytes(300) };
    await connection.send({ conversationId: id, ...message });
  }
  const carol = await world.somebody('carol');
  const withCarol = await open(carol, asha);
  await carol.say(withCarol, 'hello Asha');
  await until('others reach her', async () => hasTexts(asha, withCarol, ['hello Asha']));
  await engine.stop();
  expect(asked.filter((what) => what === `commit ${id}`)).toEqual([]);
  expect(asked.filter((what) => what === `groupInfo ${id}`).length).toBeLessThan(5);
}, 120_000);

it('throws the other out of the group: they are back by themselves, and told', async () => {
  const [asha, boris, id] = await world.couple();
  const engine = await engineOf(world, boris);
  const conversation = engine.directory.get(id);
  await until('it has caught up', () => engine.link.settled(id));
  const throwOut = async (): Promise<void> => {
    const made = await conversation.change(async (draft) => {
      const group = await groupOf(draft);
      const other = group?.members.find(({ address }) => address === draft.record.peer);
      if (group === null || other === undefined) throw new Error('nobody to throw out');
      const trust = trustIn(engine.context, draft.record.peer);
      const thrown = await commit(group, { remove: [other.leafIndex], trust });
      return { ...thrown, epoch: group.epoch };
    });
    const { epoch, commit: bytes, groupInfo } = made;
    const sent = { conversationId: id, id: newMessageId(), epoch, commit: bytes, groupInfo };
    await engine.context.connection().commit(sent);
  };
  // His client may be renewing its keys at this moment.
  await until('it is done', () =>
    throwOut().then(
      () => true,
      () => false,
    ),
  );
  await until('Asha is told', async () =>
    (await asha.history(id)).some(
      ({ body }) => body.type === 'notice' && body.notice === 'rejoined',
    ),
  );
  await asha.say(id, 'here I am again');
  await engine.stop();
  // His own client again, which knows nothing of that commit.
  const bo = world.keep(await boris.reload());
  await until('he reads it', async () => (await bo.texts(id)).includes('here I am again'), 40_000);
  await bo.say(id, 'sorry');
  await until('she reads him', async () => (await asha.texts(id)).includes('sorry'), 40_000);
}, 120_000);
