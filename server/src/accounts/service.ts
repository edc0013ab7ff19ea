/** Accounts: handles, signing in with a device key, and finding each other by address.
 *
 * `claim`, `logIn` and `registerDevice` answer with a session and attach it to the connection. */
import { randomBytes } from 'node:crypto';
import type { Connection, Session } from '../connection.js';
import type { Database } from '../database/contract.js';
import type { DevicesService } from '../devices/service.js';
import { verifyEd25519 } from '../ed25519.js';
import { ServerError } from '../errors.js';
import {
  accountIdSchema,
  addressSchema,
  type AccountId,
  type Address,
  type DeviceId,
  type SiteKey,
} from '../ids.js';
import type { Site, SitesService } from '../sites/service.js';
import { createChallenges, type Place } from './challenges.js';
import type { AccountCard, Device, SessionGrant } from './contract.js';
import { isReserved, parseHandle } from './handles.js';
import {
  closeAccount,
  insertAccount,
  isHandleFree,
  lockAccount,
  selectAccount,
  takeHandle,
  type Account,
} from './model.js';
import { createSessions, toSession } from './sessions.js';
import { deviceCertificateStatement, logInStatement } from './signatures.js';

export type { Account } from './model.js';

/** Challenge and signature of a device key. */
interface Proof {
  challenge: Uint8Array;
  signature: Uint8Array;
}

export interface AccountsService {
  availability(site: Site, handle: string): Promise<'available' | 'taken' | 'reserved' | 'invalid'>;
  challenge(place: Place): Promise<{ challenge: Uint8Array; origin: string; expiresAt: number }>;
  /** Takes a handle with a first device. The same claim again answers with another session.
   * @throws ServerError `handle_*`, `challenge_invalid`, `signature_invalid`, `device_exists` */
  claim(
    connection: Connection,
    input: { handle: string; accountKey: Uint8Array; device: Device; proof: Proof },
  ): Promise<SessionGrant>;
  /** @throws ServerError `challenge_invalid`, `signature_invalid`, `not_found`, `device_revoked` */
  logIn(connection: Connection, input: { deviceId: DeviceId; proof: Proof }): Promise<SessionGrant>;
  /** Adds a further device, by the right of its certificate. The same again answers with another session.
   * @throws ServerError `not_found`, `challenge_invalid`, `signature_invalid`, `device_exists`, `devices_full` */
  registerDevice(
    connection: Connection,
    input: { address: Address; device: Device; proof: Proof },
  ): Promise<SessionGrant>;
  /** Revokes a device of the account; with the last one the account closes and its handle rests.
   * @throws ServerError `not_found` */
  revokeDevice(session: Session, deviceId: DeviceId): Promise<void>;
  /** Signs the connection in with a token that it brought; a token that is no good changes nothing. */
  resume(connection: Connection, token: Uint8Array): Promise<void>;
  logOut(connection: Connection): Promise<void>;
  /** `null`: nobody there, or nobody whom the site reaches. */
  lookUp(site: Site, address: Address): Promise<AccountCard | null>;
  /** The account behind a session or a conversation's member. `null`: closed. */
  find(by: { id: AccountId } | { address: Address }): Promise<Account | null>;
  /** The account at an address, if people of the site may talk to it.
   * @throws ServerError `not_found`, `reach_refused` */
  reach(site: Site, address: Address): Promise<Account>;
  /** The same for a site by its key; `null` when nobody is there. @throws ServerError `reach_refused` */
  accountByAddress(
    address: Address,
    fromSite: SiteKey,
  ): Promise<{ accountId: AccountId; address: Address } | null>;
  /** Forgets challenges and sessions that are over. */
  sweep(): Promise<void>;
}

export interface AccountsDependencies {
  database: Database;
  sites: SitesService;
  devices: DevicesService;
  /** Told after a revocation is stored. */
  onDeviceRevoked: (deviceId: DeviceId) => Promise<void>;
}

export function createAccountsService(dependencies: AccountsDependencies): AccountsService {
  const { database, sites, devices, onDeviceRevoked } = dependencies;
  const challenges = createChallenges(database);
  const sessions = createSessions(database);

  async function prove(
    place: Place,
    device: Pick<Device, 'id' | 'signatureKey'>,
    proof: Proof,
  ): Promise<void> {
    await challenges.consume(place, proof.challenge);
    const statement = logInStatement({
      siteKey: place.site.key,
      origin: place.origin,
      challenge: proof.challenge,
      deviceId: device.id,
    });
    if (!verifyEd25519(device.signatureKey, statement, proof.signature)) {
      throw new ServerError('signature_invalid', 'proof of the device key');
    }
  }

  function checkCertificate(address: Address, accountKey: Uint8Array, device: Device): void {
    const { id: deviceId, signatureKey, certificate } = device;
    const statement = deviceCertificateStatement({ address, accountKey, deviceId, signatureKey });
    if (!verifyEd25519(accountKey, statement, certificate)) {
      throw new ServerError('signature_invalid', 'certificate of the device');
    }
  }

  /** The new session becomes that of the connection. */
  function signIn(connection: Connection, grant: SessionGrant): SessionGrant {
    connection.signIn(toSession(connection.site.key, grant));
    return grant;
  }

  async function reachable(fromSite: SiteKey, account: Account): Promise<boolean> {
    if (account.siteKey === fromSite) return true;
    const [from, to] = await Promise.all([sites.find(fromSite), sites.find(account.siteKey)]);
    return from?.reach === 'network' && to?.reach === 'network';
  }

  async function reach(fromSite: SiteKey, address: Address): Promise<Account | null> {
    const account = await selectAccount(database, { address });
    if (account !== null && !(await reachable(fromSite, account))) {
      throw new ServerError('reach_refused', 'the two sites do not reach each other');
    }
    return account;
  }

  return {
    async availability(site, text) {
      const handle = parseHandle(text);
      if (handle === null) return 'invalid';
      if (isReserved(handle)) return 'reserved';
      return (await isHandleFree(database, site.key, handle)) ? 'available' : 'taken';
    },

    challenge: (place) => challenges.issue(place),

    async claim(connection, { handle: text, accountKey, device, proof }) {
      const handle = parseHandle(text);
      if (handle === null) throw new ServerError('handle_invalid', 'not a handle');
      if (isReserved(handle)) throw new ServerError('handle_reserved', 'a reserved handle');
      const { site } = connection;
      const address = addressSchema.parse(`@${handle}@${site.domain}`);
      checkCertificate(address, accountKey, device);
      await prove(connection, device, proof);
      const grant = await database.write(async (transaction) => {
        const id = accountIdSchema.parse(randomBytes(16).toString('base64url'));
        const account: Account = { id, siteKey: site.key, address, accountKey };
        if (await takeHandle(database, { siteKey: site.key, handle, accountId: id }, transaction)) {
          await insertAccount(database, account, transaction);
          await devices.add(id, device, transaction);
          return sessions.start(account, device.id, transaction);
        }
        // The answer to the first claim may have been lost on its way: the same device may claim again.
        const holder = await selectAccount(database, { address }, transaction);
        const again = holder !== null && equal(holder.accountKey, accountKey);
        if (!again || !(await devices.isRegistered(holder.id, device, transaction))) {
          throw new ServerError('handle_taken', 'the handle is taken or rests');
        }
        return sessions.start(holder, device.id, transaction);
      });
      return signIn(connection, grant);
    },

    async logIn(connection, { deviceId, proof }) {
      const device = await devices.find(deviceId);
      const account =
        device === null ? null : await selectAccount(database, { id: device.accountId });
      if (device === null || (account !== null && account.siteKey !== connection.site.key)) {
        throw new ServerError('not_found', 'no such device on this site');
      }
      // A stranger who only knows the id learns nothing of the device's fate without its key.
      await prove(connection, device, proof);
      if (device.revokedAt !== null || account === null) {
        throw new ServerError('device_revoked', `device ${deviceId} is revoked`);
      }
      const grant = await database.write((transaction) =>
        sessions.start(account, deviceId, transaction),
      );
      return signIn(connection, grant);
    },

    async registerDevice(connection, { address, device, proof }) {
      const account = await selectAccount(database, { address });
      if (account?.siteKey !== connection.site.key) {
        throw new ServerError('not_found', 'no such account on this site');
      }
      checkCertificate(address, account.accountKey, device);
      await prove(connection, device, proof);
      const grant = await database.write(async (transaction) => {
        // Two devices at once count each other, and the account may have closed meanwhile.
        if (!(await lockAccount(database, account.id, transaction))) {
          throw new ServerError('not_found', 'the account has closed');
        }
        if (!(await devices.isRegistered(account.id, device, transaction))) {
          await devices.add(account.id, device, transaction);
        }
        return sessions.start(account, device.id, transaction);
      });
      return signIn(connection, grant);
    },

    async revokeDevice(session, deviceId) {
      await database.write(async (transaction) => {
        await lockAccount(database, session.accountId, transaction);
        const left = await devices.revoke(session.accountId, deviceId, transaction);
        if (left === 0) await closeAccount(database, session.accountId, transaction);
      });
      await onDeviceRevoked(deviceId);
      // Last of all: a device that revokes itself still hears the answer before its sockets close.
      devices.announceRevoked(deviceId);
    },

    async resume(connection, token) {
      const session = await sessions.find(connection.site.key, token);
      if (session !== null) connection.signIn(session);
    },

    async logOut(connection) {
      const { session } = connection;
      if (session !== null) await sessions.end(session);
      connection.signOut();
    },

    async lookUp(site, address) {
      const account = await selectAccount(database, { address });
      if (account === null || !(await reachable(site.key, account))) return null;
      return {
        address,
        accountKey: account.accountKey,
        devices: await devices.certified(account.id),
      };
    },

    find: (by) => selectAccount(database, by),

    async reach(site, address) {
      const account = await reach(site.key, address);
      if (account === null) throw new ServerError('not_found', 'nobody at this address');
      return account;
    },

    async accountByAddress(address, fromSite) {
      const account = await reach(fromSite, address);
      return account === null ? null : { accountId: account.id, address: account.address };
    },

    async sweep() {
      await challenges.sweep();
      await sessions.sweep();
    },
  };
}

function equal(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
