/** The outbox: what this device said and the server has not confirmed yet, with the exact bytes to send. */
import { withTurn, type Turn } from '../content/index.js';
import type { MessageId } from '../ids.js';
import { encrypt } from '../mls/index.js';
import { ProblemError, type MessageStatus } from '../snapshot.js';
import { TransportError } from '../transport/errors.js';
import {
  dropRow,
  groupOf,
  isPending,
  isTaken,
  messageAt,
  orderOf,
  put,
  putMessage,
  read,
  remember,
  setGroup,
  update,
  type Draft,
} from '../conversations/draft.js';
import { pendingBase, type ConversationRecord } from '../conversations/state.js';
import { newRun } from '../conversations/turns.js';
import { isTrusted } from '../conversations/trust.js';

export interface OutboxEntry {
  id: MessageId;
  /** Encoded content: to encrypt it again under a later epoch, should the server refuse this one as too old. */
  content: Uint8Array;
  epoch: number;
  /** `null`: waits for the conversation to begin, or for its log to be heard. A retry sends the same bytes. */
  ciphertext: Uint8Array | null;
  /** Stays the same when it is encrypted again. Absent from what waits since an earlier version. */
  turn?: Turn;
}

/** More than a person writes while offline. */
export const outboxEntriesMax = 2_000;

export const pendingOrder = (position: number): number => pendingBase + position;

/** So many of what this device said last can be asked for by their turn. */
const saidMax = 256;

const saidKey = (draft: Draft, { count }: Turn) => [draft.record.id, 'said', count % saidMax];

/** Counts one more content. It is sent in the order of counting. */
export function takeTurn(draft: Draft, id: MessageId): Turn {
  const { run, count } = draft.record.said ?? { run: newRun(), count: 0 };
  const turn = { run, count: count + 1 };
  update(draft, { said: turn });
  put(draft, { table: 'message_ids', key: saidKey(draft, turn), value: { ...turn, id } });
  return turn;
}

/** What this device said at that turn. `null`: another device did, or it is too long ago. */
export async function saidAt(draft: Draft, turn: Turn): Promise<MessageId | null> {
  const said = (await read(draft, 'message_ids', saidKey(draft, turn))) as
    (Turn & { id: MessageId }) | undefined;
  return said?.run === turn.run && said.count === turn.count ? said.id : null;
}

/** Drafts a message: encrypted at once where there is a group to encrypt it for.
 * @returns the order at which it waits.
 * @throws ProblemError `key_changed`: a leaf of the group is not of the pinned keys. */
export async function enqueue(draft: Draft, id: MessageId, content: Uint8Array): Promise<number> {
  const position = draft.record.nextPosition;
  update(draft, { nextPosition: position + 1 });
  remember(draft, id, pendingOrder(position));
  put(draft, {
    table: 'outbox',
    key: [draft.record.id, position],
    value: await seal(draft, { id, content, turn: takeTurn(draft, id) }),
  });
  return pendingOrder(position);
}

async function seal(
  draft: Draft,
  { id, content, turn }: Pick<OutboxEntry, 'id' | 'content' | 'turn'>,
): Promise<OutboxEntry> {
  const entry = { id, content, ...(turn && { turn }) };
  const group = draft.record.state === 'ready' ? await groupOf(draft) : null;
  if (group === null) return { ...entry, epoch: 0, ciphertext: null };
  if (!isTrusted(draft.context, draft.record.peer, group))
    throw new ProblemError({ code: 'key_changed' });
  // It waits for the log in the clear, in the store that keeps its row in the clear as well.
  if (!draft.context.settled(draft.record.id)) return { ...entry, epoch: 0, ciphertext: null };
  const sealed = await encrypt(group, turn ? withTurn(content, turn) : content);
  setGroup(draft, sealed.group, sealed.consumed);
  return { ...entry, epoch: group.epoch, ciphertext: sealed.ciphertext };
}

/** The next one to send, encrypted. `staleEpoch`: the server never took it, since its epoch was too old; it is encrypted
 * anew, unless that has happened already. */
export async function nextEntry(draft: Draft, staleEpoch?: number): Promise<OutboxEntry | null> {
  const { id: conversation } = draft.record;
  const [row] = await draft.context.store.range('outbox', { prefix: [conversation], limit: 1 });
  if (row === undefined) return null;
  const entry = row.value as OutboxEntry;
  if (entry.ciphertext !== null && entry.epoch !== staleEpoch) return entry;
  const sealed = await seal(draft, entry);
  put(draft, { table: 'outbox', key: row.key, value: sealed });
  return sealed;
}

/** The server has it: it takes its place in the log. Called for the answer and for the entry in the log, whichever
 * comes first; the second changes nothing.
 * @returns `false` for an id that this device never sent.
 * @throws TransportError `answer_malformed`: something else stands at that place. */
export async function confirm(
  draft: Draft,
  id: MessageId,
  sent: { seq: number },
): Promise<boolean> {
  const order = await orderOf(draft, id);
  if (order === undefined) return false;
  if (!isPending(order)) return true;
  if (await isTaken(draft, id, sent.seq)) throw new TransportError('answer_malformed');
  await leave(draft, id, { order, nextOrder: sent.seq, status: 'stored' });
  // Where it is, should somebody ask for it again.
  if ((await messageAt(draft, sent.seq)) === null)
    put(draft, { table: 'message_ids', key: [draft.record.id, 'own', sent.seq], value: id });
  return true;
}

/** Given up: it stays visible, for the person to retry or discard. */
export async function giveUp(draft: Draft, id: MessageId): Promise<void> {
  const order = await orderOf(draft, id);
  if (isPending(order)) await leave(draft, id, { order, nextOrder: order, status: 'failed' });
}

async function leave(
  draft: Draft,
  id: MessageId,
  to: { order: number; nextOrder: number; status: MessageStatus },
): Promise<void> {
  put(draft, { table: 'outbox', key: [draft.record.id, to.order - pendingBase], value: undefined });
  const message = await messageAt(draft, to.order);
  if (message === null) {
    remember(draft, id);
    return;
  }
  if (to.nextOrder !== to.order) dropRow(draft, to.order);
  putMessage(draft, {
    ...message,
    order: to.nextOrder,
    status: to.status,
  });
}

/** Takes a failed message away. `null`: not failed (any more). */
export async function takeFailed(draft: Draft, id: MessageId) {
  const order = await orderOf(draft, id);
  const message = order === undefined ? null : await messageAt(draft, order);
  if (order === undefined || message?.status !== 'failed') return null;
  dropRow(draft, order);
  put(draft, { table: 'message_ids', key: [draft.record.id, id], value: undefined });
  draft.removed.add(id);
  return message;
}

export const waitsForOthers = ({ state, stuck }: ConversationRecord): boolean =>
  state !== 'ready' || stuck !== undefined;

/** Whether one more may wait. */
export async function hasRoom(draft: Draft): Promise<boolean> {
  const [first] = await draft.context.store.range('outbox', {
    prefix: [draft.record.id],
    limit: 1,
  });
  return (
    first === undefined || draft.record.nextPosition - (first.key[1] as number) < outboxEntriesMax
  );
}
