/** Messages that could not be opened: asked for again, answered, and given up on.
 *
 * A server that spoils everything must not be able to make two clients ask each other for ever: requests are bounded
 * by number and by time. */
import { encodeContent, type AgainContent, type ResendContent } from '../content/index.js';
import type { MessageId } from '../ids.js';
import type { Member } from '../mls/index.js';
import type { Message } from '../snapshot.js';
import type { Envelope } from '../transport/contract.js';
import { enqueue, hasRoom } from '../outbox/entries.js';
import { dropRow, messageAt, putMessage, read, remember, update, type Draft } from './draft.js';
import { newMessageId } from './message-id.js';

/** Open requests at a time, and requests within an hour. */
export const repairsMax = 50;
const requestsPerHourMax = 30;
const hourMs = 3_600_000;
/** The sender may be away for a while; after this the sentence says that it is lost. */
export const repairTimeoutMs = 24 * hourMs;

function recentRequests(draft: Draft): number[] {
  const since = draft.context.clock.now() - hourMs;
  return draft.record.repairTimes.filter((time) => time > since);
}

/** Whether one more spoiled message may be asked for. @param more those of the same batch. */
export function willAskAgain(draft: Draft, more: number): boolean {
  return (
    draft.record.repairs.length + more < repairsMax &&
    recentRequests(draft).length < requestsPerHourMax
  );
}

/** One request for all spoiled entries of a batch. */
export async function askAgain(draft: Draft, spoiled: readonly Envelope[]): Promise<void> {
  if (spoiled.length === 0) return;
  const askedAt = draft.context.clock.now();
  const repairs = spoiled.map(({ id, seq, senderDevice }) => ({
    id,
    seq,
    askedAt,
    device: senderDevice,
  }));
  update(draft, {
    repairs: [...draft.record.repairs, ...repairs],
    repairTimes: [...recentRequests(draft), askedAt],
  });
  const id = newMessageId();
  const content = { type: 'resend' as const, id, at: askedAt, seqs: spoiled.map(({ seq }) => seq) };
  await enqueue(draft, id, encodeContent(content));
}

/** What an honest device asks for in an hour: as much as it may have open at a time, twice. */
const answersPerHourMax = 2 * repairsMax;

/** Counts one more answer, if it may still be given: a member who asks for ever must not have this device encrypt,
 * store and send for ever. */
async function takeAnswer(draft: Draft): Promise<boolean> {
  const now = draft.context.clock.now();
  const { answers } = draft.record;
  const { since, count } =
    answers !== undefined && now - answers.since < hourMs ? answers : { since: now, count: 0 };
  if (count >= answersPerHourMax || !(await hasRoom(draft))) return false;
  update(draft, { answers: { since, count: count + 1 } });
  return true;
}

/** Says again what this device said at those places; what it does not have, another device may. */
export async function sayAgain(draft: Draft, request: ResendContent): Promise<void> {
  for (const seq of new Set(request.seqs)) {
    const original = await originalOf(draft, seq);
    if (original === null) continue;
    if (!(await takeAnswer(draft))) return;
    const id = newMessageId();
    await enqueue(
      draft,
      id,
      encodeContent({ type: 'again', id, at: draft.context.time(), seq, original }),
    );
  }
}

async function originalOf(draft: Draft, seq: number): Promise<AgainContent['original'] | null> {
  const message = await messageAt(draft, seq);
  const at = draft.context.time();
  if (message?.author === 'self') {
    const { id, body } = message;
    if (body.type === 'text') return { type: 'text', id, at: message.at, text: body.text };
    if (body.type === 'call')
      return {
        type: 'call',
        id,
        at: message.at,
        callId: body.callId,
        action: 'invite',
        video: body.video,
      };
  }
  const id = (await read(draft, 'message_ids', [draft.record.id, 'own', seq])) as
    MessageId | undefined;
  // Nothing that is shown (a profile, a request): the name again tells the other that nothing is missing.
  return id === undefined
    ? null
    : { type: 'profile', id, at, displayName: draft.context.displayName() ?? '' };
}

/** Takes the answer to a request, in the place of what was spoiled.
 * @returns what it was, for the caller to take; `null` when nobody asked, or somebody else answers. */
export async function repaired(
  draft: Draft,
  answer: AgainContent,
  sender: Member,
): Promise<{ original: AgainContent['original']; placeholder: Message } | null> {
  const repair = draft.record.repairs.find(({ seq }) => seq === answer.seq);
  const { original } = answer;
  if (repair?.device !== sender.deviceId || repair.id !== original.id) return null;
  const placeholder = await messageAt(draft, repair.seq);
  if (placeholder?.body.type !== 'undecryptable') return null;
  update(draft, { repairs: draft.record.repairs.filter((other) => other !== repair) });
  return { original, placeholder };
}

/** The spoiled one was nothing to be shown. */
export function removePlaceholder(draft: Draft, { id, order }: Message): void {
  dropRow(draft, order);
  remember(draft, id);
  draft.shown.delete(id);
  draft.removed.add(id);
}

/** Gives up on requests that nobody answered. */
export async function expireRepairs(draft: Draft): Promise<void> {
  const since = draft.context.clock.now() - repairTimeoutMs;
  const expired = draft.record.repairs.filter(({ askedAt }) => askedAt <= since);
  if (expired.length === 0) return;
  update(draft, { repairs: draft.record.repairs.filter(({ askedAt }) => askedAt > since) });
  for (const { seq } of expired) {
    const message = await messageAt(draft, seq);
    if (message?.body.type !== 'undecryptable') continue;
    putMessage(draft, { ...message, body: { type: 'undecryptable', pending: false } });
  }
}
