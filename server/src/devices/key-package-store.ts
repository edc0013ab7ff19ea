/** Key packages in stock: one-time ones are handed out exactly once, then the last-resort one serves. */
import { createHash } from 'node:crypto';
import type { Transaction } from 'sequelize';
import type { Database } from '../database/contract.js';
import { execute, queryRows } from '../database/query.js';
import { ServerError } from '../errors.js';
import type { DeviceId } from '../ids.js';
import { limits } from '../limits.js';
import type { Bus } from '../realtime/contract.js';

/** A checked package with its end, in milliseconds since 1970. */
export interface StockItem {
  readonly bytes: Uint8Array;
  readonly expiresAt: number;
}

export interface Stock {
  oneTime: number;
  lastResort: boolean;
}

export interface KeyPackageStore {
  stock(device: DeviceId): Promise<Stock>;
  /** Adds one-time packages (the same one twice counts once) and replaces the last-resort one when given.
   * @throws ServerError `key_packages_full` */
  put(
    device: DeviceId,
    items: { oneTime: StockItem[]; lastResort: StockItem | undefined },
  ): Promise<Stock>;
  /** One package for each of the devices that have any; tells a device whose stock runs low. */
  claim(devices: readonly DeviceId[]): Promise<{ deviceId: DeviceId; keyPackage: Uint8Array }[]>;
  /** Forgets those that have ended. */
  sweep(): Promise<void>;
}

export function createKeyPackageStore({
  database,
  bus,
}: {
  database: Database;
  bus: Bus;
}): KeyPackageStore {
  async function count(device: DeviceId, transaction?: Transaction): Promise<Stock> {
    const rows = await queryRows<{ last_resort: boolean | number; packages: number }>(
      database,
      `SELECT last_resort, COUNT(*) AS packages FROM key_packages
       WHERE device_id = $1 AND expires_at > $2 GROUP BY last_resort`,
      { values: [device, Date.now()], transaction },
    );
    const of = (lastResort: boolean): number =>
      rows.find((row) => Boolean(row.last_resort) === lastResort)?.packages ?? 0;
    return { oneTime: of(false), lastResort: of(true) > 0 };
  }

  async function insert(
    device: DeviceId,
    item: StockItem & { lastResort: boolean },
    transaction: Transaction,
  ): Promise<void> {
    const hash = createHash('sha256').update(item.bytes).digest('hex');
    await execute(
      database,
      `INSERT INTO key_packages (device_id, hash, key_package, last_resort, expires_at)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hash) DO NOTHING`,
      { values: [device, hash, item.bytes, item.lastResort, item.expiresAt], transaction },
    );
  }

  // Two takers at once: SQLite has one writer; PostgreSQL's second taker skips the row that the first has locked.
  const skipLocked = database.dialect === 'postgres' ? 'FOR UPDATE SKIP LOCKED' : '';
  const takeOneTime = `DELETE FROM key_packages WHERE id = (
      SELECT id FROM key_packages WHERE device_id = $1 AND last_resort = $2 AND expires_at > $3
      ORDER BY id LIMIT 1 ${skipLocked}
    ) RETURNING key_package`;
  const readLastResort = `SELECT key_package FROM key_packages
    WHERE device_id = $1 AND last_resort = $2 AND expires_at > $3 ORDER BY id DESC LIMIT 1`;

  async function take(device: DeviceId, transaction: Transaction): Promise<Uint8Array | null> {
    const now = Date.now();
    const [oneTime] = await queryRows<{ key_package: Buffer }>(database, takeOneTime, {
      values: [device, false, now],
      transaction,
    });
    if (oneTime !== undefined) return new Uint8Array(oneTime.key_package);
    const [lastResort] = await queryRows<{ key_package: Buffer }>(database, readLastResort, {
      values: [device, true, now],
      transaction,
    });
    return lastResort === undefined ? null : new Uint8Array(lastResort.key_package);
  }

  return {
    stock: (device) => count(device),

    put: (device, { oneTime, lastResort }) =>
      database.write(async (transaction) => {
        for (const item of oneTime)
          await insert(device, { ...item, lastResort: false }, transaction);
        if (lastResort !== undefined) {
          await execute(
            database,
            'DELETE FROM key_packages WHERE device_id = $1 AND last_resort = $2',
            {
              values: [device, true],
              transaction,
            },
          );
          await insert(device, { ...lastResort, lastResort: true }, transaction);
        }
        const stock = await count(device, transaction);
        if (stock.oneTime > limits.keyPackagesPerDeviceMax) {
          throw new ServerError(
            'key_packages_full',
            `device ${device} has all the key packages it may have`,
          );
        }
        return stock;
      }),

    async claim(devices) {
      const { packages, low } = await database.write(async (transaction) => {
        const packages: { deviceId: DeviceId; keyPackage: Uint8Array }[] = [];
        const low: { device: DeviceId; oneTime: number }[] = [];
        for (const device of devices) {
          const keyPackage = await take(device, transaction);
          if (keyPackage !== null) packages.push({ deviceId: device, keyPackage });
          const { oneTime } = await count(device, transaction);
          if (oneTime < limits.keyPackagesLow) low.push({ device, oneTime });
        }
        return { packages, low };
      });
      for (const { device, oneTime } of low) {
        bus.publish([`device:${device}`], { type: 'key_packages_low', oneTime });
      }
      return packages;
    },

    async sweep() {
      await database.write((transaction) =>
        execute(database, 'DELETE FROM key_packages WHERE expires_at <= $1', {
          values: [Date.now()],
          transaction,
        }),
      );
    },
  };
}
