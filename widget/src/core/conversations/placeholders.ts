/** Rows that stand for what is not there: it could not be opened, never came, or is kept no longer. */
import { readHistory } from '../history/history.js';
import type { DeviceId, MessageId } from '../ids.js';
import type { Turn } from '../content/index.js';
import type { Message } from '../snapshot.js';
import type { Envelope } from '../transport/contract.js';
import { dropRow, messageAt, orderOf, putMessage, remember, update, type Draft } from './draft.js';
import { repairsMax, willAskAgain } from './repair.js';
import type { Spoiled } from './state.js';
import { hearUnread, missingId } from './turns.js';

type At = Pick<Envelope, 'seq' | 'storedAt'>;

function putPending(
  draft: Draft,
  id: MessageId,
  { seq, storedAt, pending }: At & { pending: boolean },
): void {
  putMessage(draft, {
    id,
    order: seq,
    at: storedAt,
    author: 'peer',
    status: 'stored',
    body: { type: 'undecryptable', pending },
  });
}

/** What cannot be opened is told of in its place, and asked for again with the other spoiled ones of the batch. */
export function putPlaceholder(draft: Draft, entry: Envelope, spoiled: Spoiled[]): void {
  const { id, seq, senderDevice: device } = entry;
  draft.context.log('warn', 'message_undecryptable', { conversation: draft.record.id, seq });
  noteUnread(draft, device);
  const pending = willAskAgain(draft, spoiled.length);
  if (pending) spoiled.push({ id, seq, device });
  putPending(draft, id, { ...entry, pending });
}

/** Whose number is not known is no longer expected: it is told of where it stands. */
export function noteUnread(draft: Draft, device: DeviceId): void {
  update(draft, { heard: hearUnread(draft.record.heard ?? [], device) });
}

/** What never came is told of before the one that shows it, and asked for with the spoiled ones of the batch.
 * @param count how many directly before `turn`. */
export function putMissing(
  draft: Draft,
  {
    device,
    turn,
    count,
    before,
  }: { device: DeviceId; turn: Turn; count: number; before: Envelope },
  spoiled: Spoiled[],
): void {
  draft.context.log('warn', 'messages_missing', { conversation: draft.record.id, count });
  const { storedAt } = before;
  // The log's positions are whole numbers, notices stand on even 2,048ths behind them: these on odd ones.
  const placeOf = (back: number): number => before.seq - (2 * back - 1) / 2048;
  if (count > repairsMax || !willAskAgain(draft, spoiled.length + count)) {
    putGap(draft, { seq: placeOf(1), storedAt });
    return;
  }
  for (let back = count; back > 0; back -= 1) {
    const missing = { run: turn.run, count: turn.count - back };
    const id = missingId(device, missing);
    spoiled.push({ id, seq: placeOf(back), device, turn: missing });
    putPending(draft, id, { seq: placeOf(back), storedAt, pending: true });
  }
}

/** The row that waits for this message: it was spoiled, or missing, when its place was passed.
 * @returns `undefined`: none does. */
export async function placeholderOf(draft: Draft, id: MessageId): Promise<Message | undefined> {
  const order = await orderOf(draft, id);
  const row = order === undefined ? null : await messageAt(draft, order);
  return row?.body.type === 'undecryptable' ? row : undefined;
}

/** It has come: it was nothing to be shown, or its own row takes this place. */
export async function removePlaceholder(draft: Draft, { id, order }: Message): Promise<void> {
  update(draft, { repairs: draft.record.repairs.filter((open) => open.id !== id) });
  dropRow(draft, order);
  remember(draft, id);
  draft.shown.delete(id);
  draft.removed.add(id);
  if (draft.record.last?.id !== id) return;
  const { context, record, shown } = draft;
  const { messages } = await readHistory(context.store, record.id, { before: order, limit: 1 });
  const before = [...messages, ...shown.values()].filter((row) => row.order < order);
  update(draft, { last: before.sort((a, b) => a.order - b.order).at(-1) ?? null });
}

/** One line for a run of entries that the server keeps no longer. */
export function putGap(draft: Draft, { seq, storedAt }: At): void {
  const isMore = seq === (draft.record.gapEnd ?? 0) + 1;
  update(draft, { gapEnd: seq });
  if (isMore) return;
  putMessage(draft, {
    id: `gap-${String(seq)}` as MessageId,
    order: seq,
    at: storedAt,
    author: 'peer',
    status: 'stored',
    body: { type: 'notice', notice: 'gap' },
  });
}
