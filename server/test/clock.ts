/** Another time of day. */
import { vi } from 'vitest';

/** Runs something as if it were later: only the clock is moved, timers go on. */
export async function later<Result>(seconds: number, run: () => Promise<Result>): Promise<Result> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });
  try {
    return await run();
  } finally {
    vi.useRealTimers();
  }
}
