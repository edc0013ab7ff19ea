/** Calls as rows of the history: the invitation is the row, and how the call went is written into it. */
import { encodeContent, type CallContent } from '../content/index.js';
import { isNews } from '../history/history.js';
import type { Address, CallId, ConversationId, DeviceId, MessageId } from '../ids.js';
import { enqueue } from '../outbox/entries.js';
import type { CallOutcome, Message } from '../snapshot.js';
import type { Key, Store } from '../store/contract.js';
import { messageAt, orderOf, put, putMessage, read, update, type Draft } from './draft.js';
import { newMessageId } from './message-id.js';
import type { ConversationRecord } from './state.js';

/** A call that nobody ended in so long, and that does not go on here, is over. */
const ringMs = 60_000;

const keyOf = (draft: Draft, callId: CallId) => [draft.record.id, 'call', callId];

export type CallWord = Omit<CallContent, 'id' | 'at' | 'type'>;

/** Says something of a call to the others, and writes it into this device's history.
 * @param at milliseconds since 1970, as far as possible by the server's clock. */
export async function sayOfCall(draft: Draft, word: CallWord, at: number): Promise<void> {
  const id = newMessageId();
  const content: CallContent = { type: 'call', id, at, ...word };
  const order = await enqueue(draft, id, encodeContent(content));
  put(draft, { table: 'calls', key: saidKey(draft), value: content });
  if (word.action === 'end') await endRow(draft, word);
  if (word.action !== 'invite') return;
  await putInvitation(draft, { id, callId: word.callId });
  const { callId, video } = word;
  const body = { type: 'call' as const, callId, video, outcome: 'ongoing' as const, seconds: 0 };
  putMessage(draft, { id, order, at, author: 'self', status: 'sending', body });
  update(draft, { activeAt: Math.max(draft.record.activeAt, at) });
}

const saidKey = (draft: Draft): Key => [draft.record.id, 'said'];

/** What this device said last of calls, should the others ask for it again. */
export async function saidOfCall(
  draft: Draft,
  id: MessageId | undefined,
): Promise<CallContent | null> {
  const said = (await read(draft, 'calls', saidKey(draft))) as CallContent | undefined;
  return said !== undefined && said.id === id ? said : null;
}

/** Remembers which row a call has. Another begins only when the one before is over, even if nobody said so. */
export async function putInvitation(
  draft: Draft,
  { id, callId }: { id: MessageId; callId: CallId },
): Promise<void> {
  await expireCall(draft, -Infinity);
  put(draft, { table: 'calls', key: keyOf(draft, callId), value: id });
  update(draft, { openCall: id });
}

/** An invitation of another person that nothing has ended yet. */
export interface OpenRing {
  content: CallContent;
  sender: { address: Address; deviceId: DeviceId };
}

const ringKey = (conversationId: ConversationId): Key => [conversationId, 'ring'];

/** Keeps who rang, for a client that starts while it rings: the log gives each invitation only once. */
export function putRing(draft: Draft, { content, sender }: OpenRing): void {
  const { address, deviceId } = sender;
  const value: OpenRing = { content, sender: { address, deviceId } };
  put(draft, { table: 'calls', key: ringKey(draft.record.id), value });
}

/** The latest invitation in a conversation, while its call is open. */
export async function openRing(
  store: Store,
  { id, openCall }: Pick<ConversationRecord, 'id' | 'openCall'>,
): Promise<OpenRing | null> {
  if (openCall === undefined) return null;
  const ring = (await store.get('calls', ringKey(id))) as OpenRing | undefined;
  return ring?.content.id === openCall ? ring : null;
}

async function rowOf(draft: Draft, id: MessageId | undefined): Promise<Message | null> {
  const order = id === undefined ? undefined : await orderOf(draft, id);
  return order === undefined ? null : messageAt(draft, order);
}

export interface CallEnd {
  callId: CallId;
  outcome?: CallOutcome | undefined;
  seconds?: number | undefined;
  /** `false`: nobody who was in it says so. What is written already stands, but for its length. */
  isSaid?: boolean;
}

/** Writes how a call went into its row. The caller's "cancelled" is "missed" to whom it rang at. */
export async function endRow(draft: Draft, how: CallEnd): Promise<void> {
  const id = (await read(draft, 'calls', keyOf(draft, how.callId))) as MessageId | undefined;
  const row = await rowOf(draft, id);
  if (row?.body.type !== 'call') return;
  const { outcome: given = 'ended', seconds = 0, isSaid = true } = how;
  const isWritten = row.body.outcome !== 'ongoing';
  const outcome = isWritten && !isSaid ? row.body.outcome : given;
  const shown = row.author === 'peer' && outcome === 'cancelled' ? 'missed' : outcome;
  const ended = putMessage(draft, {
    ...row,
    body: { ...row.body, outcome: shown, seconds: Math.max(seconds, row.body.seconds) },
  });
  if (row.order > draft.record.readUpTo) {
    const { unread } = draft.record;
    update(draft, { unread: Math.max(0, unread + Number(isNews(ended)) - Number(isNews(row))) });
  }
  if (draft.record.openCall === id) closeCall(draft);
}

function closeCall(draft: Draft): void {
  const { openCall: _closed, ...rest } = draft.record;
  draft.record = rest;
}

/** After a reload, or when a call's end never came: a row must not say for ever that the call goes on. */
export async function expireCall(draft: Draft, afterMs = ringMs): Promise<void> {
  const row = await rowOf(draft, draft.record.openCall);
  if (draft.record.openCall === undefined) return;
  if (row?.body.type !== 'call' || row.body.outcome !== 'ongoing') {
    closeCall(draft);
    return;
  }
  const { callId } = row.body;
  if (draft.context.inCall(callId) || draft.context.clock.now() - row.at < afterMs) return;
  await endRow(draft, { callId, outcome: row.author === 'peer' ? 'missed' : 'ended' });
}
