/** What every store must do; run on each implementation. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { compareKeys } from '../store/codec.js';
import type { Key, Store } from '../store/contract.js';

export interface StoreUnderTest {
  store: Store;
  /** Opens what `store` has written, as a restarted page would; absent for stores that live in memory only. */
  reopen?: () => Promise<Store>;
}

/** Declares the suite. */
export function describeStore(name: string, create: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let store: Store;
    let reopen: (() => Promise<Store>) | undefined;
    beforeEach(async () => {
      ({ store, reopen } = await create());
    });

    it('gives back what was committed, bytes, numbers and missing fields included', async () => {
      const value = {
        bytes: Uint8Array.of(0, 255, 7),
        text: 'नमस्ते 👋',
        big: Number.MAX_SAFE_INTEGER,
        fraction: 3.5,
        negative: -1,
        nothing: null,
        list: [true, false],
      };
      await store.commit([{ table: 'meta', key: ['a'], value: { ...value, absent: undefined } }]);
      expect(await store.get('meta', ['a'])).toEqual(value);
      expect(await store.get('meta', ['b'])).toBeUndefined();
      expect(await store.get('pins', ['a'])).toBeUndefined();
    });

    it('shares no memory with what it was given', async () => {
      const bytes = Uint8Array.of(1, 2, 3);
      await store.commit([{ table: 'meta', key: ['a'], value: bytes }]);
      bytes.fill(0);
      expect(await store.get('meta', ['a'])).toEqual(Uint8Array.of(1, 2, 3));
    });

    it('replaces and deletes', async () => {
      await store.commit([{ table: 'meta', key: ['a'], value: 1 }]);
      await store.commit([{ table: 'meta', key: ['a'], value: 2 }]);
      expect(await store.get('meta', ['a'])).toBe(2);
      await store.commit([{ table: 'meta', key: ['a'], value: undefined }]);
      expect(await store.get('meta', ['a'])).toBeUndefined();
      await store.commit([{ table: 'meta', key: ['never'], value: undefined }]);
      await store.commit([]);
    });

    it('applies the writes of one batch in their order', async () => {
      await store.commit([
        { table: 'meta', key: ['a'], value: 1 },
        { table: 'meta', key: ['a'], value: undefined },
        { table: 'meta', key: ['b'], value: 1 },
        { table: 'meta', key: ['b'], value: 2 },
      ]);
      expect(await store.get('meta', ['a'])).toBeUndefined();
      expect(await store.get('meta', ['b'])).toBe(2);
    });

    it('writes nothing of a batch with a value that cannot be stored', async () => {
      const batch = store.commit([
        { table: 'meta', key: ['a'], value: 1 },
        { table: 'meta', key: ['b'], value: () => 1 },
      ]);
      await expect(batch).rejects.toThrow();
      expect(await store.get('meta', ['a'])).toBeUndefined();
    });

    it('pages through a prefix in both directions and sees nothing beside it', async () => {
      const orders = [1, 2, 2.5, 10, 2 ** 40];
      await store.commit([
        ...orders.map((order) => ({ table: 'messages' as const, key: ['b', order], value: order })),
        { table: 'messages', key: ['a', 3], value: 'other' },
        { table: 'messages', key: ['c', 3], value: 'other' },
        { table: 'messages', key: ['bb', 3], value: 'other' },
      ]);
      const values = async (options: object) =>
        (await store.range('messages', { prefix: ['b'], limit: 100, ...options })).map(
          ({ value }) => value,
        );
      expect(await values({})).toEqual(orders);
      expect(await values({ limit: 2 })).toEqual([1, 2]);
      expect(await values({ reverse: true })).toEqual(orders.toReversed());
      expect(await values({ reverse: true, limit: 2 })).toEqual([2 ** 40, 10]);
      expect(await values({ before: ['b', 10] })).toEqual([1, 2, 2.5]);
      expect(await values({ before: ['b', 10], reverse: true, limit: 2 })).toEqual([2.5, 2]);
      expect(await values({ after: ['b', 2] })).toEqual([2.5, 10, 2 ** 40]);
      expect(await values({ after: ['b', 2], before: ['b', 10] })).toEqual([2.5]);
      expect(await values({ after: ['b', 2], reverse: true, limit: 1 })).toEqual([2 ** 40]);
      expect(await values({ prefix: ['nobody'] })).toEqual([]);
      expect(await values({ prefix: [] })).toHaveLength(8);
    });

    it('orders any keys as the codec compares them', async () => {
      const part = fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.string());
      const keys = fc.array(fc.array(part, { minLength: 1, maxLength: 3 }), { maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(keys, async (list) => {
          await store.commit(list.map((key) => ({ table: 'calls', key, value: 1 })));
          const found = await store.range('calls', { prefix: [], limit: 1000 });
          const sorted = found
            .map(({ key }) => key)
            .toSorted((a: Key, b: Key) => compareKeys(a, b));
          expect(found.map(({ key }) => key)).toEqual(sorted);
          await store.commit(found.map(({ key }) => ({ table: 'calls', key, value: undefined })));
        }),
        { numRuns: 25 },
      );
    });

    it('says that it is gone after close and after erase', async () => {
      await store.commit([{ table: 'meta', key: ['a'], value: 1 }]);
      await store.erase();
      await expect(store.get('meta', ['a'])).rejects.toMatchObject({ code: 'gone' });
      const fresh = (await create()).store;
      await fresh.close();
      await expect(fresh.commit([{ table: 'meta', key: ['a'], value: 1 }])).rejects.toMatchObject({
        code: 'gone',
      });
    });

    it('finds everything again after a restart, and nothing after an erase', async () => {
      if (reopen === undefined) return;
      await store.commit([{ table: 'outbox', key: ['c', 7], value: { bytes: Uint8Array.of(9) } }]);
      await store.close();
      const second = await reopen();
      expect(await second.get('outbox', ['c', 7])).toEqual({ bytes: Uint8Array.of(9) });
      await second.erase();
      const third = await reopen();
      expect(await third.get('outbox', ['c', 7])).toBeUndefined();
      await third.close();
    });
  });
}
