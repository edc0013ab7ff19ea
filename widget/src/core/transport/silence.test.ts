import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { transportLimits } from './limits.js';
import { watchSilence } from './silence.js';

const { pingIntervalMs, pongTimeoutMs } = transportLimits;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch() {
  const ended = new AbortController();
  const ask = vi.fn();
  const onDead = vi.fn();
  const sign = watchSilence(ask, onDead, ended.signal);
  return { ended, ask, onDead, sign };
}

it('gives a silent connection up within 30 seconds, after asking once', () => {
  const { ask, onDead } = watch();
  vi.advanceTimersByTime(pingIntervalMs + pongTimeoutMs);
  expect(ask).toHaveBeenCalledOnce();
  expect(onDead).toHaveBeenCalledOnce();
  expect(pingIntervalMs + pongTimeoutMs).toBeLessThan(30_000);
});

it('keeps a connection that gives any sign, however late', () => {
  const { ask, onDead, sign } = watch();
  for (let round = 1; round <= 5; round += 1) {
    vi.advanceTimersByTime(pingIntervalMs + pongTimeoutMs - 1);
    expect(ask).toHaveBeenCalledTimes(round);
    sign();
  }
  expect(onDead).not.toHaveBeenCalled();
});

it('does not ask where there is no silence', () => {
  const { ask, sign } = watch();
  for (let round = 0; round < 10; round += 1) {
    vi.advanceTimersByTime(pingIntervalMs - 1);
    sign();
  }
  expect(ask).not.toHaveBeenCalled();
});

it('is over with the connection, even if something still comes', () => {
  const { ended, ask, sign } = watch();
  ended.abort();
  sign();
  vi.advanceTimersByTime(pingIntervalMs * 3);
  expect(ask).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
