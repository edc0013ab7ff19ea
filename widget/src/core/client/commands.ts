/** What one may ask of the client, command by command. */
import { equalBytes } from '../bytes.js';
import { cleanDisplayName, encodeContent, prepareText } from '../content/index.js';
import { putMessage, putNotice, putPin, update } from '../conversations/draft.js';
import { newMessageId } from '../conversations/message-id.js';
import { acceptKey } from '../conversations/open.js';
import { countUnread, readHistory } from '../history/history.js';
import { parseAddress, parseHandle, safetyNumber } from '../identity/index.js';
import { enqueue, takeFailed } from '../outbox/entries.js';
import { ProblemError, type CommandOf } from '../snapshot.js';
import { StoreError } from '../store/contract.js';
import { callHandlers } from './call-commands.js';
import type { Engine, Handlers } from './parts.js';
import { personOf } from './snapshot.js';

const refuse = (code: ProblemError['problem']['code']): never => {
  throw new ProblemError({ code });
};

async function checkHandle(engine: Engine, { handle }: CommandOf<'check_handle'>) {
  const parsed = parseHandle(handle);
  if (parsed === null) return { status: 'invalid' as const };
  const connection = await engine.link.wait('anybody');
  return connection.availability(parsed);
}

async function claimHandle(
  engine: Engine,
  { handle, displayName }: CommandOf<'claim_handle'>,
): Promise<null> {
  const { link, account, state } = engine;
  if (state.phase !== 'unclaimed') refuse('internal');
  if (parseHandle(handle) === null) refuse('handle_invalid');
  const connection = await link.wait('anybody');
  const domain = state.site?.domain ?? refuse('offline');
  const name = displayName === undefined ? undefined : cleanDisplayName(displayName);
  await account.claim(connection, {
    handle,
    domain,
    ...(name !== undefined && { displayName: name }),
  });
  await engine.goOnline(connection);
  return null;
}

async function setDisplayName(
  engine: Engine,
  { displayName }: CommandOf<'set_display_name'>,
): Promise<null> {
  await engine.account.setDisplayName(cleanDisplayName(displayName));
  engine.broadcast.changed();
  for (const conversation of engine.directory.all()) engine.ready(conversation);
  return null;
}

async function openConversation(engine: Engine, { address }: CommandOf<'open_conversation'>) {
  const self = engine.context.identity().address;
  const home = self.slice(self.lastIndexOf('@') + 1);
  const peer = parseAddress(address, home) ?? refuse('address_invalid');
  if (peer === self) refuse('address_self');
  if (engine.directory.withPeer(peer) === undefined) await engine.link.wait('member');
  const conversation = await engine.opening.open(peer);
  return { conversationId: conversation.record.id };
}

async function sendText(engine: Engine, command: CommandOf<'send_text'>) {
  const prepared = prepareText(command.text);
  if ('problem' in prepared) return refuse(prepared.problem);
  const conversation = engine.directory.get(command.conversationId);
  const id = command.messageId ?? newMessageId();
  const { context, pins, speaker, drain } = engine;
  if (conversation.record.state === 'broken') refuse('key_changed');
  if (pins.get(conversation.record.peer)?.changedKey !== undefined) refuse('key_changed');
  await speaker.say(conversation, { id, text: prepared.text, at: context.time() });
  drain.start(conversation);
  return { messageId: id };
}

async function retry(
  engine: Engine,
  { conversationId, messageId }: CommandOf<'retry'>,
): Promise<null> {
  const conversation = engine.directory.get(conversationId);
  const { context } = engine;
  await conversation.change(async (draft) => {
    const message = await takeFailed(draft, messageId);
    if (message?.body.type !== 'text') return;
    const { text } = message.body;
    const at = context.time();
    const order = await enqueue(
      draft,
      messageId,
      encodeContent({ type: 'text', id: messageId, at, text }),
    );
    putMessage(draft, { ...message, order, at, status: 'sending' });
  });
  engine.drain.start(conversation);
  return null;
}

async function discard(
  engine: Engine,
  { conversationId, messageId }: CommandOf<'discard'>,
): Promise<null> {
  await engine.directory.get(conversationId).change(async (draft) => {
    const message = await takeFailed(draft, messageId);
    if (message === null || draft.record.last?.id !== messageId) return;
    const { messages } = await readHistory(engine.context.store, draft.record.id, {
      before: message.order,
      limit: 1,
    });
    update(draft, { last: messages[0] ?? null });
  });
  return null;
}

async function history(engine: Engine, command: CommandOf<'history'>) {
  const { id } = engine.directory.get(command.conversationId).record;
  return readHistory(engine.context.store, id, command);
}

async function markRead(
  engine: Engine,
  { conversationId, upTo }: CommandOf<'mark_read'>,
): Promise<null> {
  const conversation = engine.directory.get(conversationId);
  // Pending rows stand far behind: reading one's own must not mark what is yet to come.
  const readUpTo = Math.min(upTo, conversation.record.cursor + 1 - 1 / 1024);
  if (readUpTo <= conversation.record.readUpTo) return null;
  await conversation.change(async (draft) => {
    const unread =
      draft.record.unread === 0
        ? 0
        : await countUnread(engine.context.store, draft.record.id, readUpTo);
    update(draft, { readUpTo: Math.max(readUpTo, draft.record.readUpTo), unread });
  });
  return null;
}

async function safety(engine: Engine, { conversationId }: CommandOf<'safety_number'>) {
  const { context, pins, directory } = engine;
  const conversation = directory.get(conversationId);
  const { peer } = conversation.record;
  const pin = pins.get(peer) ?? refuse('internal');
  const { address, accountKey } = context.identity();
  const own = { address, accountKey: accountKey.publicKey };
  return {
    peer: personOf(conversation, pins),
    groups: safetyNumber(own, { address: peer, accountKey: pin.accountKey }),
  };
}

async function setVerified(
  engine: Engine,
  { conversationId, verified }: CommandOf<'set_verified'>,
): Promise<null> {
  const { pins } = engine;
  await engine.directory.get(conversationId).change(async (draft) => {
    const pin = pins.get(draft.record.peer);
    if (pin === undefined || pin.verified === verified) return;
    putPin(draft, draft.record.peer, { ...pin, verified });
    if (verified) putNotice(draft, 'verified');
  });
  return null;
}

async function acceptNewKey(
  engine: Engine,
  { conversationId }: CommandOf<'accept_key'>,
): Promise<null> {
  const { directory, pins, opening, link, heads } = engine;
  const { peer } = directory.get(conversationId).record;
  const old = directory.withPeer(peer);
  const changed = pins.get(peer)?.changedKey;
  if (old === undefined || changed === undefined) return null;
  const connection = await link.wait('member');
  // The key that the person saw, or yet another one?
  const card = await connection.lookUp(peer);
  if (card === null || !equalBytes(card.accountKey, changed)) refuse('key_unverifiable');
  await old.change((draft) => acceptKey(draft, changed));
  // What is cut off here is gone on with at the next connection.
  const next = old.record.state === 'broken' ? await opening.succeed(old) : old;
  if (next.record.state === 'waiting') await heads.sync();
  return null;
}

async function setSound(engine: Engine, { sound }: CommandOf<'set_sound'>): Promise<null> {
  await engine.settings.setSound(sound);
  engine.set({ sound });
  return null;
}

async function reconnect(engine: Engine): Promise<null> {
  engine.hurry();
  return null;
}

/** The device is revoked at the server where that can be reached, and everything here is deleted in any case. */
async function signOut(engine: Engine): Promise<null> {
  const { account, link, context } = engine;
  const identity = account.stored?.identity;
  engine.set({ phase: 'signed_out', problem: null });
  // Whatever cuts it off, it is gone on with. A full disk keeps nobody from leaving; another owner's is left alone.
  await account.leave().catch((error: unknown) => {
    if (error instanceof StoreError && error.code === 'gone') throw error;
  });
  if (identity !== undefined) {
    await link
      .wait('member')
      .then(
        (connection) => connection.revokeDevice(identity.deviceId),
        () => undefined,
      )
      .catch(() => {
        context.log('warn', 'device_not_revoked', { device: identity.deviceId });
      });
  }
  await engine.stop();
  await context.store.erase();
  return null;
}

export const handlers: Handlers = {
  check_handle: checkHandle,
  claim_handle: claimHandle,
  set_display_name: setDisplayName,
  open_conversation: openConversation,
  send_text: sendText,
  retry,
  discard,
  history,
  mark_read: markRead,
  safety_number: safety,
  set_verified: setVerified,
  accept_key: acceptNewKey,
  set_sound: setSound,
  ...callHandlers,
  reconnect,
  sign_out: signOut,
};
