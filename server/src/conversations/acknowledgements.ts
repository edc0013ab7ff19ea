/** How far each device has stored what was sent to it. */
import type { Transaction } from 'sequelize';
import { createBatchWriter, type Outcome } from '../database/batch-writer.js';
import type { BatchWriter, Database } from '../database/contract.js';
import { placeholders, runStatement } from '../database/statements.js';
import type { AccountId, ConversationId, DeviceId, Seq } from '../ids.js';
import type { Scope } from './log-statements.js';
import type { Caller } from './ports.js';
import { unknownConversation } from './reads.js';

/** One device's acknowledgements. */
export interface Acknowledgement {
  readonly caller: Pick<Caller, 'accountId' | 'deviceId'>;
  readonly upTo: readonly { readonly conversationId: ConversationId; readonly seq: Seq }[];
}

interface Cursor {
  conversationId: ConversationId;
  deviceId: DeviceId;
  accountId: AccountId;
  seq: number;
}

/** Rows of one statement: far below SQLite's 32,766 and PostgreSQL's 65,535 parameters. */
const rowsPerStatementMax = 1_000;

/** Makes the writer of all cursors.
 * @param acknowledged is told, after the commit, in which conversations a cursor may have moved. */
export function createAcknowledgementWriter(
  database: Database,
  acknowledged: (conversations: readonly ConversationId[]) => void,
): BatchWriter<Acknowledgement, void> {
  return createBatchWriter<Acknowledgement, undefined>(database, {
    apply: (items, transaction) => apply(database, transaction, items),
    committed: ({ upTo }) => acknowledged(upTo.map(({ conversationId }) => conversationId)),
    bytesOf: ({ upTo }) => upTo.length * 100,
    itemsMax: 128,
  });
}

async function apply(
  database: Database,
  transaction: Transaction,
  items: readonly Acknowledgement[],
): Promise<Outcome<undefined>[]> {
  const scope = { database, transaction };
  const heads = await readHeadsOfMembers(scope, items);
  const cursors = new Map<string, Cursor>();
  const outcomes = items.map(({ caller, upTo }): Outcome<undefined> => {
    const stranger = upTo.find(
      ({ conversationId }) => !heads.has(`${caller.accountId} ${conversationId}`),
    );
    if (stranger) return { error: unknownConversation(stranger.conversationId) };
    for (const { conversationId, seq } of upTo) {
      const head = heads.get(`${caller.accountId} ${conversationId}`) ?? 0;
      const key = `${conversationId} ${caller.deviceId}`;
      // Nobody has stored what is not there yet.
      const reached = Math.min(seq, head);
      if (reached < (cursors.get(key)?.seq ?? -1)) continue;
      cursors.set(key, { conversationId, ...caller, seq: reached });
    }
    return { result: undefined };
  });
  // One order on every node, so that two of them never wait for each other.
  const sorted = [...cursors].sort(([left], [right]) => (left < right ? -1 : 1));
  for (const rows of inPortions(sorted.map(([, cursor]) => cursor))) await moveCursors(scope, rows);
  await forgetWelcomes(scope, cursors);
  return outcomes;
}

/** The heads of the conversations that the callers are in, by account and conversation. */
async function readHeadsOfMembers(
  scope: Scope,
  items: readonly Acknowledgement[],
): Promise<Map<string, number>> {
  const wanted = new Map<string, [AccountId, ConversationId]>();
  for (const { caller, upTo } of items) {
    for (const { conversationId } of upTo) {
      wanted.set(`${caller.accountId} ${conversationId}`, [caller.accountId, conversationId]);
    }
  }
  const heads = new Map<string, number>();
  for (const pairs of inPortions([...wanted.values()])) {
    const rows = await runStatement<{ account_id: string; id: string; head: number }>(
      scope,
      `SELECT m.account_id, c.id, c.head
       FROM (VALUES ${placeholders(pairs.length, 2, scope.database.dialect)}) AS wanted
       CROSS JOIN conversation_members m CROSS JOIN conversations c
       WHERE m.account_id = wanted.column1 AND m.conversation_id = wanted.column2
       AND c.id = m.conversation_id`,
      pairs.flat(),
    );
    for (const row of rows) heads.set(`${row.account_id} ${row.id}`, row.head);
  }
  return heads;
}

async function moveCursors(scope: Scope, cursors: readonly Cursor[]): Promise<void> {
  await runStatement(
    scope,
    `INSERT INTO cursors (conversation_id, device_id, account_id, seq)
     VALUES ${placeholders(cursors.length, 4, scope.database.dialect)}
     ON CONFLICT (conversation_id, device_id) DO UPDATE SET seq = excluded.seq
     WHERE cursors.seq < excluded.seq`,
    cursors.flatMap((row) => [row.conversationId, row.deviceId, row.accountId, row.seq]),
  );
}

/** Drops the Welcomes that these devices are done with, and their bytes once nobody waits for them. */
async function forgetWelcomes(scope: Scope, cursors: ReadonlyMap<string, Cursor>): Promise<void> {
  const devices = [...new Set([...cursors.values()].map(({ deviceId }) => deviceId))];
  if (devices.length === 0) return;
  const waiting = await runStatement<{
    conversation_id: ConversationId;
    device_id: DeviceId;
    seq: number;
  }>(
    scope,
    `SELECT conversation_id, device_id, seq FROM welcome_recipients
     WHERE device_id IN ${placeholders(1, devices.length, scope.database.dialect)}`,
    devices,
  );
  for (const { conversation_id: conversationId, device_id: deviceId, seq } of waiting) {
    const cursor = cursors.get(`${conversationId} ${deviceId}`);
    if (!cursor || cursor.seq < seq) continue;
    await dropWelcome(scope, { conversationId, deviceId, seq });
  }
}

/** Takes a device off a Welcome's list; the last one takes the Welcome with it. */
export async function dropWelcome(
  scope: Scope,
  welcome: { conversationId: ConversationId; deviceId: DeviceId; seq: number },
): Promise<void> {
  await runStatement(
    scope,
    'DELETE FROM welcome_recipients WHERE conversation_id = $1 AND device_id = $2',
    [welcome.conversationId, welcome.deviceId],
  );
  await runStatement(
    scope,
    `DELETE FROM welcomes WHERE conversation_id = $1 AND seq = $2 AND NOT EXISTS (
       SELECT 1 FROM welcome_recipients r
       WHERE r.conversation_id = welcomes.conversation_id AND r.seq = welcomes.seq)`,
    [welcome.conversationId, welcome.seq],
  );
}

function* inPortions<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let start = 0; start < rows.length; start += rowsPerStatementMax) {
    yield rows.slice(start, start + rowsPerStatementMax);
  }
}
