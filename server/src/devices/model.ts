/** Devices and key packages as the database keeps them. */
import type { Transaction } from 'sequelize';
import type { Device } from '../accounts/contract.js';
import type { Database } from '../database/contract.js';
import { execute, queryRows } from '../database/query.js';
import type { AccountId, DeviceId } from '../ids.js';

/** A device with whose it is and what became of it. */
export interface StoredDevice extends Device {
  readonly accountId: AccountId;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

interface DeviceRow {
  id: DeviceId;
  account_id: AccountId;
  signature_key: Buffer;
  certificate: Buffer;
  created_at: number;
  revoked_at: number | null;
}

const fromRow = (row: DeviceRow): StoredDevice => ({
  id: row.id,
  accountId: row.account_id,
  signatureKey: new Uint8Array(row.signature_key),
  certificate: new Uint8Array(row.certificate),
  createdAt: row.created_at,
  revokedAt: row.revoked_at,
});

export async function selectDevice(
  database: Database,
  id: DeviceId,
  transaction?: Transaction,
): Promise<StoredDevice | null> {
  const [row] = await queryRows<DeviceRow>(database, 'SELECT * FROM devices WHERE id = $1', {
    values: [id],
    transaction,
  });
  return row === undefined ? null : fromRow(row);
}

/** Those in use, oldest first. */
export async function selectDevices(
  database: Database,
  accountId: AccountId,
  transaction?: Transaction,
): Promise<StoredDevice[]> {
  const rows = await queryRows<DeviceRow>(
    database,
    'SELECT * FROM devices WHERE account_id = $1 AND revoked_at IS NULL ORDER BY created_at, id',
    { values: [accountId], transaction },
  );
  return rows.map(fromRow);
}

/** @returns `false` when the id is or was in use, be it by whomever: a revoked device does not come back. */
export async function insertDevice(
  database: Database,
  device: Device & { accountId: AccountId },
  transaction: Transaction,
): Promise<boolean> {
  if (await selectDevice(database, device.id, transaction)) return false;
  await execute(
    database,
    `INSERT INTO devices (id, account_id, signature_key, certificate, created_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (id) DO NOTHING`,
    {
      values: [device.id, device.accountId, device.signatureKey, device.certificate, Date.now()],
      transaction,
    },
  );
  // On PostgreSQL another account's device of the same id may have been stored in between.
  const stored = await selectDevice(database, device.id, transaction);
  return (
    stored?.accountId === device.accountId &&
    Buffer.compare(stored.signatureKey, device.signatureKey) === 0
  );
}

/** Marks the device, ends its sessions and drops its key packages. */
export async function revokeDevice(
  database: Database,
  id: DeviceId,
  transaction: Transaction,
): Promise<void> {
  await execute(database, 'UPDATE devices SET revoked_at = $2 WHERE id = $1', {
    values: [id, Date.now()],
    transaction,
  });
  await execute(database, 'DELETE FROM sessions WHERE device_id = $1', {
    values: [id],
    transaction,
  });
  await execute(database, 'DELETE FROM key_packages WHERE device_id = $1', {
    values: [id],
    transaction,
  });
}
