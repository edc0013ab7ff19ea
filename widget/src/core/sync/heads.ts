/** What the server says of the account's conversations, at every connection and whenever one begins. */
import type { Context } from '../context.js';
import type { Conversation } from '../conversations/conversation.js';
import type { Directory } from '../conversations/directory.js';
import type { Draft } from '../conversations/draft.js';
import { checkPin, created, lookUpAccount } from '../conversations/found.js';
import { joinWelcome } from '../conversations/join.js';
import { expireCall } from '../conversations/call-rows.js';
import { expireRepairs } from '../conversations/repair.js';
import { isRenewalDue, renew } from '../conversations/renew.js';
import { MlsError } from '../mls/index.js';
import { createSerial } from '../serial.js';
import type { Connection, Head } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';
import type { Acknowledgements } from './acknowledgements.js';
import { markRollback, type Follower } from './follower.js';
import { createRetry } from './retry.js';

/** A server that invents conversations fills memory no further than this in one go. */
const pagesMax = 10;
/** Heads of the stream that may wait; beyond, all are asked for once these are taken. */
const waitingMax = 100;

export interface Heads {
  /** Asks for all heads and brings every conversation up to them. */
  sync(): Promise<void>;
  /** One head of the live stream. */
  take(head: Head): Promise<void>;
}

export interface HeadsParts {
  context: Context;
  directory: Directory;
  follower: Follower;
  acknowledgements: Acknowledgements;
  onReady(conversation: Conversation): void;
}

export function createHeads(parts: HeadsParts): Heads {
  const { context, directory } = parts;
  // One at a time: the same conversation may be named by the stream and by the heads.
  const serial = createSerial();
  const take = (head: Head, told: Told): Promise<void> =>
    serial
      .run(() => takeHead(parts, head, told))
      .catch((error: unknown) => {
        if (error instanceof TransportError && error.code === 'offline') throw error;
        const code =
          error instanceof TransportError || error instanceof MlsError ? error.code : 'internal';
        context.log('warn', 'head_not_taken', { conversation: head.conversationId, code });
        context.failed(error);
        if (told.seen !== null) context.settle(told.connection, head.conversationId, false);
        // Whatever ids a server invents count as one.
        retry.failed(error, directory.named(head.conversationId)?.record.id);
      });

  let waiting = 0;
  let isMore = false;
  const takeLive = async (head: Head): Promise<void> => {
    // Before the log-in is done: all heads are asked for after it.
    if (!context.online()) return;
    if (waiting >= waitingMax) {
      isMore = true;
      return;
    }
    waiting += 1;
    await take(head, { connection: context.connection(), seen: null }).finally(
      () => (waiting -= 1),
    );
    if (waiting > 0 || !isMore) return;
    isMore = false;
    await sync();
  };

  const takeAll = async (): Promise<void> => {
    // What was known before the question was asked: the answer must not be older.
    const seen = new Map(
      directory.all().map(({ record: { id, cursor, epoch } }) => [id, { cursor, epoch }] as const),
    );
    const connection = context.connection();
    let after: Head['conversationId'] | undefined;
    for (let page = 0; page < pagesMax; page += 1) {
      const { heads, more } = await connection.heads(after);
      // Whoever wrote without end comes last, so that nobody else's waits for it.
      const missing = ({ conversationId, head }: Head): number =>
        head - (directory.named(conversationId)?.record.cursor ?? 0);
      for (const head of heads.toSorted((a, b) => missing(a) - missing(b)))
        await take(head, { connection, seen: seen.get(head.conversationId) ?? null });
      after = heads.at(-1)?.conversationId;
      if (!more || after === undefined) return;
    }
  };
  const sync = async (): Promise<void> => {
    const { failures } = retry;
    await takeAll().catch((error: unknown) => {
      retry.failed(error);
      throw error;
    });
    retry.done(failures);
  };
  // No head is kept for it: what was said of a conversation then may be over.
  const retry = createRetry(context, sync);
  return { take: takeLive, sync };
}

/** How a head came. */
interface Told {
  connection: Connection;
  /** What was known when it was asked for. `null`: it was not known, or nobody asked. */
  seen: { cursor: number; epoch: number } | null;
}

async function takeHead(parts: HeadsParts, head: Head, { connection, seen }: Told): Promise<void> {
  const { context, directory, follower, acknowledgements } = parts;
  const conversation = directory.named(head.conversationId) ?? (await adopt(parts, head));
  if (conversation === null) return;
  if (conversation.record.state === 'creating') await conversation.change(created);
  if (
    seen !== null &&
    conversation.record.state !== 'broken' &&
    (head.head < seen.cursor || head.epoch < seen.epoch)
  ) {
    return markRollback(context, conversation);
  }
  // One head of the stream may be an old one: only the answer to a question shows that a server has come forward again.
  if (seen === null && conversation.record.stuck === 'rollback') return;
  await conversation.change(async (draft) => {
    clearStuck(draft);
    await expireRepairs(draft);
    await expireCall(draft);
  });
  const isNew = conversation.record.state === 'waiting';
  if (isNew) await enter(parts, conversation, head);
  const { id, state, cursor } = conversation.record;
  if (state !== 'ready' && state !== 'out') return;
  if (head.welcome !== null) acknowledgements.stored(id, cursor);
  // What came while this device was entering passed by unheard: asked for in any case.
  if (isNew || state === 'out' || head.head > cursor) await follower.catchUp(conversation);
  context.settle(connection, id);
  parts.onReady(conversation);
  if (isRenewalDue(context, conversation.record) && (await renew(context, conversation))) {
    await follower.catchUp(conversation);
  }
}

/** A conversation that this device did not know. `null`: not one of two accounts, one of them this. */
async function adopt({ context, directory }: HeadsParts, head: Head): Promise<Conversation | null> {
  const { address } = context.identity();
  const [peer, ...others] = head.members.filter((member) => member !== address);
  if (peer === undefined || others.length > 0 || !head.members.includes(address)) return null;
  const { conversationId: id, suite } = head;
  return directory.add(
    { id, peer, suite, state: 'waiting', activeAt: context.clock.now() },
    async () => undefined,
  );
}

async function enter(parts: HeadsParts, conversation: Conversation, head: Head): Promise<void> {
  const { context, follower } = parts;
  try {
    if (head.welcome !== null && (await joined(context, conversation, head.welcome))) return;
    await follower.enter(conversation, head.welcome?.seq ?? null);
  } catch (error) {
    if (!(error instanceof MlsError && error.code === 'credential_refused')) throw error;
    // Somebody's key is not the pinned one: the person decides.
    const card = await lookUpAccount(context, conversation.record.peer).catch(() => null);
    const shown = parts.directory.withPeer(conversation.record.peer) ?? conversation;
    const isPinned = card === null || (await shown.change(async (draft) => checkPin(draft, card)));
    if (isPinned) throw error;
  }
}

/** @returns `false`: the Welcome is of no use to this device, but it may join by a commit. */
async function joined(
  context: Context,
  conversation: Conversation,
  welcome: NonNullable<Head['welcome']>,
): Promise<boolean> {
  try {
    await conversation.change((draft) => joinWelcome(draft, welcome));
    return true;
  } catch (error) {
    if (!(error instanceof MlsError) || error.code === 'credential_refused') throw error;
    context.log('warn', 'welcome_refused', {
      conversation: conversation.record.id,
      code: error.code,
    });
    return false;
  }
}

function clearStuck(draft: Draft): void {
  const { stuck, ...rest } = draft.record;
  // Outside until it is in.
  if (stuck === undefined || (rest.state === 'out' && stuck !== 'rollback')) return;
  draft.record = rest;
}
