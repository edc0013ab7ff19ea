/** Who opened a database last owns it; run on each IndexedDB there is. */
import { describe, expect, it } from 'vitest';
import type { Write } from '../store/contract.js';
import { openIndexedDbStore } from '../store/indexed-db.js';

const write = (value: unknown): Write => ({ table: 'meta', key: ['a'], value });

/** Declares the suite. */
export function describeOwnership(name: string, freshName: () => string): void {
  describe(`${name}, opened by another one`, () => {
    it('refuses the earlier owner for good, and keeps nothing of its batch', async () => {
      const database = freshName();
      const old = await openIndexedDbStore({ name: database });
      await old.commit([write('before')]);
      const next = await openIndexedDbStore({ name: database });
      const late: Write[] = [write('late'), { table: 'outbox', key: ['c', 1], value: 'late' }];
      await expect(old.commit(late)).rejects.toMatchObject({ code: 'gone' });
      await expect(old.commit([])).rejects.toMatchObject({ code: 'gone' });
      await expect(old.get('meta', ['a'])).rejects.toMatchObject({ code: 'gone' });
      expect(await next.get('meta', ['a'])).toBe('before');
      expect(await next.get('outbox', ['c', 1])).toBeUndefined();
      await next.commit([]);
      await next.commit([write('after')]);
      expect(await next.get('meta', ['a'])).toBe('after');
      await next.close();
    });

    it('lets the earlier owner erase nothing', async () => {
      const database = freshName();
      const old = await openIndexedDbStore({ name: database });
      await old.commit([write('before')]);
      const next = await openIndexedDbStore({ name: database });
      await expect(old.erase()).rejects.toMatchObject({ code: 'gone' });
      expect(await next.get('meta', ['a'])).toBe('before');
      await next.close();
    });

    it('shows the next owner every batch that it did not refuse', async () => {
      const database = freshName();
      const old = await openIndexedDbStore({ name: database });
      const stored: number[] = [];
      const writing = async (): Promise<void> => {
        for (let index = 0; index < 500; index += 1) {
          await old.commit([{ table: 'messages', key: ['c', index], value: index }]);
          stored.push(index);
        }
      };
      const refused = expect(writing()).rejects.toMatchObject({ code: 'gone' });
      while (stored.length < 5) await new Promise((resolve) => setTimeout(resolve, 1));
      const next = await openIndexedDbStore({ name: database });
      const rows = await next.range('messages', { prefix: ['c'], limit: 1_000 });
      await refused;
      expect(rows.map(({ value }) => value)).toEqual(stored);
      await next.close();
    });
  });
}
