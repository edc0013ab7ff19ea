/** What a decrypted message does to its conversation. */
import {
  cleanDisplayName,
  ContentError,
  decodeContent,
  type CallContent,
  type Content,
} from '../content/index.js';
import { isNews } from '../history/history.js';
import type { Member } from '../mls/index.js';
import type { Message } from '../snapshot.js';
import type { Envelope } from '../transport/contract.js';
import { orderOf, putMessage, putNotice, remember, update, type Draft } from './draft.js';
import { endRow, putInvitation, putRing } from './call-rows.js';
import { noteUnread, placeholderOf, putMissing, removePlaceholder } from './placeholders.js';
import { answeredId, sayAgain, sayMissing } from './repair.js';
import type { Spoiled } from './state.js';
import { hear, missingId } from './turns.js';

/** How long a message may have waited in its sender's outbox and still keep the sender's time. */
const delayMaxMs = 30 * 24 * 3_600_000;

/** How old a message may be to be announced as it arrives. */
const newsMs = 2 * 60_000;

export interface Spoken {
  content: Uint8Array;
  /** Who said it, as MLS proves. */
  sender: Member;
  entry: Envelope;
}

/** Takes one message's content. Content that makes no sense leaves a place and nothing else: its sender is at fault,
 * and asking again would bring the same. */
export async function takeContent(
  draft: Draft,
  { content: bytes, sender, entry }: Spoken,
  spoiled: Spoiled[],
): Promise<void> {
  let content: Content;
  try {
    content = decodeContent(bytes);
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    // The server's word: it must not take the place of what waits here under that id.
    if ((await orderOf(draft, entry.id)) === undefined) remember(draft, entry.id);
    noteUnread(draft, sender.deviceId);
    return;
  }
  const late = await takeTurn(draft, { content, sender, entry }, spoiled);
  // The envelope's id is the server's word; the one inside is the sender's, and counts.
  const placeholder = late ?? (await placeholderOf(draft, content.id));
  await fill(draft, content, { sender, order: entry.seq, storedAt: entry.storedAt, placeholder });
}

/** Follows the sender's counting: what should have come before is missing.
 * @returns the row that waits for this one, where it is late. */
async function takeTurn(
  draft: Draft,
  { content: { turn, id }, sender, entry }: Omit<Spoken, 'content'> & { content: Content },
  spoiled: Spoiled[],
): Promise<Message | undefined> {
  if (turn === undefined) return undefined;
  const { deviceId: device } = sender;
  const { heard: before = [], whole = false } = draft.record;
  const { heard, missing, amongUnread, late } = hear(before, device, { turn, whole });
  if (heard !== before) update(draft, { heard });
  if (missing > 0) {
    putMissing(draft, { device, turn, count: missing, before: entry }, spoiled);
    if (amongUnread) putNotice(draft, 'disordered', entry.seq - 1);
  }
  if (!late) return undefined;
  const placeholder = await placeholderOf(draft, missingId(device, turn));
  const isNew = placeholder === undefined && (await orderOf(draft, id)) === undefined;
  if (isNew) putNotice(draft, 'disordered', entry.seq - 1);
  return placeholder;
}

/** Takes a content where it belongs: in the place that was kept for it, or where the log has it. Once. */
async function fill(
  draft: Draft,
  content: Content,
  { placeholder, ...place }: Place & { placeholder: Message | undefined },
): Promise<void> {
  if (placeholder !== undefined) await removePlaceholder(draft, placeholder);
  const known = await orderOf(draft, content.id);
  if (known !== undefined && content.id !== placeholder?.id) return;
  const { order, at: storedAt } = placeholder ?? { order: place.order, at: place.storedAt };
  await take(draft, content, { ...place, order, storedAt });
}

interface Place {
  sender: Member;
  order: number;
  storedAt: number;
}

async function take(draft: Draft, content: Content, place: Place): Promise<void> {
  switch (content.type) {
    case 'text':
      putSaid(draft, content, { ...place, body: { type: 'text', text: content.text } });
      return;
    case 'call':
      await takeCall(draft, content, place);
      return;
    case 'profile':
      remember(draft, content.id);
      if (place.sender.address === draft.record.peer) takeName(draft, content.displayName);
      return;
    case 'resend':
      remember(draft, content.id);
      await sayAgain(draft, content);
      return;
    case 'again': {
      remember(draft, content.id);
      const asked = answeredId(draft, content, place.sender);
      const placeholder = asked && (await placeholderOf(draft, asked));
      if (placeholder) await fill(draft, content.original, { ...place, placeholder });
      return;
    }
    case 'missing':
      remember(draft, content.id);
      await sayMissing(draft, content);
      return;
    case 'unknown':
      remember(draft, content.id);
      return;
  }
}

/** A row in the history, counted as unread when it is news. */
function putSaid(
  draft: Draft,
  said: { id: Content['id']; at: number },
  place: Place & { body: Message['body'] },
): void {
  const { sender, order, storedAt, body } = place;
  const author = sender.address === draft.record.peer ? 'peer' : 'self';
  // The server's date can make nothing older than its sender says, and neither can put it into the future.
  const now = draft.context.time();
  const at = Math.min(now, Math.max(said.at, Math.min(now, storedAt) - delayMaxMs));
  const message = putMessage(draft, { id: said.id, order, at, author, status: 'stored', body });
  update(draft, { activeAt: Math.max(draft.record.activeAt, at) });
  if (!isNews(message) || order <= draft.record.readUpTo) return;
  update(draft, { unread: draft.record.unread + 1 });
  // Announced only if it is news: not each of those that waited for days.
  if (draft.context.time() - storedAt < newsMs) draft.arrived.push(message);
}

function takeName(draft: Draft, name: string): void {
  const { peerName: _old, ...rest } = draft.record;
  const displayName = cleanDisplayName(name);
  draft.record = displayName === '' ? rest : { ...rest, peerName: displayName };
}

async function takeCall(draft: Draft, content: CallContent, place: Place): Promise<void> {
  const { id, callId, video, action } = content;
  draft.calls.push({ content, sender: place.sender });
  if (action === 'invite') {
    const body = { type: 'call' as const, callId, video, outcome: 'ongoing' as const, seconds: 0 };
    putSaid(draft, content, { ...place, body });
    await putInvitation(draft, { id, callId });
    putRing(draft, { content, sender: place.sender });
    return;
  }
  remember(draft, id);
  if (action === 'end') await endRow(draft, content);
}
