/** Devices of accounts, and the key packages by which others add them to groups. */
import type { Transaction } from 'sequelize';
import type { Device } from '../accounts/contract.js';
import type { Database } from '../database/contract.js';
import { ServerError } from '../errors.js';
import type { AccountId, DeviceId } from '../ids.js';
import { limits } from '../limits.js';
import type { Bus } from '../realtime/contract.js';
import { createKeyPackageStore, type KeyPackageStore } from './key-package-store.js';
import {
  insertDevice,
  revokeDevice,
  selectDevice,
  selectDevices,
  type StoredDevice,
} from './model.js';

export type { StoredDevice } from './model.js';

export interface DevicesService {
  find(id: DeviceId): Promise<StoredDevice | null>;
  /** Those in use, oldest first. */
  list(accountId: AccountId, transaction?: Transaction): Promise<StoredDevice[]>;
  /** The same, as others may see them. */
  certified(accountId: AccountId): Promise<Device[]>;
  /** The devices in use of all these accounts. */
  devicesOfAccounts(
    accountIds: readonly AccountId[],
  ): Promise<{ accountId: AccountId; deviceId: DeviceId }[]>;
  /** @throws ServerError `device_exists`, `devices_full` */
  add(accountId: AccountId, device: Device, transaction: Transaction): Promise<void>;
  /** Whether exactly this device, key and all, is one of the account's. */
  isRegistered(accountId: AccountId, device: Device, transaction: Transaction): Promise<boolean>;
  /** @returns how many devices the account has left. @throws ServerError `not_found` */
  revoke(accountId: AccountId, id: DeviceId, transaction: Transaction): Promise<number>;
  /** Tells the device's connections, on every node, that they are over. */
  announceRevoked(id: DeviceId): void;
  readonly keyPackages: KeyPackageStore;
}

export interface DevicesDependencies {
  database: Database;
  bus: Bus;
}

export function createDevicesService({ database, bus }: DevicesDependencies): DevicesService {
  return {
    find: (id) => selectDevice(database, id),
    list: (accountId, transaction) => selectDevices(database, accountId, transaction),

    async certified(accountId) {
      const devices = await selectDevices(database, accountId);
      return devices.map(({ id, signatureKey, certificate }) => ({
        id,
        signatureKey,
        certificate,
      }));
    },

    async devicesOfAccounts(accountIds) {
      const lists = await Promise.all(accountIds.map((id) => selectDevices(database, id)));
      return lists.flat().map(({ id, accountId }) => ({ accountId, deviceId: id }));
    },

    async add(accountId, device, transaction) {
      const present = await selectDevices(database, accountId, transaction);
      if (present.length >= limits.devicesPerAccountMax) {
        throw new ServerError(
          'devices_full',
          `account ${accountId} has all the devices it may have`,
        );
      }
      if (!(await insertDevice(database, { ...device, accountId }, transaction))) {
        throw new ServerError('device_exists', `device ${device.id} exists`);
      }
    },

    async isRegistered(accountId, device, transaction) {
      const stored = await selectDevice(database, device.id, transaction);
      return (
        stored?.accountId === accountId &&
        stored.revokedAt === null &&
        Buffer.compare(stored.signatureKey, device.signatureKey) === 0
      );
    },

    async revoke(accountId, id, transaction) {
      const devices = await selectDevices(database, accountId, transaction);
      if (!devices.some((device) => device.id === id)) {
        throw new ServerError('not_found', 'no such device of this account');
      }
      await revokeDevice(database, id, transaction);
      return devices.length - 1;
    },

    announceRevoked(id) {
      bus.publish([`device:${id}`], { type: 'revoked' });
    },

    keyPackages: createKeyPackageStore({ database, bus }),
  };
}
