/** What a member may read of a conversation: nothing is given to anybody else. */
import type { Database } from '../database/contract.js';
import { queryRows } from '../database/query.js';
import { placeholders } from '../database/statements.js';
import { ServerError } from '../errors.js';
import {
  seqSchema,
  type AccountId,
  type Address,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type Seq,
} from '../ids.js';
import { limits } from '../limits.js';
import type { Envelope, Head } from './contract.js';
import { readKind } from './append-statement.js';
import type { Caller } from './ports.js';

/** An account in a conversation, as the server lists it. */
export interface Member {
  readonly accountId: AccountId;
  readonly address: Address;
}

/** The accounts of a conversation; empty when there is none. */
export async function readMembers(
  database: Database,
  conversationId: ConversationId,
): Promise<Member[]> {
  const rows = await queryRows<{ account_id: AccountId; address: Address }>(
    database,
    'SELECT account_id, address FROM conversation_members WHERE conversation_id = $1 ORDER BY account_id',
    { values: [conversationId] },
  );
  return rows.map((row) => ({ accountId: row.account_id, address: row.address }));
}

interface HeadRow {
  id: ConversationId;
  suite: number;
  head: number;
  epoch: number;
  welcome_seq: number | null;
}

/** One page of the caller's conversations, by id; ends early when its Welcomes grow large.
 * @param only one conversation instead of all after `after`. */
export async function readHeads(
  database: Database,
  { accountId, deviceId }: Pick<Caller, 'accountId' | 'deviceId'>,
  range: { after?: ConversationId | undefined; only?: ConversationId },
): Promise<{ heads: Head[]; more: boolean }> {
  const rows = await queryRows<HeadRow>(
    database,
    `SELECT c.id, c.suite, c.head, c.epoch, w.seq AS welcome_seq
     FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
     LEFT JOIN welcome_recipients w ON w.conversation_id = c.id AND w.device_id = $1
     WHERE m.account_id = $2 AND m.conversation_id ${range.only === undefined ? '>' : '='} $3
     ORDER BY m.conversation_id LIMIT $4`,
    {
      values: [deviceId, accountId, range.only ?? range.after ?? '', limits.headsPerPageMax + 1],
    },
  );
  const page = rows.slice(0, limits.headsPerPageMax);
  const members = await readAddresses(
    database,
    page.map(({ id }) => id),
  );
  const heads: Head[] = [];
  let welcomeBytes = 0;
  for (const row of page) {
    if (welcomeBytes > limits.pullBytesMax) break;
    const welcome = await readWelcome(database, row);
    welcomeBytes += welcome?.welcome.length ?? 0;
    heads.push({
      conversationId: row.id,
      suite: row.suite,
      members: members.get(row.id) ?? [],
      head: seqSchema.parse(row.head),
      epoch: row.epoch,
      welcome,
    });
  }
  return { heads, more: heads.length < rows.length };
}

async function readAddresses(
  database: Database,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Address[]>> {
  const addresses = new Map<ConversationId, Address[]>(ids.map((id) => [id, []]));
  if (ids.length === 0) return addresses;
  const rows = await queryRows<{ conversation_id: ConversationId; address: Address }>(
    database,
    `SELECT conversation_id, address FROM conversation_members
     WHERE conversation_id IN ${placeholders(1, ids.length)} ORDER BY address`,
    { values: ids },
  );
  for (const row of rows) addresses.get(row.conversation_id)?.push(row.address);
  return addresses;
}

async function readWelcome(database: Database, row: HeadRow): Promise<Head['welcome']> {
  if (row.welcome_seq === null) return null;
  const [stored] = await queryRows<{ welcome: Buffer }>(
    database,
    'SELECT welcome FROM welcomes WHERE conversation_id = $1 AND seq = $2',
    { values: [row.id, row.welcome_seq] },
  );
  return stored ? { seq: seqSchema.parse(row.welcome_seq), welcome: stored.welcome } : null;
}

interface EnvelopeRow {
  seq: number;
  kind: number;
  id: EnvelopeId;
  sender_device: DeviceId;
  epoch: number;
  ciphertext: Buffer | null;
  stored_at: number;
}

/** Entries after a position, oldest first: at most `limit`, and at most `pullBytesMax` but for the first one.
 * @throws ServerError `not_found` */
export async function readEntries(
  database: Database,
  caller: Pick<Caller, 'accountId'>,
  range: { conversationId: ConversationId; after: Seq; limit: number },
): Promise<{ entries: Envelope[]; head: Seq }> {
  const { conversationId, after } = range;
  const head = await readHead(database, caller, conversationId);
  const sizes = await queryRows<{ seq: number; size: number | null }>(
    database,
    `SELECT seq, LENGTH(ciphertext) AS size FROM envelopes
     WHERE conversation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
    { values: [conversationId, after, range.limit] },
  );
  let bytes = 0;
  let last: number = after;
  for (const { seq, size } of sizes) {
    bytes += size ?? 0;
    if (bytes > limits.pullBytesMax && last > after) break;
    last = seq;
  }
  const rows = await queryRows<EnvelopeRow>(
    database,
    `SELECT seq, kind, id, sender_device, epoch, ciphertext, stored_at FROM envelopes
     WHERE conversation_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq`,
    { values: [conversationId, after, last] },
  );
  // The log may have grown since its head was read.
  return { entries: rows.map(toEnvelope), head: seqSchema.parse(Math.max(head, last)) };
}

async function readHead(
  database: Database,
  { accountId }: Pick<Caller, 'accountId'>,
  conversationId: ConversationId,
): Promise<number> {
  const [row] = await queryRows<{ head: number }>(
    database,
    `SELECT c.head FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
     WHERE m.conversation_id = $1 AND m.account_id = $2`,
    { values: [conversationId, accountId] },
  );
  if (!row) throw unknownConversation(conversationId);
  return row.head;
}

function toEnvelope(row: EnvelopeRow): Envelope {
  return {
    seq: seqSchema.parse(row.seq),
    kind: readKind(row.kind),
    id: row.id,
    senderDevice: row.sender_device,
    epoch: row.epoch,
    ciphertext: row.ciphertext,
    storedAt: row.stored_at,
  };
}

/** The GroupInfo of the current epoch.
 * @throws ServerError `not_found` */
export async function readGroupInfo(
  database: Database,
  { accountId }: Pick<Caller, 'accountId'>,
  conversationId: ConversationId,
): Promise<{ epoch: number; groupInfo: Uint8Array; seq: Seq }> {
  const [row] = await queryRows<{ epoch: number; seq: number; group_info: Buffer }>(
    database,
    `SELECT g.epoch, g.seq, g.group_info
     FROM conversation_members m JOIN group_infos g ON g.conversation_id = m.conversation_id
     WHERE m.conversation_id = $1 AND m.account_id = $2`,
    { values: [conversationId, accountId] },
  );
  if (!row) throw unknownConversation(conversationId);
  return { epoch: row.epoch, groupInfo: row.group_info, seq: seqSchema.parse(row.seq) };
}

/** The answer to everybody who is not in it, whether it exists or not. */
export function unknownConversation(conversationId: ConversationId): ServerError {
  return new ServerError('not_found', `conversation ${conversationId}`);
}
