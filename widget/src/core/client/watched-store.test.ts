import { expect, it } from 'vitest';
import type { Problem } from '../snapshot.js';
import { StoreError, type Store } from '../store/contract.js';
import { createMemoryStore } from '../store/memory.js';
import { watchStore } from './watched-store.js';

const wait = () => Promise.resolve(false);

it('tells of a full disk, and of the first write that works again', async () => {
  const told: (Problem | null)[] = [];
  let full = true;
  let back = 0;
  const disk = createMemoryStore();
  const inner: Store = {
    ...disk,
    commit: (writes) =>
      full ? Promise.reject(new StoreError('full', 'no space left')) : disk.commit(writes),
  };
  const store = watchStore(inner, {
    tell: (problem) => told.push(problem),
    onGone: () => expect.unreachable(),
    onBack: () => (back += 1),
    wait,
  });
  const write = { table: 'meta' as const, key: ['a'], value: 1 };
  await expect(store.commit([write])).rejects.toMatchObject({ code: 'full' });
  full = false;
  await store.commit([write]);
  await store.commit([write]);
  expect(told).toEqual([{ code: 'storage_full' }, null]);
  expect(back).toBe(1);
});

it('ends the engine whose store is gone', async () => {
  let ended = 0;
  const disk = createMemoryStore();
  const store = watchStore(disk, {
    tell: () => undefined,
    onGone: () => (ended += 1),
    onBack: () => expect.unreachable(),
    wait,
  });
  const write = { table: 'meta' as const, key: ['a'], value: 1 };
  await store.commit([write]);
  expect(ended).toBe(0);
  await disk.close();
  await expect(store.commit([write])).rejects.toMatchObject({ code: 'gone' });
  expect(ended).toBe(1);
});

it('tries a disk that refused until it works again, without anybody writing', async () => {
  const told: (Problem | null)[] = [];
  let refusals = 4;
  const disk = createMemoryStore();
  const inner: Store = {
    ...disk,
    commit: (writes) =>
      refusals-- > 0
        ? Promise.reject(new StoreError('full', 'no space left'))
        : disk.commit(writes),
  };
  const back = new Promise<void>((resolve) => {
    const store = watchStore(inner, {
      tell: (problem) => told.push(problem),
      onGone: () => expect.unreachable(),
      onBack: resolve,
      wait: () => Promise.resolve(true),
    });
    store.commit([{ table: 'meta', key: ['a'], value: 1 }]).catch(() => undefined);
  });
  await back;
  expect(told).toEqual([{ code: 'storage_full' }, null]);
  expect(await disk.get('meta', ['probe'])).toBeUndefined();
});
