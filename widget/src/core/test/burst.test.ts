/** Many messages at once: several are under way together, and yet each is said once, in the order of writing. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../index.js';
import type { Connection, Transport } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';
import { transportLimits } from '../transport/limits.js';
import type { ConversationRecord } from '../conversations/state.js';
import { BlockedSocket, createCable, lyingTransport, type Lies } from './hostile.js';
import { outboxEntriesMax } from '../outbox/entries.js';
import { createMovableClock, transportOf, until, type Person } from './person.js';
import { createWorld } from './world.js';

const world = createWorld();
const count = 40;
const greetings = ['hello Bo', 'hello Asha'];
const words = (from = 0, to = count): string[] =>
  Array.from({ length: to - from }, (_, index) => `word ${String(from + index)}`);

type Send = Connection['send'];

let lies: Lies;
let asha: Person;
let bo: Person;
let id: ConversationId;

const direct = (): Transport => transportOf(world.server, world.server.bazaar);
const meet = async (transport: Transport): Promise<void> => {
  [asha, bo, id] = await world.couple([{ transport: lyingTransport(transport, lies) }]);
};
beforeEach(() => {
  lies = {};
});
afterEach(() => {
  delete lies.procedures;
});

/** Says all at once; resolves when they are stored here. */
const sayAll = (texts: readonly string[]): Promise<unknown> =>
  Promise.all(texts.map((text) => asha.say(id, text)));

/** Both have exactly these after the greetings, in this order, and nothing that could not be opened. */
async function bothHave(texts: readonly string[]): Promise<void> {
  for (const person of [asha, bo]) {
    await until(
      'all is there',
      async () => {
        const history = await person.history(id);
        const own = history.filter(
          ({ body, status }) => body.type === 'text' && status === 'stored',
        );
        return own.length >= texts.length + greetings.length;
      },
      40_000,
    );
    expect(await person.texts(id)).toEqual([...greetings, ...texts]);
    // Not for a moment either: what could not be opened is said again, and nobody would see.
    const shown = person.events.flatMap((event) =>
      event.type === 'messages' ? event.messages : [],
    );
    const bodies = shown.map(({ body }) => body);
    expect(bodies.filter(({ type }) => type === 'undecryptable')).toEqual([]);
    expect(bodies).not.toContainEqual({ type: 'notice', notice: 'disordered' });
  }
}

/** Has every message sent go through this. @param nth counts the messages asked for, retries included. */
function onSend(send: (nth: number, honest: () => ReturnType<Send>) => ReturnType<Send>): void {
  let nth = -1;
  lies.procedures = (honest) => ({
    send: (input) => {
      nth += 1;
      return send(nth, () => honest.send(input));
    },
  });
}

/** How many were under way at a time at most. */
function countUnderWay(): { most: () => number } {
  let now = 0;
  let most = 0;
  onSend(async (_nth, honest) => {
    now += 1;
    most = Math.max(most, now);
    try {
      return await honest();
    } finally {
      now -= 1;
    }
  });
  return { most: () => most };
}

describe('a burst', () => {
  it('is sent sixteen at a time, in order', async () => {
    await meet(direct());
    const { most } = countUnderWay();
    await sayAll(words());
    await bothHave(words());
    expect(most()).toBe(transportLimits.sendsAtATimeMax);
  });

  it('is sent one by one over HTTP, where requests overtake each other', async () => {
    await meet(transportOf(world.server, world.server.bazaar, { WebSocket: BlockedSocket }));
    const { most } = countUnderWay();
    await sayAll(words(0, 10));
    await bothHave(words(0, 10));
    expect(most()).toBe(1);
  });

  it.each(['unavailable', 'too_many', 'internal'] as const)(
    'waits where the server says %s in the middle, and goes on by itself',
    async (code) => {
      await meet(direct());
      onSend((nth, honest) =>
        nth === 5 || nth === 20 ? Promise.reject(new TransportError(code)) : honest(),
      );
      await sayAll(words());
      await bothHave(words());
      expect(asha.client.snapshot.connection).toBe('online');
    },
  );

  it('goes on without the one that is refused for good', async () => {
    await meet(direct());
    onSend((nth, honest) =>
      nth === 5 ? Promise.reject(new TransportError('forbidden')) : honest(),
    );
    await sayAll(words());
    const others = [...words(0, 5), ...words(6)];
    await until('the others are there', async () => (await bo.texts(id)).length > count, 40_000);
    expect(await bo.texts(id)).toEqual([...greetings, ...others]);
    const failed = (await asha.history(id)).filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([{ body: { text: 'word 5' } }]);
  });

  it.each([0, 5, 15])(
    'is encrypted anew from the one (%d) whose epoch is too old',
    async (stale) => {
      await meet(direct());
      onSend((nth, honest) =>
        nth === stale ? Promise.reject(new TransportError('epoch_stale')) : honest(),
      );
      await sayAll(words());
      await bothHave(words());
    },
  );

  it("goes on through the other one's commits", async () => {
    const clock = createMovableClock();
    [asha, bo, id] = await world.couple([{}, { clock }]);
    const epoch = async (): Promise<number> =>
      ((await asha.store.get('conversations', [id])) as ConversationRecord).epoch;
    const before = await epoch();
    const first = sayAll(words(0, 20));
    clock.advance(8 * 24 * 3_600_000);
    await first;
    for (let next = 20; (await epoch()) === before || next < count; next += 1) {
      await asha.say(id, `word ${String(next)}`);
      // The other's commit may be long in coming: no more waits than has room.
      if (next >= count) await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const said = (await asha.texts(id)).length - greetings.length;
    await bothHave(words(0, said));
  });

  it('is cut off in the middle: what arrived is not said again, what did not is', async () => {
    const cable = createCable(direct(), () => new TransportError('offline'));
    await meet(cable.transport);
    let cuts = 0;
    onSend(async (nth, honest) => {
      // Answers that are lost, and requests that never left.
      if (cuts < 3 && nth % 12 === 11) {
        cuts += 1;
        cable.unplug();
        setTimeout(cable.plug, 20);
      }
      return honest();
    });
    await sayAll(words());
    await bothHave(words());
    expect(cuts).toBe(3);
  });

  it('that waited for the network uses its keys in the order of sending, whatever is typed meanwhile', async () => {
    const cable = createCable(direct(), () => new TransportError('offline'));
    await meet(cable.transport);
    cable.unplug();
    await until('offline', () => asha.client.snapshot.connection === 'offline');
    // More than the keys that receivers keep of those passed over.
    const many = 40;
    await sayAll(words(0, many));
    let typed: Promise<unknown> | undefined;
    onSend((_nth, honest) => {
      typed ??= sayAll(words(many, 2 * many));
      return honest();
    });
    cable.plug();
    await asha.client.run<'reconnect'>({ type: 'reconnect' });
    await bothHave(words(0, 2 * many));
    await typed;
  });

  it('may wait up to its bound: one more is refused with its reason, until some have gone', async () => {
    const cable = createCable(direct(), () => new TransportError('offline'));
    await meet(cable.transport);
    cable.unplug();
    await until('offline', () => asha.client.snapshot.connection === 'offline');
    await sayAll(words(0, outboxEntriesMax - 1));
    await asha.say(id, 'the last');
    await expect(asha.say(id, 'one too many')).rejects.toMatchObject({
      problem: { code: 'outbox_full' },
    });
    cable.plug();
    await asha.client.run<'reconnect'>({ type: 'reconnect' });
    await until('one has gone', async () => (await bo.texts(id)).includes('word 0'));
    await until('there is room', () =>
      asha.say(id, 'after all').then(
        () => true,
        () => false,
      ),
    );
  });
});
