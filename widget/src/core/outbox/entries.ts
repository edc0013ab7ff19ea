/** The outbox: what this device said and the server has not confirmed yet, with the exact bytes to send. */
import { withTurn, type Turn } from '../content/index.js';
import type { MessageId } from '../ids.js';
import { encrypt } from '../mls/index.js';
import { ProblemError, type MessageStatus } from '../snapshot.js';
import type { Envelope } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';
import {
  dropRow,
  groupOf,
  isPending,
  messageAt,
  orderOf,
  otherAt,
  put,
  putMessage,
  read,
  remember,
  setGroup,
  update,
  type Draft,
  type MessageRow,
} from '../conversations/draft.js';
import { notShown, pendingBase, type ConversationRecord } from '../conversations/state.js';
import type { Key } from '../store/contract.js';
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

/** Drafts a message: encrypted at once where there is a group to encrypt it for, and nothing before it waits to be.
 * @returns the order at which it waits.
 * @throws ProblemError `key_changed`: a leaf of the group is not of the pinned keys. */
export async function enqueue(draft: Draft, id: MessageId, content: Uint8Array): Promise<number> {
  const position = draft.record.nextPosition;
  update(draft, { nextPosition: position + 1 });
  remember(draft, id, pendingOrder(position));
  const entry = { id, content, turn: takeTurn(draft, id) };
  // Keys in the order of sending: receivers keep few of those that were passed over.
  const before = (await entryAt(draft, position - 1)) ?? (await lastEntry(draft));
  const value = before?.ciphertext === null ? unsealed(entry) : await seal(draft, entry);
  put(draft, { table: 'outbox', key: [draft.record.id, position], value });
  return pendingOrder(position);
}

const entryAt = async (draft: Draft, position: number) =>
  (await read(draft, 'outbox', [draft.record.id, position])) as OutboxEntry | undefined;

/** The last one that waits, of those that waited before this draft: what was taken back left a hole behind it. */
async function lastEntry(draft: Draft): Promise<OutboxEntry | undefined> {
  const prefix = [draft.record.id];
  const asked =
    draft.reads.get('last') ??
    draft.context.store.range('outbox', { prefix, reverse: true, limit: 1 });
  draft.reads.set('last', asked);
  const [last] = (await asked) as { key: Key }[];
  return last && ((await read(draft, 'outbox', last.key)) as OutboxEntry | undefined);
}

type Unsealed = Pick<OutboxEntry, 'id' | 'content' | 'turn'>;

const unsealed = ({ id, content, turn }: Unsealed): OutboxEntry => ({
  id,
  content,
  ...(turn && { turn }),
  epoch: 0,
  ciphertext: null,
});

async function seal(draft: Draft, entry: Unsealed): Promise<OutboxEntry> {
  const { content, turn } = entry;
  const group = draft.record.state === 'ready' ? await groupOf(draft) : null;
  if (group === null) return unsealed(entry);
  if (!isTrusted(draft.context, draft.record.peer, group))
    throw new ProblemError({ code: 'key_changed' });
  // It waits for the log in the clear, in the store that keeps its row in the clear as well.
  if (!draft.context.settled(draft.record.id)) return unsealed(entry);
  const sealed = await encrypt(group, turn ? withTurn(content, turn) : content);
  setGroup(draft, sealed.group, sealed.consumed);
  return { ...unsealed(entry), epoch: group.epoch, ciphertext: sealed.ciphertext };
}

/** One that can be sent, and where it waits. */
export type SealedEntry = OutboxEntry & { ciphertext: Uint8Array; key: Key };

/** The next ones to send, encrypted, in the order of writing.
 * @param stale the first of those that were sent last: the server never took it, since its epoch was too old. So it took
 *   none that follows it, and all are encrypted anew, unless that has happened already. */
export async function nextEntries(
  draft: Draft,
  { limit, stale }: { limit: number; stale?: OutboxEntry | undefined },
): Promise<SealedEntry[]> {
  if (waitsForOthers(draft.record)) return [];
  const rows = await waiting(draft, stale === undefined ? limit : outboxEntriesMax);
  const [first] = rows;
  const isStale = first?.value.id === stale?.id && first?.value.epoch === stale?.epoch;
  const entries: SealedEntry[] = [];
  for (const [index, { key, value: before }] of rows.entries()) {
    let entry = isStale ? unsealed(before) : before;
    if (entry.ciphertext === null && index < limit) entry = await seal(draft, entry);
    if (entry !== before) put(draft, { table: 'outbox', key, value: entry });
    const { ciphertext } = entry;
    // None goes before one that cannot be sent yet.
    const isNext = index < limit && entries.length === index;
    if (ciphertext !== null && isNext) entries.push({ ...entry, ciphertext, key });
  }
  return entries;
}

async function waiting(draft: Draft, limit: number): Promise<{ key: Key; value: OutboxEntry }[]> {
  const rows = await draft.context.store.range('outbox', { prefix: [draft.record.id], limit });
  return rows.map(({ key, value }) => ({ key, value: value as OutboxEntry }));
}

/** The log holds it at this place, and its word counts, whatever was answered when it was sent.
 * @returns `false` for an id that this device never sent. */
export async function confirm(
  draft: Draft,
  id: MessageId,
  { seq }: { seq: number },
): Promise<boolean> {
  const order = await orderOf(draft, id);
  if (order === undefined) return false;
  // Another one of it further on says nothing new.
  if (order <= seq) return true;
  if (!isPending(order)) tellUntrue(draft);
  await store(draft, id, { order, seq });
  return true;
}

/** The server says that it has them, sent in this order. Several at a time, so that what stands where they stood and
 * will stand is read together.
 * @throws TransportError `answer_malformed`: the log has it elsewhere, or is heard up to there already; they do not follow
 *   one another; something else stands there. */
export async function confirmAll(
  draft: Draft,
  places: readonly (Pick<SealedEntry, 'id' | 'key'> & { seq: number })[],
): Promise<void> {
  // As long as this device has to join again the log alone counts: what is not in there is sent anew.
  if (draft.record.state === 'out') return;
  await Promise.all(
    places.map(async ({ id, key, seq }) => {
      const order = await orderOf(draft, id);
      if (!isPending(order)) await read(draft, 'outbox', key);
      else await Promise.all([messageAt(draft, order), messageAt(draft, seq)]);
    }),
  );
  let before = draft.record.cursor;
  for (const { id, key, seq } of places) {
    let order = await orderOf(draft, id);
    let after = before;
    // The log may have been faster, and tells where it stands.
    if (order === undefined || order === notShown || order === seq) {
      if ((await read(draft, 'outbox', key)) === undefined) continue;
      put(draft, { table: 'outbox', key, value: undefined });
      if (order !== notShown) continue;
      // An envelope took its id, in an earlier version: its row waits all the same, wherever the log is heard up to.
      order = pendingOrder(key[1] as number);
      after = 0;
    }
    if (!isPending(order) || seq <= after || (await otherAt(draft, id, seq)) !== null)
      throw new TransportError('answer_malformed');
    await store(draft, id, { order, seq });
    before = Math.max(before, seq);
  }
}

/** The log holds something else where the server said that a message of this device stands: that counts as not sent, for
 * the person to say again, and is not written over.
 * @throws TransportError `answer_malformed`: what stands there was heard already. */
export async function makeRoom(
  draft: Draft,
  { id, seq }: Pick<Envelope, 'id' | 'seq'>,
): Promise<void> {
  const other = await otherAt(draft, id, seq);
  if (other === null) return;
  if (other.author !== 'self') throw new TransportError('answer_malformed');
  await takeBack(draft, other);
  tellUntrue(draft);
}

/** The log is known up to here, and what the server named places behind it for is not in there: as long as it does not
 * come, it counts as not sent. */
export async function takeBackAfter(draft: Draft, seq: number): Promise<void> {
  const { id, answered = 0 } = draft.record;
  if (answered <= seq) return;
  const behind = { prefix: [id], after: [id, seq], limit: outboxEntriesMax };
  for (const { key, value } of await draft.context.store.range('messages', behind)) {
    const order = key[1] as number;
    if (!isPending(order)) await takeBack(draft, { id: (value as MessageRow).id, order });
  }
  update(draft, { answered: seq });
}

async function takeBack(
  draft: Draft,
  { id, order }: { id: MessageId; order: number },
): Promise<void> {
  const { nextPosition } = draft.record;
  update(draft, { nextPosition: nextPosition + 1 });
  await leave(draft, id, { order, nextOrder: pendingOrder(nextPosition), status: 'failed' });
}

function tellUntrue({ context, record, settled }: Draft): void {
  context.log('error', 'answer_untrue', { conversation: record.id });
  settled.push(() => {
    context.problem({ code: 'answer_malformed' });
  });
}

async function store(
  draft: Draft,
  id: MessageId,
  { order, seq }: { order: number; seq: number },
): Promise<void> {
  await leave(draft, id, { order, nextOrder: seq, status: 'stored' });
  update(draft, { answered: Math.max(seq, draft.record.answered ?? 0) });
  // Where it is, should somebody ask for it again.
  if ((await messageAt(draft, seq)) === null)
    put(draft, { table: 'message_ids', key: [draft.record.id, 'own', seq], value: id });
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
  const { id: conversation } = draft.record;
  if (isPending(to.order))
    put(draft, { table: 'outbox', key: [conversation, to.order - pendingBase], value: undefined });
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

/** How many more may wait. What the next one has to know besides is read at the same time. */
export async function roomIn(draft: Draft): Promise<number> {
  const { nextPosition } = draft.record;
  const [[first]] = await Promise.all([
    waiting(draft, 1),
    entryAt(draft, nextPosition - 1),
    lastEntry(draft),
  ]);
  return outboxEntriesMax - (first === undefined ? 0 : nextPosition - (first.key[1] as number));
}
