import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, it } from 'vitest';
import { openIndexedDbStore } from './indexed-db.js';
import { describeOwnership } from '../test/ownership-contract.js';
import { describeStore } from '../test/store-contract.js';

let count = 0;
const freshName = () => `parley-test-${String((count += 1))}`;

for (const softwareCrypto of [false, true]) {
  describeStore(`IndexedDB store, ${softwareCrypto ? 'software' : 'native'} keys`, async () => {
    const name = freshName();
    const reopen = () => openIndexedDbStore({ name, softwareCrypto });
    return { store: await reopen(), reopen };
  });
}

describeOwnership('IndexedDB store', freshName);

it('keeps no value in the clear', async () => {
  const name = freshName();
  const store = await openIndexedDbStore({ name });
  await store.commit([
    { table: 'messages', key: ['c', 1], value: { text: 'canary-in-a-coal-mine' } },
  ]);
  await store.close();
  const raw = await openDB(name);
  const bytes = (await raw.get('messages', ['c', 1])) as Uint8Array;
  raw.close();
  expect(Buffer.from(bytes).includes('canary')).toBe(false);
});

it('refuses a value that was moved to another key', async () => {
  const name = freshName();
  const store = await openIndexedDbStore({ name });
  await store.commit([{ table: 'messages', key: ['c', 1], value: 'first' }]);
  const raw = await openDB(name);
  await raw.put('messages', await raw.get('messages', ['c', 1]), ['c', 2]);
  raw.close();
  await expect(store.get('messages', ['c', 2])).rejects.toMatchObject({ code: 'malformed' });
  expect(await store.get('messages', ['c', 1])).toBe('first');
});

it('steps aside for a newer version of the database and says that it is gone', async () => {
  const name = freshName();
  const store = await openIndexedDbStore({ name });
  const newer = await openDB(name, 99);
  await expect(store.get('meta', ['a'])).rejects.toMatchObject({ code: 'gone' });
  newer.close();
});

it('says that it is outdated when the database is of a newer version', async () => {
  const name = freshName();
  (await openDB(name, 99)).close();
  await expect(openIndexedDbStore({ name })).rejects.toMatchObject({ code: 'outdated' });
});
