import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withDeadline } from './deadline.js';

const never = new Promise<never>(() => undefined);
const late = expect.objectContaining({
  code: 'media_unavailable',
  message: 'Janus did not answer in time: probe',
}) as Error;

describe('a deadline', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is at its time, and not before', async () => {
    const failed = vi.fn<(error: unknown) => void>();
    void withDeadline('probe', never, 1_000).catch(failed);
    await vi.advanceTimersByTimeAsync(999);
    expect(failed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(failed).toHaveBeenCalledExactlyOnceWith(late);
  });

  it('is over with the work, whatever becomes of it', async () => {
    await expect(withDeadline('probe', Promise.resolve('answer'))).resolves.toBe('answer');
    await expect(withDeadline('probe', Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('does not blame Janus for the time in which this process stood still', async () => {
  let answer: (text: string) => void = () => undefined;
  const answered = withDeadline('probe', new Promise<string>((resolve) => (answer = resolve)), 400);
  const end = performance.now() + 600;
  while (performance.now() < end) continue;
  await wait(50);
  answer('answer');
  await expect(answered).resolves.toBe('answer');
});
