/** The one statement that appends to the logs: as many envelopes to as many logs as there are, with the logs' heads
 * and epochs, all or nothing. Alone it is a transaction; a message on its way to the disk costs one round trip. */
import type { Database, WriteStatement } from '../database/contract.js';
import { placeholders } from '../database/statements.js';
import type { ConversationId } from '../ids.js';
import type { Draft, LogState, StoredEnvelope } from './log.js';

/** `kind` as the database keeps it. */
const kindNumbers = { message: 0, commit: 1 } as const;

/** The kind of envelope behind the number. */
export function readKind(number: number): Draft['kind'] {
  return number === kindNumbers.commit ? 'commit' : 'message';
}

/** What is appended. */
export interface Placed {
  /** In the order of their places. */
  readonly entries: readonly { readonly draft: Draft; readonly stored: StoredEnvelope }[];
  /** Each log that gets some: where it stood, and where it stands then. */
  readonly logs: ReadonlyMap<ConversationId, { readonly was: LogState; readonly is: LogState }>;
}

const columns = [
  'conversation_id', 'seq', 'kind', 'id', 'sender_device', 'epoch', 'ciphertext', 'digest', 'stored_at',
] as const; // prettier-ignore

type Row = readonly [string, number, number, string, string, number, Buffer, Buffer, number];

function rowOf({ draft, stored }: Placed['entries'][number]): Row {
  const { conversationId, kind, id, sender, epoch, ciphertext, digest } = draft;
  const { seq, storedAt } = stored;
  return [
    conversationId,
    seq,
    kindNumbers[kind],
    id,
    sender.deviceId,
    epoch,
    ciphertext,
    digest,
    storedAt,
  ];
}

/** The statement. A log that does not stand where it is said to, a place that is taken, or an id that the device has
 * used is a fault of data (`isFaultOfData`): then nothing is stored. */
export function appendStatement(dialect: Database['dialect'], placed: Placed): WriteStatement {
  return dialect === 'sqlite' ? appendOnSqlite(placed) : appendOnPostgres(placed);
}

/** A trigger of the table moves the heads (migration 0003), and refuses what leaves a gap. */
function appendOnSqlite({ entries }: Placed): WriteStatement {
  return {
    name: 'append',
    sql: `INSERT INTO envelopes (${columns.join(', ')})
     VALUES ${placeholders(entries.length, columns.length, 'sqlite')}`,
    values: entries.flatMap(rowOf),
  };
}

/** Lists, so that it is one text for any number. The logs are locked in the order of their ids, as everybody does who
 * locks several. A log that another node has moved is not moved: its envelopes lack their conversation, which must not
 * be null. */
const appendSql = `
  WITH next AS (
    SELECT * FROM unnest($1::varchar[], $2::bigint[], $3::bigint[], $4::bigint[]) AS one (id, was, head, epoch)
  ), locked AS (
    SELECT id FROM conversations WHERE id = ANY ($1::varchar[]) ORDER BY id FOR UPDATE
  ), moved AS (
    UPDATE conversations SET head = next.head, epoch = next.epoch FROM locked JOIN next USING (id)
    WHERE conversations.id = locked.id AND conversations.head = next.was
    RETURNING conversations.id
  )
  INSERT INTO envelopes (${columns.join(', ')})
  SELECT moved.id, one.seq, one.kind, one.id, one.sender_device, one.epoch, one.ciphertext, one.digest, one.stored_at
  FROM unnest($5::varchar[], $6::bigint[], $7::smallint[], $8::varchar[], $9::varchar[], $10::bigint[], $11::bytea[],
    $12::bytea[], $13::bigint[]) AS one (${columns.join(', ')})
  LEFT JOIN moved ON moved.id = one.conversation_id`;

function appendOnPostgres({ entries, logs }: Placed): WriteStatement {
  const rows = entries.map(rowOf);
  const moves = [...logs].map(([id, { was, is }]) => [id, was.head, is.head, is.epoch] as const);
  return {
    name: 'append',
    sql: appendSql,
    values: [
      ...([0, 1, 2, 3] as const).map((at) => moves.map((move) => move[at])),
      ...columns.map((_name, at) => rows.map((row) => row[at] ?? null)),
    ],
  };
}
