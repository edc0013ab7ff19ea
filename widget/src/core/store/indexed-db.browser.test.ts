/** The same suite on a real browser's database. */
import { expect, it } from 'vitest';
import { openDB } from 'idb';
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

it('keeps a key that no script can read out', async () => {
  const name = freshName();
  await (await openIndexedDbStore({ name })).close();
  const raw = await openDB(name);
  const key = (await raw.get('sealing_key', 'values')) as CryptoKey;
  raw.close();
  expect(key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
});
