/** What calls need of conversations and accounts; their services satisfy it. */
import type { AccountId, Address, ConversationId, DeviceId } from '../ids.js';

/** Who may be called, and by which devices. */
export interface CallDirectory {
  /** The accounts of a conversation; empty when there is none. */
  membersOf(
    conversationId: ConversationId,
  ): Promise<readonly { accountId: AccountId; address: Address }[]>;
  /** The devices of these accounts that are not revoked. */
  devicesOfAccounts(
    accountIds: readonly AccountId[],
  ): Promise<readonly { accountId: AccountId; deviceId: DeviceId }[]>;
}
