/** Accounts and handles as the database keeps them. */
import type { Transaction } from 'sequelize';
import type { Database } from '../database/contract.js';
import { execute, queryRows } from '../database/query.js';
import type { AccountId, Address, SiteKey } from '../ids.js';
import { limits } from '../limits.js';

/** Somebody with a handle on a site. */
export interface Account {
  readonly id: AccountId;
  readonly siteKey: SiteKey;
  readonly address: Address;
  /** Ed25519 public key. */
  readonly accountKey: Uint8Array;
}

interface AccountRow {
  id: AccountId;
  site_key: SiteKey;
  address: Address;
  account_key: Buffer;
}

/** The account that holds the address, or has the id, now; closed ones are not found. */
export async function selectAccount(
  database: Database,
  by: { address: Address } | { id: AccountId },
  transaction?: Transaction,
): Promise<Account | null> {
  const [column, value] = 'address' in by ? ['address', by.address] : ['id', by.id];
  const [row] = await queryRows<AccountRow>(
    database,
    `SELECT id, site_key, address, account_key FROM accounts WHERE ${column} = $1 AND closed_at IS NULL`,
    { values: [value], transaction },
  );
  if (row === undefined) return null;
  return {
    id: row.id,
    siteKey: row.site_key,
    address: row.address,
    accountKey: new Uint8Array(row.account_key),
  };
}

export async function insertAccount(
  database: Database,
  account: Account,
  transaction: Transaction,
): Promise<void> {
  await execute(
    database,
    'INSERT INTO accounts (id, site_key, address, account_key, created_at) VALUES ($1, $2, $3, $4, $5)',
    {
      values: [account.id, account.siteKey, account.address, account.accountKey, Date.now()],
      transaction,
    },
  );
}

/** Whether nobody holds the handle and it does not rest. */
export async function isHandleFree(
  database: Database,
  siteKey: SiteKey,
  handle: string,
): Promise<boolean> {
  const rows = await queryRows(
    database,
    'SELECT 1 AS taken FROM handles WHERE site_key = $1 AND handle = $2 AND (freed_at IS NULL OR freed_at > $3)',
    { values: [siteKey, handle, Date.now() - limits.handleRestSeconds * 1000] },
  );
  return rows.length === 0;
}

/** Takes the handle for the account if it is free. One statement on one primary key: of any number of racing
 * claims the database lets exactly one through. */
export async function takeHandle(
  database: Database,
  claim: { siteKey: SiteKey; handle: string; accountId: AccountId },
  transaction: Transaction,
): Promise<boolean> {
  const { siteKey, handle, accountId } = claim;
  await execute(
    database,
    `INSERT INTO handles (site_key, handle, account_id, freed_at) VALUES ($1, $2, $3, NULL)
     ON CONFLICT (site_key, handle) DO UPDATE SET account_id = excluded.account_id, freed_at = NULL
       WHERE handles.freed_at <= $4`,
    {
      values: [siteKey, handle, accountId, Date.now() - limits.handleRestSeconds * 1000],
      transaction,
    },
  );
  const [row] = await queryRows<{ account_id: string }>(
    database,
    'SELECT account_id FROM handles WHERE site_key = $1 AND handle = $2',
    { values: [siteKey, handle], transaction },
  );
  return row?.account_id === accountId;
}

/** Closes the account; its handle rests from now on. */
export async function closeAccount(
  database: Database,
  id: AccountId,
  transaction: Transaction,
): Promise<void> {
  const now = Date.now();
  await execute(database, 'UPDATE accounts SET closed_at = $2 WHERE id = $1', {
    values: [id, now],
    transaction,
  });
  await execute(
    database,
    'UPDATE handles SET freed_at = $2 WHERE account_id = $1 AND freed_at IS NULL',
    {
      values: [id, now],
      transaction,
    },
  );
}

/** Makes other transactions on the account wait for this one. @returns `false` when it has closed. */
export async function lockAccount(
  database: Database,
  id: AccountId,
  transaction: Transaction,
): Promise<boolean> {
  // An update that changes nothing locks the row on PostgreSQL; SQLite has one writer anyway.
  await execute(database, 'UPDATE accounts SET closed_at = closed_at WHERE id = $1', {
    values: [id],
    transaction,
  });
  return (await selectAccount(database, { id }, transaction)) !== null;
}
