import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ServerError } from './errors.js';
import { createRateLimits } from './rate-limits.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('as many points as the table says, then a refusal that says when to come back', async () => {
  const limits = createRateLimits({ claim: { points: 2, seconds: 60 } });
  await limits.take('claim', 'one');
  await limits.take('claim', 'one');
  const refusal = await limits.take('claim', 'one').catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ServerError);
  expect(refusal).toMatchObject({ code: 'too_many' });
  expect((refusal as ServerError).retryAfterSeconds).toBe(60);
});

test('others, and other limits, are counted for themselves', async () => {
  const limits = createRateLimits({
    claim: { points: 1, seconds: 60 },
    lookUp: { points: 1, seconds: 60 },
  });
  await limits.take('claim', 'one');
  await limits.take('claim', 'two');
  await limits.take('lookUp', 'one');
  await expect(limits.take('claim', 'one')).rejects.toMatchObject({ code: 'too_many' });
});

test('bytes are counted as so many points', async () => {
  const limits = createRateLimits({ storedBytes: { points: 100, seconds: 60 } });
  await limits.take('storedBytes', 'one', 60);
  await limits.take('storedBytes', 'one', 40);
  await expect(limits.take('storedBytes', 'one', 1)).rejects.toMatchObject({ code: 'too_many' });
  await limits.take('storedBytes', 'two', 100);
});

test('points come back with time', async () => {
  const limits = createRateLimits({ claim: { points: 1, seconds: 60 } });
  await limits.take('claim', 'one');
  await expect(limits.take('claim', 'one')).rejects.toMatchObject({ code: 'too_many' });
  await vi.advanceTimersByTimeAsync(59_000);
  await expect(limits.take('claim', 'one')).rejects.toMatchObject({ code: 'too_many' });
  await vi.advanceTimersByTimeAsync(1_001);
  await limits.take('claim', 'one');
});
