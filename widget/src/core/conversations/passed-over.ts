/** What was said in the part of a log that a device passes over when it joins by a commit: asked for again where it was
 * meant for this device, else shown as a gap. Nothing is lost without a word. */
import type { Context } from '../context.js';
import { confirm, makeRoom } from '../outbox/entries.js';
import type { Envelope } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';
import { pendingCommit } from './pending-commit.js';
import type { Conversation } from './conversation.js';
import { orderOf, update, type Draft } from './draft.js';
import { putGap, putPlaceholder } from './placeholders.js';
import { askAgain, repairsMax } from './repair.js';
import type { ConversationRecord, Spoiled } from './state.js';
import { hearUnread, type Heard } from './turns.js';

export interface PassedOver {
  /** Everything of the log up to here was looked at. */
  upTo: number;
  /** The newest ones that can be asked for. */
  missed: Envelope[];
  /** The newest of those that are lost: kept no longer, said by an older copy of this device, or too many. */
  lost: Envelope | null;
  /** Whether there is something that this device did and this store knows nothing of. */
  copied: boolean;
  /** What was heard of the others, with those that could not be read. */
  heard: readonly Heard[];
}

export const nothingPassedOver = ({ cursor, heard = [] }: ConversationRecord): PassedOver => ({
  upTo: cursor,
  missed: [],
  lost: null,
  copied: false,
  heard,
});

interface Stretch {
  context: Context;
  conversation: Conversation;
  /** Where what was meant for this device begins; `null`: it was never in, and all of it is others' past. */
  since: number | null;
  /** The log position to stop before. Without: where the log ends at the first answer. */
  end?: number;
}

/** Looks through the log after `upTo`, and confirms what this device sent itself: it must not be sent twice. While the
 * server is waited for, the conversation is free. */
export async function passOver(
  passed: PassedOver,
  { context, conversation, since, end }: Stretch,
): Promise<void> {
  const { id: conversationId } = conversation.record;
  let stop = end ?? Infinity;
  while (passed.upTo + 1 < stop) {
    const page = await context.connection().pull({ conversationId, after: passed.upTo });
    // A log that has gone back is joined at no place.
    if (page.head < passed.upTo) throw new TransportError('answer_malformed');
    // Whoever writes without end is not followed: what comes later comes before the commit, or after it.
    stop = Math.min(stop, page.head + 1);
    const entries = page.entries.filter(({ seq }) => seq < stop);
    await conversation.change(async (draft) => {
      for (const entry of entries) {
        if (entry.seq !== passed.upTo + 1) throw new TransportError('answer_malformed');
        passed.upTo = entry.seq;
        await look(draft, passed, { entry, isMeant: since !== null && entry.seq > since });
      }
    });
    if (entries.length === 0) return;
    // One line tells it all, and nothing of this device's is in there.
    if (end === undefined && since === null && passed.lost !== null) passed.upTo = page.head;
  }
}

async function look(
  draft: Draft,
  passed: PassedOver,
  { entry, isMeant }: { entry: Envelope; isMeant: boolean },
): Promise<void> {
  const isOwn = entry.senderDevice === draft.context.identity().deviceId;
  await makeRoom(draft, entry);
  if (entry.kind === 'commit') {
    passed.copied ||= isOwn && !(await madeHere(draft, entry.id));
    return;
  }
  if (isOwn && (await confirm(draft, entry.id, entry))) return;
  passed.copied ||= isOwn;
  if ((await orderOf(draft, entry.id)) !== undefined) return;
  // Only its sender can say it again, and this device is that one no more.
  if (isOwn || !isMeant || entry.ciphertext === null) {
    lose(passed, entry, isOwn);
    return;
  }
  passed.missed.push({ ...entry, ciphertext: null });
  const tooMany = passed.missed.length > repairsMax ? passed.missed.shift() : undefined;
  if (tooMany !== undefined) lose(passed, tooMany, false);
}

function lose(passed: PassedOver, entry: Envelope, isOwn: boolean): void {
  passed.lost = entry;
  if (!isOwn) passed.heard = hearUnread(passed.heard, entry.senderDevice);
}

/** A commit of this device that its store knows of: it is no copy, it only stopped before the answer came. */
async function madeHere(draft: Draft, id: Envelope['id']): Promise<boolean> {
  return (draft.record.joins ?? []).includes(id) || (await pendingCommit(draft))?.id === id;
}

/** Asks for what was passed over, and shows where something stays missing. To be called once the device is in. */
export async function tellPassedOver(
  draft: Draft,
  { missed, lost, heard }: PassedOver,
): Promise<void> {
  update(draft, { heard: [...heard] });
  if (lost !== null) putGap(draft, lost);
  const spoiled: Spoiled[] = [];
  for (const entry of missed) {
    // Two of one id are the server's word: its sender's counting tells of the other.
    if ((await orderOf(draft, entry.id)) === undefined) putPlaceholder(draft, entry, spoiled);
  }
  await askAgain(draft, spoiled);
}
