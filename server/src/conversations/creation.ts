/** How a conversation begins: two accounts have one, whoever was first. */
import { isFaultOfData } from '../database/batch-writer.js';
import type { Database } from '../database/contract.js';
import { execute, queryRows } from '../database/query.js';
import { asBuffer } from '../database/statements.js';
import { ServerError } from '../errors.js';
import type { AccountId, ConversationId, DeviceId } from '../ids.js';
import { insertCursor, insertWelcome, type Scope } from './log-statements.js';
import type { Caller } from './ports.js';
import type { Member } from './reads.js';

/** What the creator brings, checked against the contract. */
export interface CreationRequest {
  readonly conversationId: ConversationId;
  readonly suite: number;
  readonly epoch: number;
  readonly welcome: Uint8Array;
  readonly groupInfo: Uint8Array;
}

/** Who will be in it. */
export interface CreationParties {
  readonly caller: Caller;
  readonly peer: Member;
  /** Every device in use of both accounts. */
  readonly devices: readonly { readonly accountId: AccountId; readonly deviceId: DeviceId }[];
}

/** `again`: this device made it before and did not hear of it. */
export type Creation =
  | { status: 'created' | 'again'; welcomed: DeviceId[] }
  | { status: 'exists'; conversationId: ConversationId };

/** Creates the conversation, or names the one that the two have.
 * @throws ServerError `conversation_exists` when the id is taken by others */
export async function createDirect(
  database: Database,
  request: CreationRequest,
  parties: CreationParties,
): Promise<Creation> {
  const attempt = () =>
    database.write((transaction) => tryCreate({ database, transaction }, request, parties));
  try {
    return await attempt();
  } catch (error) {
    // On PostgreSQL both may find nothing and insert: the loser of the unique index looks again.
    if (!isFaultOfData(error)) throw error;
    return attempt();
  }
}

async function tryCreate(
  scope: Scope,
  request: CreationRequest,
  parties: CreationParties,
): Promise<Creation> {
  const directKey = [parties.caller.accountId, parties.peer.accountId].sort().join(':');
  const { conversationId } = request;
  const present = await queryRows<{
    id: ConversationId;
    direct_key: string;
    creator_device: DeviceId;
  }>(
    scope.database,
    'SELECT id, direct_key, creator_device FROM conversations WHERE direct_key = $1 OR id = $2',
    { values: [directKey, conversationId], transaction: scope.transaction },
  );
  const theirs = present.find((row) => row.direct_key === directKey);
  if (theirs) {
    const again = theirs.id === conversationId && theirs.creator_device === parties.caller.deviceId;
    return again
      ? { status: 'again', welcomed: [] }
      : { status: 'exists', conversationId: theirs.id };
  }
  if (present.length > 0) {
    throw new ServerError('conversation_exists', `conversation ${conversationId} is taken`);
  }
  return {
    status: 'created',
    welcomed: await insertAll(scope, request, { ...parties, directKey }),
  };
}

async function insertAll(
  scope: Scope,
  request: CreationRequest,
  parties: CreationParties & { directKey: string },
): Promise<DeviceId[]> {
  const { database, transaction } = scope;
  const { conversationId, suite, epoch } = request;
  const { caller, peer, devices, directKey } = parties;
  await execute(
    database,
    `INSERT INTO conversations
     (id, direct_key, site_key, creator_device, suite, epoch, head, purged_to, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7)`,
    {
      values: [
        conversationId,
        directKey,
        caller.siteKey,
        caller.deviceId,
        suite,
        epoch,
        Date.now(),
      ],
      transaction,
    },
  );
  for (const member of [caller, peer]) {
    await execute(
      database,
      'INSERT INTO conversation_members (conversation_id, account_id, address) VALUES ($1, $2, $3)',
      { values: [conversationId, member.accountId, member.address], transaction },
    );
  }
  await execute(
    database,
    'INSERT INTO group_infos (conversation_id, epoch, seq, group_info) VALUES ($1, $2, 0, $3)',
    { values: [conversationId, epoch, request.groupInfo], transaction },
  );
  for (const device of devices) await insertCursor(scope, conversationId, { ...device, seq: 0 });
  const welcomed = devices
    .map(({ deviceId }) => deviceId)
    .filter((deviceId) => deviceId !== caller.deviceId);
  if (welcomed.length > 0) {
    const bytes = asBuffer(request.welcome);
    await insertWelcome(scope, conversationId, { seq: 0, bytes, devices: welcomed });
  }
  return welcomed;
}
