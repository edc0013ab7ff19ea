/** What one may ask of the client, and what it refuses. */
import { describe, expect, it } from 'vitest';
import { TransportError } from '../transport/errors.js';
import { lyingTransport, type Lies } from './hostile.js';
import { addressOf, arrive, open, transportOf, until, type Person } from './person.js';
import { createWorld, hasTexts } from './world.js';

const world = createWorld();
const refused = (code: string) => ({ problem: { code } });
const ask = (person: Person, address: string) =>
  person.client.run<'open_conversation'>({ type: 'open_conversation', address });

describe('addresses', () => {
  it('that are malformed, unknown, or one’s own are refused', async () => {
    const asha = await world.somebody('asha');
    await expect(ask(asha, '@no')).rejects.toMatchObject(refused('address_invalid'));
    await expect(ask(asha, 'ｂｏ@garden.localhost')).rejects.toMatchObject(
      refused('address_invalid'),
    );
    await expect(ask(asha, '@nobody_here')).rejects.toMatchObject(refused('address_unknown'));
    await expect(ask(asha, addressOf(asha))).rejects.toMatchObject(refused('address_self'));
  });

  it('work in short form at home, and twice lead to the same conversation', async () => {
    const asha = await world.somebody('asha');
    const bo = await world.somebody('boris');
    const short = addressOf(bo).slice(0, addressOf(bo).lastIndexOf('@'));
    const [first, second] = await Promise.all([
      ask(asha, short.toUpperCase()),
      ask(asha, addressOf(bo)),
    ]);
    expect(first).toEqual(second);
    expect(asha.client.snapshot.conversations).toHaveLength(1);
  });
});

describe('messages', () => {
  it('are refused when empty or too long, and sent at the limit', async () => {
    const [asha, bo, conversation] = await world.couple();
    await expect(asha.say(conversation, ' \n ')).rejects.toMatchObject(refused('message_empty'));
    await expect(asha.say(conversation, 'x'.repeat(8_001))).rejects.toMatchObject(
      refused('message_too_long'),
    );
    const longest = 'न'.repeat(8_000);
    await asha.say(conversation, longest);
    await until('Bo reads it', async () => (await bo.texts(conversation)).at(-1) === longest);
  });

  it('repeated with the same id are sent once', async () => {
    const [asha, bo, conversation] = await world.couple();
    const messageId = await asha.say(conversation, 'once');
    const again = {
      type: 'send_text',
      conversationId: conversation,
      text: 'once',
      messageId,
    } as const;
    expect(await asha.client.run<'send_text'>(again)).toEqual({ messageId });
    await asha.say(conversation, 'then');
    await until('Bo reads', () =>
      hasTexts(bo, conversation, ['hello Bo', 'hello Asha', 'once', 'then']),
    );
  });

  it('that the server never took are encrypted anew in its epoch; refused ones fail, and can be retried or discarded', async () => {
    const lies: Lies = {};
    const transport = lyingTransport(transportOf(world.server, world.server.bazaar), lies);
    const [asha, bo, conversation] = await world.couple([{ transport }]);
    let stale = 0;
    lies.procedures = (honest) => ({
      send: (input) => {
        stale += 1;
        return stale <= 2 ? Promise.reject(new TransportError('epoch_stale')) : honest.send(input);
      },
    });
    await asha.say(conversation, 'third time lucky');
    await until(
      'Bo reads it',
      async () => (await bo.texts(conversation)).at(-1) === 'third time lucky',
    );

    lies.procedures = () => ({ send: () => Promise.reject(new TransportError('forbidden')) });
    const failing = await asha.say(conversation, 'refused');
    const dropped = await asha.say(conversation, 'dropped');
    await until('both failed', async () =>
      (await asha.history(conversation)).slice(-2).every(({ status }) => status === 'failed'),
    );
    delete lies.procedures;
    await asha.client.run<'retry'>({
      type: 'retry',
      conversationId: conversation,
      messageId: failing,
    });
    await asha.client.run<'discard'>({
      type: 'discard',
      conversationId: conversation,
      messageId: dropped,
    });
    await until('Bo reads it', async () => (await bo.texts(conversation)).at(-1) === 'refused');
    expect(await asha.texts(conversation)).toEqual(await bo.texts(conversation));
  });
});

describe('people', () => {
  it('tell each other their names, cleaned of tricks', async () => {
    const [asha, bo] = await world.couple();
    await asha.client.run<'set_display_name'>({
      type: 'set_display_name',
      displayName: ' Asha\u202e  Rao ',
    });
    await until(
      'Bo knows',
      () => bo.client.snapshot.conversations[0]?.peer.displayName === 'Asha Rao',
    );
    expect(asha.client.snapshot.self?.displayName).toBe('Asha Rao');
    await asha.client.run<'set_display_name'>({ type: 'set_display_name', displayName: '' });
    await until(
      'Bo forgets',
      () => bo.client.snapshot.conversations[0]?.peer.displayName === undefined,
    );
  });

  it('announces what arrives, and counts it until it is read', async () => {
    const [asha, bo, conversation] = await world.couple();
    bo.events.length = 0;
    for (const text of ['one', 'two']) await asha.say(conversation, text);
    await until('Bo has both', () => bo.client.snapshot.unread === 3);
    const arrived = bo.events.filter(({ type }) => type === 'arrived');
    expect(arrived).toMatchObject([
      { message: { body: { text: 'one' } } },
      { message: { body: { text: 'two' } } },
    ]);
    const [, , , , first] = await bo.history(conversation);
    await bo.client.run<'mark_read'>({
      type: 'mark_read',
      conversationId: conversation,
      upTo: first?.order ?? 0,
    });
    expect(bo.client.snapshot.unread).toBeLessThan(3);
  });

  it('sign out: the device is gone at the server, and everything here is deleted', async () => {
    const [asha, , conversation] = await world.couple();
    expect(await asha.texts(conversation)).toHaveLength(2);
    const address = addressOf(asha);
    await asha.client.run<'sign_out'>({ type: 'sign_out' });
    expect(asha.client.snapshot.phase).toBe('signed_out');
    await expect(asha.store.get('meta', ['identity'])).rejects.toMatchObject({ code: 'gone' });
    const carl = await world.somebody('carl');
    await expect(ask(carl, address)).rejects.toMatchObject(refused('address_unknown'));
    const late = world.keep(await arrive({ server: world.server, site: world.server.bazaar }));
    const handle = address.slice(1, address.lastIndexOf('@'));
    await expect(
      late.client.run<'claim_handle'>({ type: 'claim_handle', handle }),
    ).rejects.toMatchObject(refused('handle_taken'));
  });

  it('whose device was revoked are told, and the client stays closed', async () => {
    const [asha, bo] = await world.couple();
    const session = (await asha.store.get('meta', ['session'])) as { token: Uint8Array };
    const thief = await transportOf(world.server, world.server.bazaar).connect({
      session: session.token,
      signal: new AbortController().signal,
    });
    const deviceId = asha.client.snapshot.self?.deviceId;
    if (deviceId !== undefined) await thief.revokeDevice(deviceId).catch(() => undefined);
    thief.close();
    await until('Asha is told', () => asha.client.snapshot.phase === 'signed_out');
    expect(asha.client.snapshot.problem).toEqual({ code: 'device_revoked' });
    await expect(open(bo, asha)).resolves.toBeDefined();
  });
});
