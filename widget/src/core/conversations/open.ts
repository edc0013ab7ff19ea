/** Opening a conversation with an address, and telling the server of conversations that it does not have yet. */
import { equalBytes, randomBytes, toBase64Url } from '../bytes.js';
import type { Context } from '../context.js';
import type { Address, ConversationId } from '../ids.js';
import { suiteNumber } from '../mls/index.js';
import { enqueue, outboxEntriesMax, type OutboxEntry } from '../outbox/entries.js';
import { ProblemError } from '../snapshot.js';
import { createSerial } from '../serial.js';
import type { AccountCard, Connection } from '../transport/contract.js';
import { isTransient, TransportError } from '../transport/errors.js';
import type { Conversation } from './conversation.js';
import type { Directory } from './directory.js';
import { messageAt, put, putMessage, putNotice, putPin, update, type Draft } from './draft.js';
import { announceCreation, checkPin, created, foundConversation, lookUpAccount } from './found.js';
import { pendingBase, type ConversationRecord } from './state.js';

export interface Opening {
  /** The conversation with this account, old or new.
   * @throws ProblemError `address_unknown`, `reach_refused`, `key_unverifiable`, ... */
  open(peer: Address): Promise<Conversation>;
  /** Goes on with somebody whose new account key was accepted, in the place of a conversation that is over. */
  succeed(old: Conversation): Promise<Conversation>;
  /** Tells the server of conversations that were founded and not announced, and goes on in the place of those that are
   * over, after a crash or a lost connection. */
  resume(): Promise<void>;
}

export interface OpeningParts {
  context: Context;
  directory: Directory;
  /** Fetches the heads: a conversation that the server names has to be known. */
  syncHeads(): Promise<void>;
  onReady(conversation: Conversation): void;
}

export function createOpening(parts: OpeningParts): Opening {
  const { context, directory } = parts;
  // Twice the same address at once must not found two groups.
  const serial = createSerial();
  const open = async (peer: Address): Promise<Conversation> => {
    const present = directory.withPeer(peer);
    if (present === undefined) return found(parts, await lookUpAccount(context, peer));
    void verifyKey(context, present);
    return present;
  };
  const succeed = async ({ record: { id, peer } }: Conversation): Promise<Conversation> => {
    const next = await open(peer);
    await next.change(async (draft) => {
      update(draft, { previous: id });
      putNotice(draft, 'key_accepted');
    });
    directory.replace(id, next);
    return next;
  };
  return {
    open: (peer) => serial.run(() => open(peer)),
    succeed: (old) => serial.run(() => succeed(old)),
    resume: () =>
      serial.run(async () => {
        for (const conversation of directory.all()) {
          const { id, peer, state } = conversation.record;
          if (state === 'creating') await announce(parts, conversation);
          // One that went on is not among them; one whose key changed again waits for the person.
          if (state !== 'broken' || context.pins.get(peer)?.changedKey !== undefined) continue;
          await succeed(conversation).catch((error: unknown) => {
            context.log('warn', 'not_succeeded', { conversation: id });
            context.failed(error);
          });
        }
      }),
  };
}

async function found(parts: OpeningParts, card: AccountCard): Promise<Conversation> {
  const { context, directory } = parts;
  const id = toBase64Url(randomBytes(16)) as ConversationId;
  const base = { id, peer: card.address, suite: suiteNumber, activeAt: context.clock.now() };
  if (!context.pins.check(card.address, card.accountKey)) {
    // Shown with its changed key, so that the person can decide; nothing is founded before.
    return directory.add({ ...base, state: 'waiting' }, async (draft) => {
      checkPin(draft, card);
    });
  }
  const conversation = await directory.add({ ...base, state: 'creating' }, (draft) =>
    foundConversation(draft, card),
  );
  return announce(parts, conversation);
}

/** @returns the conversation that the two accounts have, which may be another one. */
async function announce(parts: OpeningParts, conversation: Conversation): Promise<Conversation> {
  const { context, directory } = parts;
  const { id } = conversation.record;
  let named: ConversationId;
  let connection: Connection;
  try {
    connection = context.connection();
    named = await announceCreation(context, conversation.record);
  } catch (error) {
    if (!(error instanceof TransportError) || error.code === 'unauthenticated') throw error;
    // Stored, so the next connection tells the server.
    if (isTransient(error)) return conversation;
    await forget(context, conversation);
    directory.remove(id);
    throw error;
  }
  if (named === id) {
    await conversation.change(created);
    context.settle(connection, id);
    parts.onReady(conversation);
    return conversation;
  }
  if (directory.named(named) === undefined) await parts.syncHeads();
  const target = directory.named(named);
  // Whatever the server names, it is the two's own: what waits was written for this person and nobody else.
  if (target?.record.peer !== conversation.record.peer || target === conversation)
    throw new TransportError('answer_malformed');
  await moveOutbox(conversation, target);
  directory.replace(id, target);
  parts.onReady(target);
  return target;
}

/** What was written meanwhile goes into the conversation that was there first. */
async function moveOutbox(from: Conversation, to: Conversation): Promise<void> {
  const waiting = await from.change(async (draft) => {
    const rows = await draft.context.store.range('outbox', {
      prefix: [draft.record.id],
      limit: outboxEntriesMax,
    });
    return Promise.all(
      rows.map(async ({ key, value }) => {
        const { id, content } = value as OutboxEntry;
        return { id, content, message: await messageAt(draft, pendingBase + (key[1] as number)) };
      }),
    );
  });
  await to.change(async (draft) => {
    for (const { id, content, message } of waiting) {
      const order = await enqueue(draft, id, content);
      if (message !== null) putMessage(draft, { ...message, order });
    }
    await forgetRows(draft, from.record);
  });
}

async function forget(context: Context, conversation: Conversation): Promise<void> {
  await conversation.change((draft) => forgetRows(draft, draft.record));
  context.changed();
}

/** Deletes a conversation that never came to be. */
async function forgetRows(draft: Draft, { id }: ConversationRecord): Promise<void> {
  for (const table of ['groups', 'messages', 'message_ids', 'outbox', 'calls'] as const) {
    const rows = await draft.context.store.range(table, {
      prefix: [id],
      limit: 2 * outboxEntriesMax,
    });
    for (const { key } of rows) put(draft, { table, key, value: undefined });
  }
  put(draft, { table: 'conversations', key: [id], value: undefined });
}

/** A handle may have changed hands: asked whenever somebody opens the conversation. */
async function verifyKey(context: Context, conversation: Conversation): Promise<void> {
  if (!context.online()) return;
  try {
    const card = await lookUpAccount(context, conversation.record.peer);
    await conversation.change(async (draft) => {
      checkPin(draft, card);
    });
  } catch (error) {
    const code = error instanceof ProblemError ? error.problem.code : 'internal';
    context.log('debug', 'key_not_checked', { conversation: conversation.record.id, code });
    context.failed(error);
  }
}

/** The person accepts the other's new account key. What was encrypted for the old account's devices is over; a
 * conversation that waits for this decision, or a new one, goes on.
 * @param key the one that was shown. @throws ProblemError `key_unverifiable`: meanwhile there is another. */
export async function acceptKey(draft: Draft, key: Uint8Array): Promise<void> {
  const { context, record } = draft;
  const pin = context.pins.get(record.peer);
  if (pin?.changedKey === undefined || !equalBytes(pin.changedKey, key))
    throw new ProblemError({ code: 'key_unverifiable' });
  putPin(draft, record.peer, { accountKey: key, verified: false });
  if (record.state === 'waiting') putNotice(draft, 'key_accepted');
  else update(draft, { state: 'broken' });
}
