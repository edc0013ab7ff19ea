/** One change of one conversation: collects what to write and what to show, so that both happen together or not at all.
 *
 * Invariant: a draft is stored in a single batch before anything of it is sent or shown. */
import type { Pin } from '../account/pins.js';
import type { CallContent } from '../content/index.js';
import type { Context } from '../context.js';
import type { Address, MessageId } from '../ids.js';
import {
  decodeGroup,
  encodeGroup,
  type Consumed,
  type Group,
  type GroupPart,
  type Member,
} from '../mls/index.js';
import type { Message, NoticeCode } from '../snapshot.js';
import type { Key, Table, Write } from '../store/contract.js';
import { notShown, pendingBase, type ConversationRecord, type ConversationState } from './state.js';

export interface SpokenOfCall {
  content: CallContent;
  sender: Member;
}

export interface Draft {
  record: ConversationRecord;
  readonly context: Context;
  /** The state before, as stored. */
  readonly before: ConversationState;
  group: Group | null | undefined;
  /** The group's state that is on disk: what `group` is compared with. */
  stored: Group | null | undefined;
  readonly writes: Map<string, Write>;
  /** What was asked of the store so far: nothing is read twice. */
  readonly reads: Map<string, Promise<unknown>>;
  readonly shown: Map<MessageId, Message>;
  readonly removed: Set<MessageId>;
  readonly arrived: Message[];
  /** What members said of calls, for the call state machine. */
  readonly calls: SpokenOfCall[];
  readonly consumed: Uint8Array[];
  readonly settled: (() => void)[];
}

export function createDraft(context: Context, before: ConversationState): Draft {
  return {
    record: before.record,
    context,
    before,
    group: before.group,
    stored: before.group,
    writes: new Map(),
    reads: new Map(),
    shown: new Map(),
    removed: new Set(),
    arrived: [],
    calls: [],
    consumed: [],
    settled: [],
  };
}

const placeOf = (table: Table, key: Key): string => JSON.stringify([table, ...key]);

export function put(draft: Draft, write: Write): void {
  draft.writes.set(placeOf(write.table, write.key), write);
}

/** Reads as if the draft were stored already. */
export async function read(draft: Draft, table: Table, key: Key): Promise<unknown> {
  const place = placeOf(table, key);
  const pending = draft.writes.get(place);
  if (pending !== undefined) return pending.value;
  const asked = draft.reads.get(place) ?? draft.context.store.get(table, key);
  draft.reads.set(place, asked);
  return asked;
}

/** Reads where these messages stand, all at a time: one after another, each would cost a way to the disk. */
export async function readAhead(draft: Draft, ids: readonly MessageId[]): Promise<void> {
  await Promise.all(ids.map((id) => orderOf(draft, id)));
}

export function update(draft: Draft, fields: Partial<ConversationRecord>): void {
  draft.record = { ...draft.record, ...fields };
}

/** The group's state, read from the store on first use. */
export async function groupOf(draft: Draft): Promise<Group | null> {
  if (draft.group !== undefined) return draft.group;
  const rows = await draft.context.store.range('groups', { prefix: [draft.record.id], limit: 100 });
  const parts = rows.flatMap(({ key, value }) =>
    value instanceof Uint8Array
      ? [{ part: key.slice(1) as unknown as GroupPart, bytes: value }]
      : [],
  );
  const group = parts.length === 0 ? null : decodeGroup(parts);
  draft.group = group;
  draft.stored = group;
  // Reading changed nothing: the next draft need not read again, whatever becomes of this one.
  draft.before.group = group;
  return group;
}

/** Takes a new state of the group; its changed parts are written with the draft. */
export function setGroup(draft: Draft, group: Group, consumed: Consumed = []): void {
  draft.group = group;
  draft.consumed.push(...consumed);
  update(draft, { epoch: Math.max(draft.record.epoch, group.epoch) });
}

/** @returns `undefined`: never seen; `notShown`: seen, without a row; above `pendingBase`: in the outbox or failed. */
export async function orderOf(draft: Draft, id: MessageId): Promise<number | undefined> {
  return (await read(draft, 'message_ids', [draft.record.id, id])) as number | undefined;
}

export function remember(draft: Draft, id: MessageId, order: number = notShown): void {
  put(draft, { table: 'message_ids', key: [draft.record.id, id], value: order });
}

export type MessageRow = Omit<Message, 'order' | 'conversationId'>;

export async function messageAt(draft: Draft, order: number): Promise<Message | null> {
  const row = (await read(draft, 'messages', [draft.record.id, order])) as MessageRow | undefined;
  return row === undefined ? null : { ...row, order, conversationId: draft.record.id };
}

export function putMessage(draft: Draft, fields: Omit<Message, 'conversationId'>): Message {
  const message: Message = { ...fields, conversationId: draft.record.id };
  const { order, id, at, author, status, body } = message;
  put(draft, {
    table: 'messages',
    key: [draft.record.id, order],
    value: {
      id,
      at,
      author,
      status,
      body,
    } satisfies MessageRow,
  });
  remember(draft, id, order);
  draft.shown.set(id, message);
  draft.removed.delete(id);
  const { last } = draft.record;
  const isNewer =
    last === null || last.id === id || (order >= last.order && body.type !== 'notice');
  if (isNewer || (last.body.type === 'notice' && body.type !== 'notice'))
    update(draft, { last: message });
  return message;
}

/** Another message that stands at a place of the log already: a server that names places wrongly would have one stored
 * over the other. Ahead of the cursor there are but those of this device, as far as the server has answered for them, so
 * it is seldom that a row has to be read. */
export async function otherAt(draft: Draft, id: MessageId, order: number): Promise<Message | null> {
  const { answered, last } = draft.record;
  if (order > (answered ?? last?.order ?? 0)) return null;
  const present = await messageAt(draft, order);
  return present?.id === id ? null : present;
}

/** Takes a message's row away: it moves to another place, or was discarded. */
export function dropRow(draft: Draft, order: number): void {
  put(draft, { table: 'messages', key: [draft.record.id, order], value: undefined });
}

/** A line of our own in the history. It stands after everything that is stored so far.
 * @param order where the log holds what it tells of. */
export function putNotice(draft: Draft, notice: NoticeCode, order = draft.record.cursor): void {
  // The log's positions are whole numbers: up to 1,023 notices fit behind each.
  const after = Math.max(order, draft.record.noticeOrder) + 1 / 1024;
  update(draft, { noticeOrder: after });
  putMessage(draft, {
    id: `notice-${String(after)}` as MessageId,
    order: after,
    at: draft.context.clock.now(),
    author: 'self',
    status: 'stored',
    body: { type: 'notice', notice },
  });
}

export function putPin(draft: Draft, address: Address, pin: Pin): void {
  const { write, settle } = draft.context.pins.write(address, pin);
  put(draft, write);
  draft.settled.push(settle);
}

/** Everything to store, the group's changed parts and the record included. */
export function writesOf(draft: Draft): Write[] {
  const { record, before } = draft;
  const stored = draft.stored ?? undefined;
  if (draft.group && draft.group !== stored) {
    for (const { part, bytes } of encodeGroup(draft.group, stored))
      put(draft, { table: 'groups', key: [record.id, ...part], value: bytes });
  }
  if (record !== before.record)
    put(draft, { table: 'conversations', key: [record.id], value: record });
  return [...draft.writes.values()];
}

export const isPending = (order: number | undefined): order is number =>
  order !== undefined && order > pendingBase;
