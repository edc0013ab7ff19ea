/** The statements of the log's write path. Each serves a whole batch: how many there are does not grow with it. */
import type { Transaction } from 'sequelize';
import type { Database } from '../database/contract.js';
import { placeholders, runStatement } from '../database/statements.js';
import { seqSchema, type AccountId, type ConversationId, type DeviceId } from '../ids.js';
import { readKind } from './append-statement.js';
import type { CommitParts, Draft, LogState, StoredEnvelope } from './log.js';

/** A transaction and the database that it belongs to. */
export interface Scope {
  readonly database: Database;
  readonly transaction: Transaction;
}

/** One key for a device's envelope id. */
export function envelopeKey(deviceId: string, id: string): string {
  return `${deviceId} ${id}`;
}

/** Where these logs stand. On PostgreSQL it locks them, in the order of their ids: `seq` stays gapless between
 * nodes, and two nodes never wait for each other. */
export async function readLogStates(
  scope: Scope,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, LogState>> {
  const rows = await runStatement<{
    id: ConversationId;
    head: number;
    epoch: number;
    account_id: AccountId;
  }>(
    scope,
    `SELECT c.id, c.head, c.epoch, m.account_id FROM conversations c
     JOIN conversation_members m ON m.conversation_id = c.id
     WHERE c.id IN ${placeholders(1, ids.length, scope.database.dialect)} ${lockRows(scope)}`,
    ids,
  );
  const states = new Map<ConversationId, LogState & { members: AccountId[] }>();
  for (const { id, head, epoch, account_id: member } of rows) {
    const state = states.get(id);
    if (state) state.members.push(member);
    else states.set(id, { head, epoch, members: [member] });
  }
  return states;
}

function lockRows(scope: Scope): string {
  return scope.database.dialect === 'postgres' ? 'ORDER BY c.id FOR UPDATE OF c' : '';
}

/** An envelope by the two that name it. */
export type EnvelopeName = Pick<Draft, 'sender' | 'id'>;

/** Which of these are stored, by `envelopeKey`. */
export async function readStoredEnvelopes(
  scope: Scope,
  names: readonly EnvelopeName[],
): Promise<Map<string, StoredEnvelope>> {
  if (names.length === 0) return new Map();
  // CROSS JOIN fixes the order on SQLite: the names outside, the index inside.
  const rows = await runStatement<{
    id: string;
    sender_device: string;
    conversation_id: string;
    kind: number;
    epoch: number;
    digest: Buffer;
    seq: number;
    stored_at: number;
  }>(
    scope,
    `SELECT e.id, e.sender_device, e.conversation_id, e.kind, e.epoch, e.digest, e.seq, e.stored_at
     FROM (VALUES ${placeholders(names.length, 2, scope.database.dialect)}) AS wanted CROSS JOIN envelopes e
     WHERE e.sender_device = wanted.column1 AND e.id = wanted.column2`,
    names.flatMap(({ sender, id }) => [sender.deviceId, id]),
  );
  return new Map(
    rows.map((row) => [
      envelopeKey(row.sender_device, row.id),
      {
        conversationId: row.conversation_id,
        kind: readKind(row.kind),
        epoch: row.epoch,
        digest: row.digest,
        seq: seqSchema.parse(row.seq),
        storedAt: row.stored_at,
      },
    ]),
  );
}

/** Stores what came with a commit.
 * @returns the devices that the Welcome waits for now. */
export async function storeCommit(
  scope: Scope,
  draft: Draft,
  placed: { parts: CommitParts; seq: number },
): Promise<DeviceId[]> {
  const { parts, seq } = placed;
  const { conversationId, sender, epoch } = draft;
  await runStatement(
    scope,
    `INSERT INTO group_infos (conversation_id, epoch, seq, group_info) VALUES ($1, $2, $3, $4)
     ON CONFLICT (conversation_id) DO UPDATE
     SET epoch = excluded.epoch, seq = excluded.seq, group_info = excluded.group_info`,
    [conversationId, epoch + 1, seq, parts.groupInfo],
  );
  // A device that commits without having joined before joins by this very (external) commit.
  await insertCursor(scope, conversationId, { ...sender, seq });
  if (!parts.welcome) return [];
  const joined: DeviceId[] = [];
  for (const candidate of parts.welcome.candidates) {
    if (await insertCursor(scope, conversationId, { ...candidate, seq })) {
      joined.push(candidate.deviceId);
    }
  }
  if (joined.length > 0) {
    await insertWelcome(scope, conversationId, {
      seq,
      bytes: parts.welcome.bytes,
      devices: joined,
    });
  }
  return joined;
}

/** Gives a device its cursor, if it has none.
 * @returns whether it had none. */
export async function insertCursor(
  scope: Scope,
  conversationId: ConversationId,
  cursor: { accountId: AccountId; deviceId: DeviceId; seq: number },
): Promise<boolean> {
  const rows = await runStatement<{ seq: number }>(
    scope,
    `INSERT INTO cursors (conversation_id, device_id, account_id, seq) VALUES ($1, $2, $3, $4)
     ON CONFLICT (conversation_id, device_id) DO NOTHING RETURNING seq`,
    [conversationId, cursor.deviceId, cursor.accountId, cursor.seq],
  );
  return rows.length > 0;
}

/** Keeps a Welcome for these devices, which have none yet. */
export async function insertWelcome(
  scope: Scope,
  conversationId: ConversationId,
  welcome: { seq: number; bytes: Buffer; devices: readonly DeviceId[] },
): Promise<void> {
  await runStatement(
    scope,
    'INSERT INTO welcomes (conversation_id, seq, welcome) VALUES ($1, $2, $3)',
    [conversationId, welcome.seq, welcome.bytes],
  );
  await runStatement(
    scope,
    `INSERT INTO welcome_recipients (conversation_id, device_id, seq)
     VALUES ${placeholders(welcome.devices.length, 3, scope.database.dialect)}`,
    welcome.devices.flatMap((deviceId) => [conversationId, deviceId, welcome.seq]),
  );
}
