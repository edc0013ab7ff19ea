/** Keeps every conversation up with its log: live envelopes, gaps, pulls, joining and joining again. */
import type { Context } from '../context.js';
import type { Conversation } from '../conversations/conversation.js';
import { update } from '../conversations/draft.js';
import { checkPin, lookUpAccount } from '../conversations/found.js';
import { enterByCommit, joinByCommit } from '../conversations/join.js';
import { newMessageId } from '../conversations/message-id.js';
import { nothingPassedOver, passOver, tellPassedOver } from '../conversations/passed-over.js';
import { receive } from '../conversations/receive.js';
import { makeRoom, takeBackAfter } from '../outbox/entries.js';
import type { Followed } from '../conversations/state.js';
import type { SpokenOfCall } from '../conversations/draft.js';
import { MlsError } from '../mls/index.js';
import type { Connection, Envelope } from '../transport/contract.js';
import { isPutOff, isTransient, TransportError } from '../transport/errors.js';
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
  const pauses: Pauses = new Map();

  const take = async (
    conversation: Conversation,
    entries: () => readonly Envelope[],
  ): Promise<Followed> => {
    const { followed, calls } = await conversation.change(async (draft) => {
      const followed = await receive(draft, entries());
      return { followed, calls: draft.calls };
    });
    // Not before this device is in: the server would drop the Welcome that it still needs.
    const { id, cursor, state } = conversation.record;
    if (state === 'ready') hooks.acknowledgements.stored(id, cursor);
    if (calls.length > 0) hooks.onCalls(conversation, calls);
    hooks.onFollowed(conversation);
    return followed;
  };

  /** All of the log is known, or no key of before is used any more: what was written meanwhile may go. */
  const onHeard: PullTools['onHeard'] = (conversation, connection) => {
    context.settle(connection, conversation.record.id);
    hooks.onFollowed(conversation);
  };

  const rejoin: Rejoin = (conversation, since) =>
    unlessPaused({ context, pauses, retry: onMore }, conversation, async () => {
      const connection = context.connection();
      await joinByLog(context, conversation, since);
      onHeard(conversation, connection);
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
      ? pullAll(context, conversation, { take, rejoin, onHeard, onMore })
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
  /** @param connection the one that it was heard on: the next has to say itself what the log holds. */
  onHeard: (conversation: Conversation, connection: Connection) => void;
  /** The log went on in the meantime. */
  onMore: (conversation: Conversation) => void;
}

/** Pulls up to where the log ends at the first answer; joins again before, where that is due. */
async function pullAll(
  context: Context,
  conversation: Conversation,
  tools: PullTools,
): Promise<void> {
  for (let end: number | null = null; ;) {
    if (conversation.record.state === 'out') {
      try {
        await tools.rejoin(conversation, conversation.record.cursor);
      } catch (error) {
        if (!(error instanceof MlsError && error.code === 'credential_refused')) throw error;
        return examineKey(context, conversation);
      }
    }
    const { id, cursor, state } = conversation.record;
    if (state !== 'ready') return;
    const connection = context.connection();
    const page = await connection.pull({ conversationId: id, after: cursor });
    end ??= page.head;
    if (page.head < cursor) return markRollback(context, conversation);
    const followed = await tools.take(conversation, () => page.entries);
    if (followed === 'rejoin') continue;
    if (followed === 'refused') return examineKey(context, conversation);
    if (conversation.record.cursor >= end) {
      if (!context.settled(id)) tools.onHeard(conversation, connection);
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

/** Why a conversation is not joined for a while, and after how many failures in a row. */
type Pauses = Map<Conversation, Pause>;

interface Pause {
  error?: unknown;
  failures: number;
  isOver: boolean;
  /** The other's account key that was pinned then. */
  pin: Uint8Array | undefined;
}

/** Joining costs this device signatures and what it may store at the server in an hour: neither a server nor a member
 * who has it done or makes it fail may have it tried at every message of theirs. What a lost connection ended may go on
 * with the next. */
async function unlessPaused(
  {
    context,
    pauses,
    retry,
  }: { context: Context; pauses: Pauses; retry: (conversation: Conversation) => void },
  conversation: Conversation,
  join: () => Promise<void>,
): Promise<void> {
  const { clock, pins, signal } = context;
  const pin = pins.get(conversation.record.peer)?.accountKey;
  const before = pauses.get(conversation);
  // Since then the person has accepted another key: what was refused may be right now.
  const last = before?.pin === pin ? before : undefined;
  const pause = (ms: number, failures: number, error?: unknown): void => {
    const present = { error, failures, isOver: false, pin };
    pauses.set(conversation, present);
    void clock.sleep(ms, signal).then(() => {
      present.isOver = true;
      if (!signal.aborted) retry(conversation);
    });
  };
  if (last?.isOver === false) {
    if (last.failures > 0) throw last.error;
    return;
  }
  const wait = conversation.record.rejoinedAt + rejoinIntervalMs - clock.now();
  if (last === undefined && wait > 0) {
    pause(Math.min(wait, rejoinIntervalMs), 0);
    return;
  }
  try {
    await join();
    pauses.delete(conversation);
  } catch (error) {
    if (isTransient(error) && !isPutOff(error)) throw error;
    const failures = last?.failures ?? 0;
    pause(Math.min(pauseMaxMs, rejoinIntervalMs * 2 ** failures), failures + 1, error);
    await showOutside(conversation);
    throw error;
  }
}

/** The way back has failed: the person is shown that it is not done, until it is. */
async function showOutside(conversation: Conversation): Promise<void> {
  await conversation.change(async (draft) => {
    const { state, stuck } = draft.record;
    if (state === 'out' && stuck === undefined) update(draft, { stuck: 'outside' });
  });
}

/** Joins by a commit, and accounts for what the log holds until then. The conversation is held for no question to the
 * server: what the person writes meanwhile is stored and shown at once, encrypted and sent after it.
 * 1. the commit's id; 2. what the log holds; 3. the commit; 4. what came before it all the same; 5. the new state. */
async function joinByLog(
  context: Context,
  conversation: Conversation,
  since: number | null,
): Promise<void> {
  for (let attempt = 0; attempt < conflictsMax; attempt += 1) {
    const id = newMessageId();
    try {
      const passed = await conversation.change(async (draft) => {
        update(draft, { joins: [...(draft.record.joins ?? []), id].slice(-conflictsMax) });
        return nothingPassedOver(draft.record);
      });
      await passOver(passed, { context, conversation, since });
      const joined = await joinByCommit(context, conversation.record, id);
      // What came in between was for those who were in before.
      await passOver(passed, { context, conversation, since, end: joined.seq });
      // Elsewhere it would pass over what was not looked at, or have what is stored written over.
      if (joined.seq !== passed.upTo + 1) throw new TransportError('answer_malformed');
      await conversation.change(async (draft) => {
        // Meanwhile the person may have accepted another key: it is over.
        if (draft.record.state === 'broken') return;
        await makeRoom(draft, { id, seq: joined.seq });
        await takeBackAfter(draft, joined.seq);
        await enterByCommit(draft, joined, passed.copied);
        await tellPassedOver(draft, passed);
      });
      return;
    } catch (error) {
      // Somebody else's commit came first: the next try joins the epoch after it.
      if (!(error instanceof TransportError && error.code === 'epoch_conflict')) throw error;
      // It was not taken, and must not push out one that may have been.
      await conversation.change(async (draft) => {
        update(draft, { joins: draft.record.joins?.filter((join) => join !== id) ?? [] });
      });
    }
  }
  // So often in a row nobody else is faster.
  throw new TransportError('answer_malformed');
}
