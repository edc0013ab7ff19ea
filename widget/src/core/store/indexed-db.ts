/** The store of a browser: IndexedDB, one object store per table, values sealed, batches atomic and on disk. */
import {
  openDB,
  type DBSchema,
  type IDBPDatabase,
  type IDBPObjectStore,
  type IDBPTransaction,
} from 'idb';
import { randomBytes, toBase64Url } from '../bytes.js';
import { decodeValue, encodePlace, encodeValue } from './codec.js';
import { StoreError, type Key, type RangeOptions, type Store, type Table } from './contract.js';
import { beginFreshLog } from './fresh-log.js';
import { createKeptKey, openKeptKey, seal, unseal, type KeptKey } from './sealing.js';

const schemaVersion = 2;
const tables = [
  'meta',
  'key_packages',
  'conversations',
  'groups',
  'messages',
  'message_ids',
  'outbox',
  'pins',
  'calls',
] as const satisfies readonly Table[];

type Sealed = Uint8Array<ArrayBuffer>;
type RowsSchema = Record<Table, { key: (string | number)[]; value: Sealed }>;
interface Schema extends DBSchema, RowsSchema {
  sealing_key: { key: string; value: KeptKey };
  /** Under `token`: whoever opened the database last. */
  owner: { key: string; value: string };
}
const stores = [...tables, 'sealing_key', 'owner'] as const;
type StoreName = (typeof stores)[number];
type Change = IDBPTransaction<Schema, StoreName[], 'readwrite'>;

export interface IndexedDbOptions {
  /** Name of the database; one for each site and server. */
  name: string;
  /** Whether `crypto.subtle` is the software fall-back, whose keys IndexedDB cannot keep. */
  softwareCrypto?: boolean;
}

/** Opens (and on first use creates) the database, and takes it from whoever had it: from then on every batch of an
 * earlier opener is refused as `gone`, also of one that slept through losing its lock.
 * @throws StoreError `unavailable` where the browser refuses storage, `blocked`, `outdated`, `full`. */
export async function openIndexedDbStore({
  name,
  softwareCrypto = false,
}: IndexedDbOptions): Promise<Store> {
  const { subtle } = crypto;
  let gone = false;
  let tellGone: () => void = () => undefined;
  const goneFromOutside = new Promise<void>((resolve) => (tellGone = resolve));
  beginFreshLog();
  const database = await openDatabase(name, () => {
    gone = true;
    tellGone();
  });
  const stepAside = (): void => {
    gone = true;
    database.close();
  };
  const owner = toBase64Url(randomBytes(16));
  const key = await takeOwnership(database, owner)
    .then(() => openSealingKey(database, softwareCrypto))
    .catch((error: unknown) => {
      stepAside();
      throw storeError(error);
    });

  const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (gone) throw new StoreError('gone', 'the database was deleted or closed');
    try {
      return await work();
    } catch (error) {
      throw storeError(error);
    }
  };
  const open = async (table: Table, rowKey: Key, sealed: Sealed): Promise<unknown> =>
    decodeValue(await unseal(subtle, key, { place: encodePlace(table, rowKey), sealed }));

  /** Asking who owns the database and writing to it are one transaction: no other owner can come in between. */
  const change = async (
    names: readonly StoreName[],
    write: (transaction: Change) => Promise<unknown>[],
  ): Promise<void> => {
    const scope = [...new Set<StoreName>([...names, 'owner'])];
    const transaction: Change = database.transaction(scope, 'readwrite', { durability: 'strict' });
    const writeAsOwner = async (): Promise<void> => {
      if ((await transaction.objectStore('owner').get('token')) !== owner) {
        stepAside();
        throw new StoreError('gone', 'another tab owns the database');
      }
      await Promise.all(write(transaction));
    };
    await Promise.all([writeAsOwner(), transaction.done]);
  };

  return {
    get: (table, rowKey) =>
      guarded(async () => {
        const sealed = await database.get(table, [...rowKey]);
        return sealed === undefined ? undefined : open(table, rowKey, sealed);
      }),
    range: (table, options) =>
      guarded(async () => {
        const rows = await readRows(database, table, options);
        return Promise.all(
          rows.map(async (row) => ({
            key: row.key,
            value: await open(table, row.key, row.sealed),
          })),
        );
      }),
    commit: (writes) =>
      guarded(async () => {
        // Sealed before the transaction opens: IndexedDB commits a transaction that waits for anything else.
        const sealed = await Promise.all(
          writes.map(async ({ table, key: rowKey, value }) =>
            value === undefined
              ? undefined
              : seal(subtle, key, {
                  place: encodePlace(table, rowKey),
                  plaintext: encodeValue(value),
                }),
          ),
        );
        await change(
          writes.map(({ table }) => table),
          (transaction) =>
            writes.map(({ table, key: rowKey }, index) => {
              const value = sealed[index];
              const objectStore = transaction.objectStore(table);
              return value === undefined
                ? objectStore.delete([...rowKey])
                : objectStore.put(value, [...rowKey]);
            }),
        );
      }),
    erase: () =>
      guarded(async () => {
        // The key goes with the rest, in one transaction: what the disk still holds can never be read again.
        await change(stores, (transaction) =>
          stores.map((name) => transaction.objectStore(name).clear()),
        );
        stepAside();
      }),
    async close() {
      stepAside();
    },
    gone: goneFromOutside,
  };
}

async function openDatabase(name: string, onGone: () => void): Promise<IDBPDatabase<Schema>> {
  let refuse: (error: StoreError) => void = () => undefined;
  const blocked = new Promise<never>((_resolve, reject) => (refuse = reject));
  const opening = openDB<Schema>(name, schemaVersion, {
    upgrade(database) {
      for (const name of stores) {
        if (!database.objectStoreNames.contains(name)) database.createObjectStore(name);
      }
    },
    blocked() {
      refuse(new StoreError('blocked', 'another tab keeps an older version of the database open'));
    },
    // Another tab upgrades or deletes it: step aside at once, or that tab hangs.
    blocking(_current, _next, event) {
      onGone();
      (event.target as IDBDatabase).close();
    },
    terminated: onGone,
  });
  try {
    return await Promise.race([opening, blocked]);
  } catch (error) {
    opening.then(
      (late) => {
        late.close();
      },
      () => undefined,
    );
    throw storeError(error);
  }
}

/** Every batch of the owner before is stored by now, or refused. Lost in a crash it is no loss: nobody survives that. */
async function takeOwnership(database: IDBPDatabase<Schema>, owner: string): Promise<void> {
  const transaction = database.transaction('owner', 'readwrite', { durability: 'relaxed' });
  await Promise.all([transaction.store.put(owner, 'token'), transaction.done]);
}

/** `add` decides a race between two tabs: the loser reads the winner's key. */
async function openSealingKey(
  database: IDBPDatabase<Schema>,
  software: boolean,
): Promise<CryptoKey> {
  const known = await database.get('sealing_key', 'values');
  if (known !== undefined) return openKeptKey(crypto.subtle, known);
  const created = await createKeptKey(crypto.subtle, software);
  const transaction = database.transaction('sealing_key', 'readwrite', { durability: 'strict' });
  const present = await transaction.store.get('values');
  if (present === undefined) await transaction.store.put(created, 'values');
  await transaction.done;
  return openKeptKey(crypto.subtle, present ?? created);
}

async function readRows(
  database: IDBPDatabase<Schema>,
  table: Table,
  options: RangeOptions,
): Promise<{ key: Key; sealed: Sealed }[]> {
  const range = boundsOf(options);
  const { store } = database.transaction(table, 'readonly');
  if (options.reverse === true) return readBackwards(store, range, options.limit);
  const [keys, values] = await Promise.all([
    store.getAllKeys(range, options.limit),
    store.getAll(range, options.limit),
  ]);
  return values.flatMap((sealed, index) => {
    const key = keys[index];
    return key === undefined ? [] : [{ key, sealed }];
  });
}

async function readBackwards(
  store: IDBPObjectStore<Schema, [Table], Table>,
  range: IDBKeyRange,
  limit: number,
): Promise<{ key: Key; sealed: Sealed }[]> {
  const rows: { key: Key; sealed: Sealed }[] = [];
  let cursor = await store.openCursor(range, 'prev');
  while (cursor !== null && rows.length < limit) {
    rows.push({ key: cursor.key, sealed: cursor.value });
    cursor = rows.length < limit ? await cursor.continue() : null;
  }
  return rows;
}

/** An empty array sorts after every number and string: `[...prefix, []]` is the end of the prefix. */
function boundsOf({ prefix, before, after }: RangeOptions): IDBKeyRange {
  const lower = after ?? prefix;
  const upper = before ?? [...prefix, []];
  return IDBKeyRange.bound(lower, upper, after !== undefined, true);
}

function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'QuotaExceededError')
    return new StoreError('full', 'no space left', { cause: error });
  if (name === 'VersionError')
    return new StoreError('outdated', 'a newer version was here', { cause: error });
  if (name === 'InvalidStateError' || name === 'NotFoundError')
    return new StoreError('gone', 'the database was deleted or closed', { cause: error });
  return new StoreError('unavailable', 'the database refused', { cause: error });
}
