import { expect, test } from 'vitest';
import type { DeviceId } from './ids.js';
import { createUnderWay } from './under-way.js';

const [one, other] = ['one', 'other'] as DeviceId[] as [DeviceId, DeviceId];

test('a device is idle when the last of its requests has ended, whatever others do', async () => {
  const underWay = createUnderWay();
  expect(underWay.idle(one)).toBeNull();
  const [first, second] = [underWay.enter(one), underWay.enter(one)];
  underWay.enter(other);
  let isIdle = false;
  const idle = underWay.idle(one)?.then(() => (isIdle = true));
  first();
  await Promise.resolve();
  expect(isIdle).toBe(false);
  second();
  await idle;
  expect(underWay.idle(one)).toBeNull();
});
