/** Sessions: a random token for the device, its SHA-256 for the database. */
import { createHash, randomBytes } from 'node:crypto';
import type { Transaction } from 'sequelize';
import type { Session } from '../connection.js';
import type { Database } from '../database/contract.js';
import { execute, queryRows } from '../database/query.js';
import type { AccountId, Address, DeviceId, SiteKey } from '../ids.js';
import { limits } from '../limits.js';
import type { SessionGrant } from './contract.js';
import type { Account } from './model.js';

export interface Sessions {
  /** Starts a session of the device, in the caller's transaction. */
  start(account: Account, deviceId: DeviceId, transaction: Transaction): Promise<SessionGrant>;
  /** The session of a token that is good on this site, or `null`. */
  find(siteKey: SiteKey, token: Uint8Array): Promise<Session | null>;
  end(session: Session): Promise<void>;
  sweep(): Promise<void>;
}

/** What the database knows a token by. */
function hashToken(token: Uint8Array): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The session that a grant stands for. */
export function toSession(siteKey: SiteKey, grant: SessionGrant): Session {
  const { accountId, address, deviceId, token, expiresAt } = grant;
  return { accountId, address, deviceId, siteKey, tokenHash: hashToken(token), expiresAt };
}

interface SessionRow {
  account_id: AccountId;
  address: Address;
  device_id: DeviceId;
  site_key: SiteKey;
  expires_at: number;
}

const selectSession = `SELECT a.id AS account_id, a.address, a.site_key, s.device_id, s.expires_at
  FROM sessions s JOIN devices d ON d.id = s.device_id JOIN accounts a ON a.id = d.account_id
  WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.site_key = $3
    AND d.revoked_at IS NULL AND a.closed_at IS NULL`;

export function createSessions(database: Database): Sessions {
  return {
    async start(account, deviceId, transaction) {
      const token = new Uint8Array(randomBytes(32));
      const hash = hashToken(token);
      const expiresAt = Date.now() + limits.sessionSeconds * 1000;
      await execute(
        database,
        'INSERT INTO sessions (token_hash, device_id, expires_at) VALUES ($1, $2, $3)',
        { values: [hash, deviceId, expiresAt], transaction },
      );
      // A device that logs in again and again has no use for the sessions of before.
      await execute(
        database,
        `DELETE FROM sessions WHERE device_id = $1 AND token_hash <> $2 AND token_hash NOT IN
         (SELECT token_hash FROM sessions WHERE device_id = $3 AND token_hash <> $4
          ORDER BY expires_at DESC LIMIT $5)`,
        { values: [deviceId, hash, deviceId, hash, limits.sessionsPerDeviceMax - 1], transaction },
      );
      return { accountId: account.id, address: account.address, deviceId, token, expiresAt };
    },

    async find(siteKey, token) {
      const tokenHash = hashToken(token);
      const [row] = await queryRows<SessionRow>(database, selectSession, {
        values: [tokenHash, Date.now(), siteKey],
      });
      if (row === undefined) return null;
      return {
        accountId: row.account_id,
        address: row.address,
        deviceId: row.device_id,
        siteKey: row.site_key,
        tokenHash,
        expiresAt: row.expires_at,
      };
    },

    async end(session) {
      await database.write((transaction) =>
        execute(database, 'DELETE FROM sessions WHERE token_hash = $1', {
          values: [session.tokenHash],
          transaction,
        }),
      );
    },

    async sweep() {
      await database.write((transaction) =>
        execute(database, 'DELETE FROM sessions WHERE expires_at <= $1', {
          values: [Date.now()],
          transaction,
        }),
      );
    },
  };
}
