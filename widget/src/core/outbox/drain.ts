/** Sends what waits in a conversation's outbox, one after another, so that the log has it in the order of writing. */
import type { Context } from '../context.js';
import type { Conversation } from '../conversations/conversation.js';
import { isTransient, TransportError } from '../transport/errors.js';
import { confirm, giveUp, nextEntry, waitsForOthers, type OutboxEntry } from './entries.js';

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
    do {
      wanted.delete(conversation);
      await drain(context, conversation, catchUp);
    } while (wanted.has(conversation) && context.online());
  };

  return {
    start(conversation) {
      wanted.add(conversation);
      if (running.has(conversation) || !context.online()) return;
      const done = run(conversation)
        .catch((error: unknown) => {
          // What waits stays: the next connection, or the next message, starts it again.
          if (!isTransient(error))
            context.log('error', 'outbox_stopped', { conversation: conversation.record.id });
          context.failed(error);
        })
        .finally(() => running.delete(conversation));
      running.set(conversation, done);
    },
    async idle() {
      await Promise.all(running.values());
    },
  };
}

async function drain(
  context: Context,
  conversation: Conversation,
  catchUp: (conversation: Conversation) => Promise<void>,
): Promise<void> {
  let stale = 0;
  let staleEpoch: number | undefined;
  while (context.online() && maySend(context, conversation)) {
    const entry = await conversation.change((draft) => nextEntry(draft, staleEpoch));
    staleEpoch = undefined;
    if (entry?.ciphertext == null) return;
    const sent = await send(context, conversation, { ...entry, ciphertext: entry.ciphertext });
    if (sent === 'done') {
      stale = 0;
    } else if (sent === 'given_up' || stale >= staleMax) {
      await conversation.change((draft) => giveUp(draft, entry.id));
    } else {
      // Never accepted under this epoch, so it may be encrypted again without being said twice.
      stale += 1;
      staleEpoch = entry.epoch;
      await catchUp(conversation);
    }
  }
}

const maySend = (context: Context, { record }: Conversation): boolean =>
  context.settled(record.id) &&
  !waitsForOthers(record) &&
  context.pins.get(record.peer)?.changedKey === undefined;

async function send(
  context: Context,
  conversation: Conversation,
  { id, epoch, ciphertext }: OutboxEntry & { ciphertext: Uint8Array },
): Promise<'done' | 'stale' | 'given_up'> {
  try {
    const sent = await context
      .connection()
      .send({ conversationId: conversation.record.id, id, epoch, ciphertext });
    await conversation.change((draft) => confirm(draft, id, sent));
    return 'done';
  } catch (error) {
    // Where the answer makes no sense, it may have been taken: the same bytes are sent again later.
    if (
      !(error instanceof TransportError) ||
      isTransient(error) ||
      error.code === 'unauthenticated' ||
      error.code === 'answer_malformed'
    )
      throw error;
    if (error.code === 'epoch_stale') return 'stale';
    // It was accepted before, under other bytes (a restored copy): the log will confirm it. Else it is refused.
    context.log('warn', 'message_refused', { conversation: conversation.record.id, message: id });
    return 'given_up';
  }
}
