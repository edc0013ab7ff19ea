/** Sends what waits in a conversation's outbox, so that the log has it in the order of writing.
 *
 * Several are under way at a time. Each names the one before it, and the server takes none whose predecessor is not in
 * the log: whatever becomes of one, those behind it do not overtake it. */
import type { Context } from '../context.js';
import type { Conversation } from '../conversations/conversation.js';
import { retryDelayMs } from '../sync/connection-loop.js';
import type { Connection } from '../transport/contract.js';
import {
  isPutOff,
  isTransient,
  putOffMs,
  TransportError,
  type TransportErrorCode,
} from '../transport/errors.js';
import { transportLimits } from '../transport/limits.js';
import {
  confirmAll,
  giveUp,
  nextEntries,
  waitsForOthers,
  type OutboxEntry,
  type SealedEntry,
} from './entries.js';

/** Tries with fresh encryption before a message counts as failed. */
const staleMax = 8;

export interface Drain {
  /** Sends until nothing waits or something is in the way. Asked for while it runs, it looks once more. */
  start(conversation: Conversation): void;
  idle(): Promise<void>;
}

/** @param catchUp brings a conversation to the newest epoch. */
export function createDrain(
  context: Context,
  catchUp: (conversation: Conversation) => Promise<void>,
): Drain {
  const running = new Map<Conversation, Promise<void>>();
  const wanted = new Set<Conversation>();

  const run = async (conversation: Conversation): Promise<void> => {
    let failures = 0;
    do {
      wanted.delete(conversation);
      try {
        await drain(context, conversation, catchUp);
        failures = 0;
      } catch (error) {
        if (!isPutOff(error) || !context.online()) throw error;
        context.log('debug', 'outbox_put_off', { conversation: conversation.record.id });
        await wait(context, error, failures);
        failures += 1;
        wanted.add(conversation);
      }
    } while (wanted.has(conversation) && context.online());
  };

  const start = (conversation: Conversation): void => {
    wanted.add(conversation);
    if (running.has(conversation) || !context.online()) return;
    const done = run(conversation)
      .catch((error: unknown) => {
        // What waits stays: the next connection, or the next message, starts it again.
        if (!isTransient(error))
          context.log('error', 'outbox_stopped', { conversation: conversation.record.id });
        context.failed(error);
      })
      .finally(() => {
        running.delete(conversation);
        // Asked for between its last look and now.
        if (wanted.has(conversation)) start(conversation);
      });
    running.set(conversation, done);
  };

  return {
    start,
    async idle() {
      await Promise.all(running.values());
    },
  };
}

/** Until the server may be asked again, or this connection ends: the next one asks by itself. */
async function wait(context: Context, error: TransportError, failures: number): Promise<void> {
  const ended = new AbortController();
  void context.connection().closed.then(() => {
    ended.abort();
  });
  const ms = Math.max(retryDelayMs(failures, Math.random()), putOffMs(error));
  await context.clock.sleep(ms, AbortSignal.any([context.signal, ended.signal]));
}

async function drain(
  context: Context,
  conversation: Conversation,
  catchUp: (conversation: Conversation) => Promise<void>,
): Promise<void> {
  let staleTimes = 0;
  let stale: OutboxEntry | undefined;
  while (context.online() && maySend(context, conversation)) {
    const connection = context.connection();
    // Over HTTP each request goes its own way: one behind another would often only be refused.
    const limit = connection.kind === 'http' ? 1 : transportLimits.sendsAtATimeMax;
    const entries = await conversation.change((draft) => nextEntries(draft, { limit, stale }));
    stale = undefined;
    if (entries.length === 0) return;
    const { taken, refused } = await send(connection, conversation, entries);
    if (taken > 0) staleTimes = 0;
    if (refused === undefined || refused.why === 'out_of_turn') continue;
    const { entry, why } = refused;
    if (why === 'epoch_stale' && staleTimes < staleMax) {
      // Never accepted under this epoch, so it may be encrypted again without being said twice.
      staleTimes += 1;
      stale = entry;
      await catchUp(conversation);
      continue;
    }
    // It was accepted before, under other bytes (a restored copy): the log will confirm it. Else it is refused.
    const ids = { conversation: conversation.record.id, message: entry.id };
    context.log('warn', 'message_refused', ids);
    await conversation.change((draft) => giveUp(draft, entry.id));
  }
}

const maySend = (context: Context, { record }: Conversation): boolean =>
  context.settled(record.id) &&
  !waitsForOthers(record) &&
  context.pins.get(record.peer)?.changedKey === undefined;

interface Answered {
  /** How many the server has. */
  taken: number;
  /** The first that it does not want. */
  refused?: { entry: SealedEntry; why: TransportErrorCode };
}

/** Sends them all, and stores in one batch what the server says of them.
 * @throws TransportError where they have to be sent again, as they are. */
async function send(
  connection: Connection,
  conversation: Conversation,
  entries: readonly SealedEntry[],
): Promise<Answered> {
  const { id: conversationId } = conversation.record;
  const answers = await Promise.allSettled(
    entries.map(({ id, epoch, ciphertext }, index) => {
      const before = entries[index - 1];
      const follows = before && { follows: before.id };
      return connection.send({ conversationId, id, epoch, ciphertext, ...follows });
    }),
  );
  const answered = entries.map((entry, index) => ({ entry, answer: answers[index] }));
  const places = answered.flatMap(({ entry: { id, key }, answer }) =>
    answer?.status === 'fulfilled' ? [{ id, key, seq: answer.value.seq }] : [],
  );
  await conversation.change((draft) => confirmAll(draft, places));
  const failed = answered.find(({ answer }) => answer?.status === 'rejected');
  const taken = places.length;
  if (failed?.answer?.status !== 'rejected') return { taken };
  const why = refusalOf(failed.answer.reason);
  // The first follows none.
  if (why === 'out_of_turn' && failed.entry === entries[0])
    throw new TransportError('answer_malformed');
  return { taken, refused: { entry: failed.entry, why } };
}

/** @throws the error, where it is no refusal: the answer may have been lost, or makes no sense, and then it may have been
 * taken. */
function refusalOf(error: unknown): TransportErrorCode {
  if (
    !(error instanceof TransportError) ||
    isTransient(error) ||
    error.code === 'unauthenticated' ||
    error.code === 'answer_malformed'
  )
    throw error;
  return error.code;
}
