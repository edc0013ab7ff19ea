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
import { putMessage, remember, update, type Draft } from './draft.js';
import { endRow, putInvitation, putRing } from './call-rows.js';
import { removePlaceholder, repaired, sayAgain } from './repair.js';

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
): Promise<void> {
  let content: Content;
  try {
    content = decodeContent(bytes);
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    remember(draft, entry.id);
    return;
  }
  // The envelope's id is the server's word; the one inside is the sender's.
  if (content.id !== entry.id) {
    remember(draft, entry.id);
    return;
  }
  await take(draft, content, { sender, order: entry.seq, storedAt: entry.storedAt });
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
      const answer = await repaired(draft, content, place.sender);
      if (answer === null) return;
      const { original, placeholder } = answer;
      if (original.type === 'profile' || (original.type === 'call' && original.action === 'end')) {
        removePlaceholder(draft, placeholder);
      }
      await take(draft, original, { ...place, order: placeholder.order, storedAt: placeholder.at });
      return;
    }
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
  const at = Math.max(Math.min(said.at, storedAt), storedAt - delayMaxMs);
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
    putInvitation(draft, { id, callId });
    putRing(draft, { content, sender: place.sender });
    return;
  }
  remember(draft, id);
  await endRow(draft, content);
}
