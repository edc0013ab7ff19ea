import { expect, it } from 'vitest';
import { createLanes } from './lanes.js';

it.each([1, 2, 16])(
  'never runs more than %d tasks at a time, and all of them in order',
  async (lanesMax) => {
    const lanes = createLanes(lanesMax);
    const started: number[] = [];
    let running = 0;
    let most = 0;
    const task = async (index: number): Promise<number> => {
      started.push(index);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running -= 1;
      return index;
    };
    const indices = Array.from({ length: 40 }, (_, index) => index);
    await expect(
      Promise.all(indices.map((index) => lanes.run(() => task(index)))),
    ).resolves.toEqual(indices);
    expect(started).toEqual(indices);
    expect(most).toBe(lanesMax);
  },
);

it('frees the lane of a task that fails', async () => {
  const lanes = createLanes(1);
  await expect(lanes.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  await expect(lanes.run(() => Promise.resolve('next'))).resolves.toBe('next');
});
