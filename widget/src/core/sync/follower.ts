/** Keeps every conversation up with its log: live envelopes, gaps, pulls, joining and joining again. */
import type { Context } from '../context.js';
import type { Conversation } from '../conversations/conversation.js';
import { update } from '../conversations/draft.js';
import { checkPin, lookUpAccount } from '../conversations/found.js';
import { enterByCommit, joinByCommit } from '../conversations/join.js';
import { newMessageId } from '../conversations/message-id.js';
import { nothingPassedOver, passOver, tellPassedOver } from '../conversations/passed-over.js';
import { receive } from '../conversations/receive.js';
import type { Followed } from '../conversations/state.js';
import type { SpokenOfCall } from '../conversations/draft.js';
import { MlsError } from '../mls/index.js';
import type { Envelope } from '../transport/contract.js';
import { isTransient, TransportError } from '../transport/errors.js';
import type { Acknowledgements } from './acknowledgements.js';

/** Live envelopes that may wait for a conversation; beyond, they are pulled. */
const liveMax = 500;
/** A server can spoil a log as often as it likes; joining again costs everyone something. */
const rejoinIntervalMs = 10_000;
const conflictsMax = 10;
/** Nor does whoever makes it fail: each failure in a row doubles the pause before the next try, up to this. */
const pauseMaxMs = 600_000;

export interface Follower {
  /** An envelope of the live stream. */
  live(conversation: Conversation, envelope: Envelope): void;
  /** Pulls what is missing now; what comes in the meantime is pulled afterwards, and not waited for. */
  catchUp(conversation: Conversation): Promise<void>;
  /** Enters a group that the account is in and this device is not.
   * @param since log position of a Welcome that was of no use: what came after it was meant for this device.
   *   `null`: there was none. */
  enter(conversation: Conversation, since: number | null): Promise<void>;
  idle(): Promise<void>;
}

export interface FollowerHooks {
  acknowledgements: Acknowledgements;
  /** After a change that may have put something into the outbox, or made it possible to send. */
  onFollowed(conversation: Conversation): void;
  onCalls(conversation: Conversation, calls: readonly SpokenOfCall[]): void;
}

export function createFollower(context: Context, hooks: FollowerHooks): Follower {
  const waiting = new Map<Conversation, Envelope[]>();
  const rounds = new Map<Conversation, Round>();
  const failures: Failures = new Map();

  const take = async (
    conversation: Conversation,
    entries: () => readonly Envelope[],
  ): Promise<Followed> => {
    const { followed, calls } = await conversation.change(async (draft) => {
      const heard = entries();
      // What comes while this device is joining is pulled when it is in.
      const isJoining = context.joining.has(draft.record.id);
      const followed = isJoining ? ('gap' as const) : await receive(draft, heard);
      return { followed, calls: draft.calls };
    });
    // Not before this device is in: the server would drop the Welcome that it still needs.
    const { id, cursor, state } = conversation.record;
    if (state === 'ready') hooks.acknowledgements.stored(id, cursor);
    if (calls.length > 0) hooks.onCalls(conversation, calls);
    hooks.onFollowed(conversation);
    return followed;
  };

  const rejoin: Rejoin = (conversation, since) =>
    unlessPaused({ context, failures, retry: catchUp }, conversation, async () => {
      const { id } = conversation.record;
      context.joining.add(id);
      try {
        await joinByLog(context, conversation, since);
      } finally {
        context.joining.delete(id);
        // What was written meanwhile waits.
        hooks.onFollowed(conversation);
      }
    });

  const inBackground = (work: Promise<unknown>, conversation: Conversation): void => {
    work.catch((error: unknown) => {
      const code =
        error instanceof TransportError || error instanceof MlsError ? error.code : 'internal';
      context.log('warn', 'not_followed', { conversation: conversation.record.id, code });
      context.failed(error);
    });
  };

  const onMore = (conversation: Conversation): void => {
    inBackground(catchUp(conversation), conversation);
  };
  // One round at a time. Whoever asks in the midst of one waits for the next: each ends where the log ended at its first
  // answer, so that nobody who writes without end keeps others waiting, or this device from saying anything.
  const begin = (conversation: Conversation): Promise<void> => {
    const round: Round = { done: Promise.resolve(), next: null };
    rounds.set(conversation, round);
    const pulled = context.online()
      ? pullAll(context, conversation, { take, rejoin, onMore })
      : Promise.resolve();
    round.done = pulled.finally(() => {
      if (round.next === null) rounds.delete(conversation);
    });
    return round.done;
  };
  const catchUp = (conversation: Conversation): Promise<void> => {
    const round = rounds.get(conversation);
    if (round === undefined) return begin(conversation);
    round.next ??= round.done.then(
      () => begin(conversation),
      (error: unknown) => {
        rounds.delete(conversation);
        throw error;
      },
    );
    return round.next;
  };

  return {
    live(conversation, envelope) {
      const queue = waiting.get(conversation);
      if (queue !== undefined) {
        // Too many at once: the gap is noticed, and they are pulled.
        if (queue.length < liveMax) queue.push(envelope);
        return;
      }
      waiting.set(conversation, [envelope]);
      const taken = take(conversation, () => {
        const entries = waiting.get(conversation) ?? [];
        waiting.delete(conversation);
        return entries;
      });
      inBackground(
        taken.then((followed) => (followed === 'followed' ? undefined : catchUp(conversation))),
        conversation,
      );
    },
    catchUp,
    enter: rejoin,
    async idle() {
      await Promise.allSettled([...rounds.values()].map(({ done, next }) => next ?? done));
    },
  };
}

interface Round {
  done: Promise<void>;
  /** Asked for while this one runs. */
  next: Promise<void> | null;
}

type Rejoin = (conversation: Conversation, since: number | null) => Promise<void>;

interface PullTools {
  take: (conversation: Conversation, entries: () => readonly Envelope[]) => Promise<Followed>;
  rejoin: Rejoin;
  /** The log went on in the meantime. */
  onMore: (conversation: Conversation) => void;
}

/** Pulls up to where the log ends at the first answer. */
async function pullAll(
  context: Context,
  conversation: Conversation,
  tools: PullTools,
): Promise<void> {
  for (let end: number | null = null; ;) {
    const { id, cursor, state } = conversation.record;
    if (state !== 'ready') return;
    const page = await context.connection().pull({ conversationId: id, after: cursor });
    end ??= page.head;
    if (page.head < cursor) return markRollback(context, conversation);
    const followed = await tools.take(conversation, () => page.entries);
    if (followed === 'rejoin') return tools.rejoin(conversation, conversation.record.cursor);
    if (followed === 'refused') return examineKey(context, conversation);
    if (conversation.record.cursor >= end) {
      if (conversation.record.cursor < page.head) tools.onMore(conversation);
      return;
    }
    // Neither more nor anything new: such a server is not followed in circles.
    if (page.entries.length === 0) throw new TransportError('answer_malformed');
  }
}

/** The server offers less than it had acknowledged: shown, and never followed. */
export async function markRollback(context: Context, conversation: Conversation): Promise<void> {
  context.log('error', 'server_went_back', { conversation: conversation.record.id });
  await conversation.change(async (draft) => {
    update(draft, { stuck: 'rollback' });
  });
  context.problem({ code: 'server_back' });
}

/** A commit was refused: was it because the other has another account key now? */
async function examineKey(context: Context, conversation: Conversation): Promise<void> {
  const card = await lookUpAccount(context, conversation.record.peer);
  const isPinned = await conversation.change(async (draft) => {
    update(draft, { stuck: 'refused' });
    return checkPin(draft, card);
  });
  if (isPinned) context.problem({ code: 'member_refused' });
  else context.log('warn', 'key_changed', { conversation: conversation.record.id });
}

/** What made the last try fail, and until when there is no other. */
type Failures = Map<Conversation, { error: unknown; count: number; until: number }>;

/** Joining costs this device signatures and what it may store at the server in an hour: neither a server nor a member
 * who makes it fail may have it tried at every message of theirs. What a lost connection ended may go on at once. */
async function unlessPaused(
  {
    context: { clock, signal },
    failures,
    retry,
  }: { context: Context; failures: Failures; retry: Follower['catchUp'] },
  conversation: Conversation,
  join: () => Promise<void>,
): Promise<void> {
  const last = failures.get(conversation);
  if (last !== undefined && clock.now() < last.until) throw last.error;
  try {
    await join();
    failures.delete(conversation);
  } catch (error) {
    if (isTransient(error)) throw error;
    const count = (last?.count ?? 0) + 1;
    const pauseMs = Math.min(pauseMaxMs, rejoinIntervalMs * 2 ** (count - 1));
    failures.set(conversation, { error, count, until: clock.now() + pauseMs });
    void clock.sleep(pauseMs, signal).then(() => retry(conversation).catch(() => undefined));
    throw error;
  }
}

/** Joins by a commit, and accounts for what the log holds until then. The conversation is held for no question to the
 * server: what the person writes meanwhile is stored and shown at once, encrypted and sent after it.
 * 1. the commit's id; 2. what the log holds; 3. the commit; 4. what came before it all the same; 5. the new state. */
async function joinByLog(
  context: Context,
  conversation: Conversation,
  since: number | null,
): Promise<void> {
  const { rejoinedAt } = conversation.record;
  const wait = rejoinedAt + rejoinIntervalMs - context.clock.now();
  if (wait > 0) await context.clock.sleep(Math.min(wait, rejoinIntervalMs), context.signal);
  for (let attempt = 0; attempt < conflictsMax; attempt += 1) {
    try {
      const id = newMessageId();
      const passed = await conversation.change(async (draft) => {
        update(draft, { joins: [...(draft.record.joins ?? []), id].slice(-conflictsMax) });
        return nothingPassedOver(draft.record);
      });
      await passOver(passed, { context, conversation, since });
      const joined = await joinByCommit(context, conversation.record, id);
      // What came in between was for those who were in before.
      await passOver(passed, { context, conversation, since, end: joined.seq });
      await conversation.change(async (draft) => {
        // Meanwhile the person may have accepted another key: it is over.
        if (draft.record.state === 'broken') return;
        await enterByCommit(draft, joined, passed.copied);
        await tellPassedOver(draft, passed);
      });
      return;
    } catch (error) {
      // Somebody else's commit came first: the next try joins the epoch after it.
      if (!(error instanceof TransportError && error.code === 'epoch_conflict')) throw error;
    }
  }
  // So often in a row nobody else is faster.
  throw new TransportError('answer_malformed');
}
