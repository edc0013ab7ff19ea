/** What the server could not be asked about is asked for again by itself: once for all of it, and later each time. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../client/ports.js';
import type { ConversationRecord } from '../conversations/state.js';
import { generateSigningKey } from '../identity/index.js';
import type { Clock, ConversationId, Store } from '../index.js';
import type { Head } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';
import { createCable, lyingTransport, type Lies } from './hostile.js';
import { transportOf, until, type Person } from './person.js';
import { createWorld } from './world.js';

const world = createWorld();

/** Pauses between two tries end when a test says so; how long each would have been is noted. */
function createPauses(): { clock: Clock; asked: number[]; end(): void } {
  let held = new AbortController();
  const asked: number[] = [];
  return {
    asked,
    clock: {
      ...systemClock,
      sleep(ms, signal) {
        if (ms < 10_000 || ms > 600_000) return systemClock.sleep(ms, signal);
        // Not the patience of who waits for a connection.
        if (ms > 10_000) asked.push(ms);
        return systemClock.sleep(2 ** 30, AbortSignal.any([signal, held.signal]));
      },
    },
    end() {
      held.abort();
      held = new AbortController();
    },
  };
}

async function scene() {
  const lies: Lies = {};
  const pauses = createPauses();
  const transport = lyingTransport(transportOf(world.server, world.server.garden), lies);
  const [asha, bo, conversation] = await world.couple([
    undefined,
    { transport, clock: pauses.clock },
  ]);
  return { asha, bo, conversation, lies, pauses };
}

describe('what the server could not be asked about', () => {
  it('is asked for again once, however often the stream names it, and later each time', async () => {
    const { asha, bo, conversation, lies, pauses } = await scene();
    const known: Head[] = [];
    let asks = 0;
    let pulls = 0;
    let wait = {};
    lies.procedures = (honest) => ({
      async heads(after) {
        asks += 1;
        const page = await honest.heads(after);
        known.push(...page.heads);
        return page;
      },
      pull() {
        pulls += 1;
        return Promise.reject(new TransportError('unavailable', wait));
      },
    });
    const again = world.keep(await bo.reload());
    await until('the heads are known', () => known.length > 0);
    const named = 20;
    let before = pulls;
    lies.event = (event) =>
      event.type === 'envelope'
        ? known.slice(0, 1).flatMap((head) =>
            Array.from({ length: named }, () => ({
              type: 'conversation' as const,
              head: { ...head, head: event.envelope.seq },
            })),
          )
        : [event];
    await asha.say(conversation, 'to be pulled');
    await until('all of them failed', () => pulls >= before + named);
    expect(pauses.asked).toHaveLength(1);
    // All anew, not each head; the server says itself when, and is believed up to a minute.
    [before, wait] = [asks, { retryAfterSeconds: 120 }];
    pauses.end();
    await until('it is put off again', () => pauses.asked.length === 2);
    expect(asks).toBe(before + 1);
    wait = {};
    pauses.end();
    await until('and again', () => pauses.asked.length === 3);
    const [first = 0, second = 0, third = 0] = pauses.asked;
    expect([first >= 10_000, second, third >= 40_000]).toEqual([true, 60_000, true]);
    lies.procedures = () => ({});
    pauses.end();
    await until('it is there', async () =>
      (await again.texts(conversation)).includes('to be pulled'),
    );
    expect(pauses.asked).toHaveLength(3);
  });

  it('is asked for again where the answer made no sense: what waits is sent on the same connection', async () => {
    const { asha, bo, conversation, lies, pauses } = await scene();
    // The log is said to go on, and then nothing that makes sense is.
    lies.procedures = (honest) => ({
      async heads(after) {
        const { heads, more } = await honest.heads(after);
        return { heads: heads.map((head) => ({ ...head, head: head.head + 1 })), more };
      },
      pull: () => Promise.reject(new TransportError('answer_malformed')),
    });
    const again = world.keep(await bo.reload());
    await until('it failed', () => again.logged.some((line) => line.includes('head_not_taken')));
    lies.procedures = () => ({});
    await again.say(conversation, 'held back');
    await asha.say(conversation, 'heard live');
    await until('the stream goes on', async () =>
      (await again.texts(conversation)).includes('heard live'),
    );
    expect(
      (await again.history(conversation)).find(
        ({ body }) => 'text' in body && body.text === 'held back',
      )?.status,
    ).toBe('sending');
    pauses.end();
    await until('it goes out', async () => (await asha.texts(conversation)).includes('held back'));
  });
});

/** Takes the group away, as if this device had never been in. */
async function forgetGroup({ store }: Person, id: ConversationId): Promise<void> {
  const record = (await store.get('conversations', [id])) as ConversationRecord;
  const rows = await store.range('groups', { prefix: [id], limit: 1_000 });
  await store.commit([
    ...rows.map(({ key }) => ({ table: 'groups' as const, key, value: undefined })),
    {
      table: 'conversations',
      key: [id],
      value: { ...record, state: 'waiting', cursor: 0, epoch: 0, rejoinedAt: 0 },
    },
  ]);
}

const showed = ({ events }: Person, code: string): boolean =>
  events.some((event) => event.type === 'snapshot' && event.snapshot.problem?.code === code);

describe('the first way into a group', () => {
  it('is tried again by itself where it failed', async () => {
    const { asha, bo, conversation, lies, pauses } = await scene();
    await bo.client.close();
    await forgetGroup(bo, conversation);
    lies.procedures = () => ({ groupInfo: () => Promise.reject(new TransportError('not_found')) });
    const again = world.keep(await bo.reload());
    await until('it failed', () => pauses.asked.length === 1);
    expect(again.client.snapshot.conversations[0]?.state).toBe('starting');
    lies.procedures = () => ({});
    pauses.end();
    await until('he is in', () => again.client.snapshot.conversations[0]?.state === 'ready');
    await asha.say(conversation, 'welcome');
    await until('he hears', async () => (await again.texts(conversation)).includes('welcome'));
  });

  it('is open at once where the person has accepted the key that closed it', async () => {
    const { asha, bo, conversation } = await scene();
    await bo.client.close();
    await forgetGroup(bo, conversation);
    // Asha has had another account when Bo met her.
    const { publicKey: accountKey } = await generateSigningKey();
    const [pin] = await bo.store.range('pins', { prefix: [], limit: 1 });
    await bo.store.commit([
      { table: 'pins', key: pin?.key ?? [], value: { accountKey, verified: false } },
    ]);
    const again = world.keep(await bo.reload());
    const summary = () => again.client.snapshot.conversations[0];
    await until('he is asked', () => summary()?.peer.keyChanged === true);
    await again.client.run<'accept_key'>({ type: 'accept_key', conversationId: conversation });
    await until('he is in', () => summary()?.state === 'ready');
    await asha.say(conversation, 'it is me');
    await until('he hears', async () => (await again.texts(conversation)).includes('it is me'));
    expect(showed(again, 'member_refused')).toBe(false);
  });
});

describe('what one connection has shown', () => {
  let release: () => void = () => undefined;
  // Closing waits for the disk.
  afterEach(() => {
    release();
  });

  it('is not taken for what the next has to show', async () => {
    const { asha, bo, conversation, lies, pauses } = await scene();
    await bo.client.close();
    let held: Promise<void> | undefined;
    let isHeld = false;
    const store: Store = {
      ...bo.store,
      async commit(writes) {
        if (held !== undefined && writes.some(({ table }) => table === 'conversations')) {
          isHeld = true;
          await held;
        }
        return bo.store.commit(writes);
      },
    };
    const cable = createCable(
      lyingTransport(transportOf(world.server, world.server.garden), lies),
      () => new TransportError('offline'),
    );
    let hasBegun = false;
    lies.procedures = (honest) => ({
      // What a connection ends its beginning with: nothing is pulled for its heads any more.
      keyPackageStock() {
        hasBegun = true;
        return honest.keyPackageStock();
      },
    });
    const again = world.keep(
      await bo.reload({ store, transport: cable.transport, clock: pauses.clock }),
    );
    const isOnline = () => again.client.snapshot.connection === 'online';
    await until('Bo is back', () => isOnline() && hasBegun);
    let isMissed = false;
    lies.event = (event) => {
      isMissed ||= event.type === 'envelope';
      return [];
    };
    lies.procedures = (honest) => ({
      async pull(input) {
        const page = await honest.pull(input);
        held = new Promise((resolve) => (release = resolve));
        return page;
      },
    });
    await asha.say(conversation, 'pulled');
    await until('it is missed', () => isMissed);
    delete lies.event;
    await asha.say(conversation, 'behind the gap');
    await until('it is about to be stored', () => isHeld);
    let [sends, asked] = [0, 0];
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    lies.procedures = (honest) => ({
      async heads(after) {
        asked += 1;
        await answered;
        return honest.heads(after);
      },
      send(input) {
        sends += 1;
        return honest.send(input);
      },
    });
    cable.unplug();
    await until('the connection is lost', () => !isOnline());
    cable.plug();
    await again.client.run<'reconnect'>({ type: 'reconnect' });
    await until('the next one asks', () => asked === 1);
    held = undefined;
    release();
    await until('it is stored', async () =>
      (await again.texts(conversation)).includes('behind the gap'),
    );
    await again.say(conversation, 'not yet');
    await again.client.run<'check_handle'>({ type: 'check_handle', handle: 'somebody' });
    expect(sends).toBe(0);
    answer();
    await until('now it goes', async () => (await asha.texts(conversation)).includes('not yet'));
  });
});
