import { afterEach, expect, it, vi } from 'vitest';
import { transportLimits } from './limits.js';
import { createProcedures } from './procedures.js';
import { TransportError } from './errors.js';

afterEach(() => void vi.useRealTimers());

it('a request without an answer in time ends the connection', async () => {
  vi.useFakeTimers();
  let fail: (error: TransportError) => void = () => undefined;
  const procedures = createProcedures(
    {
      call: () => new Promise((_resolve, reject) => (fail = reject)),
      listen: () => undefined,
    },
    () => {
      fail(new TransportError('offline'));
    },
  );
  const asked = procedures.siteInfo();
  asked.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(transportLimits.requestTimeoutMs - 1);
  expect(await Promise.race([asked, Promise.resolve('waiting')])).toBe('waiting');
  await vi.advanceTimersByTimeAsync(1);
  await expect(asked).rejects.toMatchObject({ code: 'timeout' });
});

it('an answer of another shape is malformed, and not in the error', async () => {
  const procedures = createProcedures(
    { call: async () => ({ oneTime: 'secret' }), listen: () => undefined },
    () => undefined,
  );
  const error: unknown = await procedures.keyPackageStock().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'answer_malformed' });
  expect(JSON.stringify(error)).not.toContain('secret');
});
