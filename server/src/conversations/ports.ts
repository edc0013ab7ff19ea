/** What the conversations need of the accounts, devices and sites; their services satisfy it. */
import type { AccountId, Address, DeviceId, SiteKey } from '../ids.js';

/** The signed-in device that asks. */
export interface Caller {
  readonly siteKey: SiteKey;
  readonly accountId: AccountId;
  readonly deviceId: DeviceId;
  readonly address: Address;
}

/** Look-ups beyond this slice. */
export interface ConversationDirectory {
  /** The account at the address; `null` when nobody is there.
   * @throws ServerError `reach_refused` when the two sites do not reach each other */
  accountByAddress(
    address: Address,
    fromSite: SiteKey,
  ): Promise<{ accountId: AccountId; address: Address } | null>;
  /** The devices of these accounts that are not revoked. */
  devicesOfAccounts(
    accountIds: readonly AccountId[],
  ): Promise<{ accountId: AccountId; deviceId: DeviceId }[]>;
  /** How long the site keeps ciphertext that nobody acknowledged, in seconds. */
  siteRetention(siteKey: SiteKey): Promise<number>;
}
