/** The same suite on a real browser's database. */
import { expect, it } from 'vitest';
import { deleteDB, openDB } from 'idb';
import { describeOwnership } from '../test/ownership-contract.js';
import { describeStore } from '../test/store-contract.js';
import { openIndexedDbStore } from './indexed-db.js';

const freshName = () => `parley-test-${crypto.randomUUID()}`;

for (const softwareCrypto of [false, true]) {
  describeStore(
    `IndexedDB store in a browser, ${softwareCrypto ? 'software' : 'native'} keys`,
    async () => {
      const name = freshName();
      const reopen = () => openIndexedDbStore({ name, softwareCrypto });
      return { store: await reopen(), reopen };
    },
  );
}

describeOwnership('IndexedDB store in a browser', freshName);

it('leaves nothing behind of the database that begins a fresh log', async () => {
  const name = freshName();
  await (await openIndexedDbStore({ name })).close();
  const names = async () => (await indexedDB.databases()).map((database) => database.name);
  await expect.poll(names).not.toContain('parley log');
  expect(await names()).toContain(name);
});

it('opens while somebody holds the database that begins a fresh log, also at another version', async () => {
  for (const version of [1, 99]) {
    const held = await openDB('parley log', version);
    const store = await openIndexedDbStore({ name: freshName() });
    await store.commit([{ table: 'messages', key: ['c', 1], value: 'kept' }]);
    expect(await store.get('messages', ['c', 1])).toBe('kept');
    await store.close();
    held.close();
  }
  await deleteDB('parley log');
});

it('keeps a key that no script can read out', async () => {
  const name = freshName();
  await (await openIndexedDbStore({ name })).close();
  const raw = await openDB(name);
  const key = (await raw.get('sealing_key', 'values')) as CryptoKey;
  raw.close();
  expect(key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
});
