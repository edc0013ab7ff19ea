/** The id of a message that waits to be sent is nobody else's, whatever the server calls an envelope. */
import { encode } from '@msgpack/msgpack';
import { beforeEach, expect, it } from 'vitest';
import { groupOf, setGroup } from '../conversations/draft.js';
import { newMessageId } from '../conversations/message-id.js';
import { notShown } from '../conversations/state.js';
import type { ConversationId, MessageId } from '../index.js';
import { encrypt } from '../mls/index.js';
import type { Envelope } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';
import { ahead, hasty, recordOf } from './crashes.js';
import { lyingTransport, type Lies } from './hostile.js';
import { transportOf, until, type Person } from './person.js';
import { createWorld, engineOf } from './world.js';

const world = createWorld();
const weekMs = 8 * 24 * 3_600_000;

const lies: Lies = {};
beforeEach(() => {
  delete lies.event;
  delete lies.procedures;
});

/** Bo's message waits, and what comes from then on bears its id. */
async function waits(): Promise<{
  asha: Person;
  bo: Person;
  id: ConversationId;
  waiting: MessageId;
}> {
  const { server } = world;
  const transport = lyingTransport(transportOf(server, server.garden), lies);
  const [asha, bo, id] = await world.couple([undefined, { transport, clock: hasty }]);
  const { cursor = 0 } = (await recordOf(bo, id)) ?? {};
  lies.procedures = (honest) => ({
    send: () => Promise.reject(new TransportError('unavailable')),
    pull: async (input) => {
      const page = await honest.pull(input);
      return { ...page, entries: page.entries.map(named) };
    },
  });
  const { self } = bo.client.snapshot;
  const waiting = await bo.say(id, 'waits');
  const named = (entry: Envelope): Envelope =>
    entry.seq > cursor && entry.senderDevice !== self?.deviceId
      ? { ...entry, kind: 'message', id: waiting }
      : entry;
  lies.event = (event) =>
    event.type === 'envelope' ? [{ ...event, envelope: named(event.envelope) }] : [event];
  return { asha, bo, id, waiting };
}

/** The server is honest again. */
async function arrives(at: Person, bo: Person, id: ConversationId): Promise<void> {
  delete lies.event;
  delete lies.procedures;
  await until('it is there', async () => (await at.texts(id)).includes('waits'), 40_000);
  await until('nothing waits', async () => {
    const rows = await bo.store.range('outbox', { prefix: [id], limit: 1 });
    return rows.length === 0;
  });
  const own = (await bo.history(id)).filter(
    ({ body }) => body.type === 'text' && body.text === 'waits',
  );
  expect(own).toMatchObject([{ author: 'self', status: 'stored' }]);
}

const hasTaken = (bo: Person, id: ConversationId, before: number): Promise<void> =>
  until('Bo has taken it', async () => ((await recordOf(bo, id))?.cursor ?? 0) > before);

it('is not that of content that makes no sense', async () => {
  const { asha, bo, id } = await waits();
  const { cursor = 0 } = (await recordOf(bo, id)) ?? {};
  const engine = await engineOf(world, asha);
  const sent = await engine.directory.get(id).change(async (draft) => {
    const group = await groupOf(draft);
    if (group === null) throw new Error('no group');
    const sealed = await encrypt(group, encode({ type: 'text', id: newMessageId(), at: 1 }));
    setGroup(draft, sealed.group, sealed.consumed);
    return { epoch: group.epoch, ciphertext: sealed.ciphertext };
  });
  await engine.context.connection().send({ conversationId: id, id: newMessageId(), ...sent });
  await hasTaken(bo, id, cursor);
  await engine.stop();
  await arrives(world.keep(await asha.reload()), bo, id);
});

it('is not that of a commit that is said to be a message', async () => {
  const { asha, bo, id } = await waits();
  const { cursor = 0 } = (await recordOf(bo, id)) ?? {};
  const later = world.keep(await asha.reload({ clock: ahead(weekMs) }));
  await hasTaken(bo, id, cursor);
  await arrives(later, bo, id);
});

it('and where an earlier version let it be taken, the message is sent once, and waits no more', async () => {
  const { bo, asha, id, waiting } = await waits();
  await bo.client.close();
  const row = { table: 'message_ids', key: [id, waiting], value: notShown } as const;
  await bo.store.commit([row]);
  delete lies.event;
  let sent = 0;
  lies.procedures = (honest) => ({
    send: (input) => {
      sent += 1;
      return honest.send(input);
    },
  });
  const again = world.keep(await bo.reload());
  await until('nothing waits', async () => {
    const rows = await again.store.range('outbox', { prefix: [id], limit: 1 });
    return rows.length === 0;
  });
  expect(sent).toBeLessThan(4);
  await until('it is there', async () => (await asha.texts(id)).includes('waits'));
  expect((await asha.texts(id)).filter((text) => text === 'waits')).toHaveLength(1);
  await until('it is shown as sent', async () => {
    const own = (await again.history(id)).filter((row) => row.id === waiting);
    return own.length === 1 && own[0]?.status === 'stored';
  });
});
