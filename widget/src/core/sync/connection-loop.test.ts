import { describe, expect, it } from 'vitest';
import { TransportError } from '../transport/errors.js';
import type { Connection, Transport } from '../transport/contract.js';
import { retryDelayMs, startConnectionLoop } from './connection-loop.js';

describe('the delay before another attempt', () => {
  it('doubles to half a minute, half of it random', () => {
    expect(retryDelayMs(0, 0)).toBe(250);
    expect(retryDelayMs(0, 1)).toBe(500);
    expect(retryDelayMs(3, 0)).toBe(2_000);
    expect(retryDelayMs(50, 0)).toBe(15_000);
    expect(retryDelayMs(50, 1)).toBe(30_000);
  });
});

/** Runs the loop on a clock whose sleeps are recorded and pass at once. */
async function run(attempts: ('refused' | 'lost at once' | 'steady' | 'final')[]) {
  const stop = new AbortController();
  const slept: number[] = [];
  const states: string[] = [];
  let now = 0;
  let index = 0;
  const transport: Transport = {
    async connect() {
      const attempt = attempts[index];
      index += 1;
      if (attempt === undefined) stop.abort();
      if (attempt === 'final') throw new TransportError('device_revoked');
      if (attempt !== 'steady' && attempt !== 'lost at once') throw new TransportError('offline');
      if (attempt === 'steady') now += 60_000;
      return { closed: Promise.resolve(null), close: () => undefined } as unknown as Connection;
    },
  };
  const loop = startConnectionLoop({
    transport,
    clock: { now: () => now, sleep: async (ms) => void slept.push(ms) },
    log: () => undefined,
    signal: stop.signal,
    session: () => null,
    onState: (state) => states.push(state),
    begin: async () => undefined,
    onFailure: (error) => !(error instanceof TransportError && error.code === 'device_revoked'),
  });
  await loop.done;
  return { slept, states, attempts: index };
}

describe('the loop', () => {
  it('waits longer after each failure, and begins anew after a connection that held', async () => {
    const { slept } = await run(['refused', 'refused', 'lost at once', 'steady', 'refused']);
    const within = slept.slice(0, 5).map((ms, index) => {
      const [low, high] = [250, 500, 1_000, 250, 250].map((base) => [base, base * 2])[index] ?? [
        0, 0,
      ];
      return ms >= (low ?? 0) && ms <= (high ?? 0);
    });
    expect(within).toEqual([true, true, true, true, true]);
  });

  it('ends for good when another attempt makes no sense', async () => {
    const { attempts, states } = await run(['refused', 'final', 'steady']);
    expect(attempts).toBe(2);
    expect(states.at(-1)).toBe('offline');
  });

  it('tells of a loss at once, and connects again when what has begun is done', async () => {
    const stop = new AbortController();
    const states: string[] = [];
    let lose: (why: null) => void = () => undefined;
    let finish: () => void = () => undefined;
    const loop = startConnectionLoop({
      transport: {
        async connect() {
          const closed = new Promise<null>((resolve) => (lose = resolve));
          return { closed, close: () => undefined } as unknown as Connection;
        },
      },
      clock: { now: () => 0, sleep: async () => undefined },
      log: () => undefined,
      signal: stop.signal,
      session: () => null,
      onState: (state) => states.push(state),
      begin: () => new Promise((resolve) => (finish = resolve)),
      onFailure: () => true,
    });
    const settle = () => new Promise((resolve) => setTimeout(resolve));
    await settle();
    expect(states).toEqual(['connecting']);
    lose(null);
    await settle();
    expect(states).toEqual(['connecting', 'offline']);
    finish();
    await settle();
    expect(states).toEqual(['connecting', 'offline', 'offline', 'connecting']);
    stop.abort();
    lose(null);
    finish();
    await loop.done;
  });
});
