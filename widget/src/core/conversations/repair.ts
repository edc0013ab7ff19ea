/** Messages that could not be opened, or never came: asked for again, answered, and given up on.
 *
 * A server that spoils everything must not be able to make two clients ask each other for ever: requests are bounded
 * by number and by time. */
import {
  encodeContent,
  type AgainContent,
  type MissingContent,
  type ResendContent,
} from '../content/index.js';
import type { MessageId } from '../ids.js';
import type { Member } from '../mls/index.js';
import type { Message } from '../snapshot.js';
import { enqueue, roomIn, saidAt } from '../outbox/entries.js';
import { saidOfCall } from './call-rows.js';
import { messageAt, orderOf, putMessage, read, update, type Draft } from './draft.js';
import { newMessageId } from './message-id.js';
import type { Spoiled } from './state.js';
import { missingId } from './turns.js';

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

/** One request for all spoiled entries of a batch, and one for all that are missing. */
export async function askAgain(draft: Draft, spoiled: readonly Spoiled[]): Promise<void> {
  const askedAt = draft.context.clock.now();
  const repairs = [];
  for (const one of spoiled) if (await isSpoiled(draft, one.seq)) repairs.push({ ...one, askedAt });
  if (repairs.length === 0) return;
  update(draft, {
    repairs: [...draft.record.repairs, ...repairs],
    repairTimes: [...recentRequests(draft), askedAt],
  });
  const seqs = repairs.flatMap(({ seq, turn }) => (turn ? [] : [seq]));
  const turns = repairs.flatMap(({ turn }) => turn ?? []);
  if (seqs.length > 0) await say(draft, { type: 'resend', seqs });
  if (turns.length > 0) await say(draft, { type: 'missing', turns });
}

type Asking = ResendContent | MissingContent | AgainContent;
type Unsaid<Content> = Content extends Asking ? Omit<Content, 'id' | 'at'> : never;

async function say(draft: Draft, content: Unsaid<Asking>): Promise<void> {
  const id = newMessageId();
  await enqueue(draft, id, encodeContent({ ...content, id, at: draft.context.time() }));
}

const isSpoiled = async (draft: Draft, order: number): Promise<boolean> =>
  (await messageAt(draft, order))?.body.type === 'undecryptable';

/** What an honest device asks for in an hour: as much as it may have open at a time, twice. */
const answersPerHourMax = 2 * repairsMax;

/** Counts one more answer, if it may still be given: a member who asks for ever must not have this device encrypt,
 * store and send for ever. */
async function takeAnswer(draft: Draft): Promise<boolean> {
  const now = draft.context.clock.now();
  const { answers } = draft.record;
  const { since, count } =
    answers !== undefined && now - answers.since < hourMs ? answers : { since: now, count: 0 };
  if (count >= answersPerHourMax || (await roomIn(draft)) <= 0) return false;
  update(draft, { answers: { since, count: count + 1 } });
  return true;
}

/** Says again what this device said at those places; what it does not have, another device may. */
export async function sayAgain(draft: Draft, request: ResendContent): Promise<void> {
  for (const seq of new Set(request.seqs)) {
    const id = (await read(draft, 'message_ids', [draft.record.id, 'own', seq])) as
      MessageId | undefined;
    const message = await messageAt(draft, seq);
    const original = (await saidOfCall(draft, message?.id ?? id)) ?? originalOf(draft, message, id);
    if (original === null) continue;
    if (!(await takeAnswer(draft))) return;
    await say(draft, { type: 'again', seq, original });
  }
}

/** Says again what this device said at those turns. */
export async function sayMissing(draft: Draft, { turns }: MissingContent): Promise<void> {
  for (const turn of turns) {
    const id = await saidAt(draft, turn);
    if (id === null) continue;
    const order = await orderOf(draft, id);
    const message = order === undefined ? null : await messageAt(draft, order);
    // What was given up was never sent, whatever its turn.
    const wasSent = message === null || message.status === 'stored';
    const original =
      (wasSent ? await saidOfCall(draft, id) : null) ??
      originalOf(draft, wasSent ? message : null, id);
    if (original === null) continue;
    if (!(await takeAnswer(draft))) return;
    await say(draft, { type: 'again', original: { ...original, turn } });
  }
}

/** @param id of something that is not shown (a profile, a request). */
function originalOf(
  draft: Draft,
  message: Message | null,
  id: MessageId | undefined,
): AgainContent['original'] | null {
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
  // The name again tells the other that nothing is missing.
  return id === undefined
    ? null
    : { type: 'profile', id, at, displayName: draft.context.displayName() ?? '' };
}

/** The row that an answer is for. `undefined`: nobody asked, or somebody else answers. */
export function answeredId(
  { record }: Draft,
  { seq, original }: AgainContent,
  { deviceId }: Member,
): MessageId | undefined {
  const { id, turn } = original;
  const asked = seq === undefined && turn !== undefined ? missingId(deviceId, turn) : id;
  const repair = record.repairs.find((open) => open.id === asked && open.device === deviceId);
  return seq === undefined || repair?.seq === seq ? repair?.id : undefined;
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
