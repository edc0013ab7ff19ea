import { describe, expect, it } from 'vitest';
import type { ConversationId } from '../ids.js';
import type { Connection } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';
import { createRetry } from './retry.js';

const [one, other] = ['one', 'other'] as ConversationId[];

/** @param failing read at every run: what fails again. */
function scene(failing: () => { error: TransportError; what?: ConversationId | undefined }[]) {
  const stop = new AbortController();
  const asked: number[] = [];
  let wake: () => void = () => undefined;
  const connection = { closed: new Promise(() => undefined) } as unknown as Connection;
  const retry = createRetry(
    {
      clock: {
        now: () => 0,
        sleep: (ms, signal) =>
          new Promise((resolve) => {
            asked.push(ms);
            wake = resolve;
            signal.addEventListener('abort', () => {
              resolve();
            });
          }),
      },
      signal: stop.signal,
      connection: () => connection,
      online: () => true,
    },
    async () => {
      const { failures } = retry;
      for (const { error, what } of failing()) retry.failed(error, what);
      retry.done(failures);
    },
  );
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return {
    retry,
    asked,
    settle,
    /** The pause is over. @returns whether the next one is among the nth, each twice as long as the one before. */
    async next(): Promise<number> {
      wake();
      await settle();
      return asked.at(-1) ?? 0;
    },
  };
}

const nth = (ms: number): number => Math.floor(Math.log2(ms / 10_000));

describe('what failed on a connection that holds', () => {
  const said = (retryAfterSeconds: number) =>
    new TransportError('unavailable', { retryAfterSeconds });

  it.each([
    [59, 59_000],
    [60, 60_000],
    [61, 60_000],
    [3_600, 60_000],
  ])(
    'is asked for again after the %i seconds that the server says, up to a minute',
    (seconds, ms) => {
      const { retry, asked } = scene(() => []);
      retry.failed(said(seconds), one);
      expect(asked).toEqual([ms]);
    },
  );

  it('waits twice as long each time, and not longer than ten minutes', async () => {
    const { retry, asked, next } = scene(() => [{ error: said(0), what: one }]);
    retry.failed(said(0), one);
    for (let turn = 0; turn < 8; turn += 1) await next();
    expect(asked.slice(0, 6).map(nth)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(asked.slice(-2)).toEqual([600_000, 600_000]);
  });

  it('waits a short time where another conversation always fails', async () => {
    const { retry, asked, next, settle } = scene(() => [{ error: said(0), what: one }]);
    retry.failed(said(0), one);
    for (let turn = 0; turn < 7; turn += 1) await next();
    retry.failed(said(0), other);
    await settle();
    expect(asked.slice(7).map(nth)).toEqual([5, 0]);
    // And that one goes on from there.
    expect(nth(await next())).toBe(1);
  });

  it('waits a short time as well where it first fails when all is done again', async () => {
    let failing = [{ error: said(0), what: one }];
    const { retry, next } = scene(() => failing);
    retry.failed(said(0), one);
    for (let turn = 0; turn < 4; turn += 1) await next();
    failing = [...failing, { error: said(0), what: other }];
    expect(nth(await next())).toBe(0);
    expect(nth(await next())).toBe(1);
  });

  it('waits a short time once all was done in between', async () => {
    const { retry, asked, next, settle } = scene(() => [{ error: said(0), what: one }]);
    retry.failed(said(0), one);
    for (let turn = 0; turn < 4; turn += 1) await next();
    retry.done(retry.failures);
    retry.failed(said(0), one);
    await settle();
    expect(nth(asked.at(-1) ?? 0)).toBe(0);
  });

  it('is not put off by whatever else fails meanwhile', async () => {
    const { retry, asked, next, settle } = scene(() => [{ error: said(0), what: one }]);
    retry.failed(said(0), one);
    for (let turn = 0; turn < 3; turn += 1) await next();
    for (let more = 0; more < 20; more += 1) {
      retry.failed(said(0), String(more) as ConversationId);
      await settle();
    }
    expect(asked).toHaveLength(5);
  });
});
