import { expect, it } from 'vitest';
import type { Problem } from '../snapshot.js';
import { StoreError, type Store } from '../store/contract.js';
import { createMemoryStore } from '../store/memory.js';
import { watchStore } from './watched-store.js';

it('tells of a full disk, and of the first write that works again', async () => {
  const told: (Problem | null)[] = [];
  let full = true;
  const disk = createMemoryStore();
  const inner: Store = {
    ...disk,
    commit: (writes) =>
      full ? Promise.reject(new StoreError('full', 'no space left')) : disk.commit(writes),
  };
  const store = watchStore(inner, {
    tell: (problem) => told.push(problem),
    onGone: () => expect.unreachable(),
  });
  const write = { table: 'meta' as const, key: ['a'], value: 1 };
  await expect(store.commit([write])).rejects.toMatchObject({ code: 'full' });
  full = false;
  await store.commit([write]);
  await store.commit([write]);
  expect(told).toEqual([{ code: 'storage_full' }, null]);
});

it('ends the engine whose store is gone', async () => {
  let ended = 0;
  const disk = createMemoryStore();
  const store = watchStore(disk, { tell: () => undefined, onGone: () => (ended += 1) });
  const write = { table: 'meta' as const, key: ['a'], value: 1 };
  await store.commit([write]);
  expect(ended).toBe(0);
  await disk.close();
  await expect(store.commit([write])).rejects.toMatchObject({ code: 'gone' });
  expect(ended).toBe(1);
});
