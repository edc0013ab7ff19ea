/** What the server could not be asked about is asked for again by itself: once for all of it, and later each time. */
import { describe, expect, it } from 'vitest';
import { systemClock } from '../client/ports.js';
import type { Clock } from '../index.js';
import type { Head } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';
import { lyingTransport, type Lies } from './hostile.js';
import { transportOf, until } from './person.js';
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
        if (ms <= 10_000 || ms > 600_000) return systemClock.sleep(ms, signal);
        asked.push(ms);
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
    // All anew, not each head; the server says itself when.
    [before, wait] = [asks, { retryAfterSeconds: 120 }];
    pauses.end();
    await until('it is put off again', () => pauses.asked.length === 2);
    expect(asks).toBe(before + 1);
    wait = {};
    pauses.end();
    await until('and again', () => pauses.asked.length === 3);
    const [first = 0, second = 0, third = 0] = pauses.asked;
    expect([first >= 10_000, second, third >= 40_000]).toEqual([true, 120_000, true]);
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
