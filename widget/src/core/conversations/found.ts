/** Beginning a conversation: the other's account is checked and pinned, its devices added, the group stored, and only
 * then the server told. */
import { equalBytes } from '../bytes.js';
import type { Context } from '../context.js';
import type { Address, ConversationId } from '../ids.js';
import { verifyCertificate } from '../identity/index.js';
import { createGroup, suiteNumber, verifyKeyPackage } from '../mls/index.js';
import { ProblemError } from '../snapshot.js';
import type { AccountCard } from '../transport/contract.js';
import { putNotice, putPin, put, setGroup, update, type Draft } from './draft.js';
import { trustIn } from './trust.js';

/** What `conversations.create` is told; kept until the server has answered. */
export interface Creation {
  epoch: number;
  welcome: Uint8Array;
  groupInfo: Uint8Array;
}

/** Asks the server who is at an address, and believes only what holds together.
 * @throws ProblemError `address_unknown`, `key_unverifiable` */
export async function lookUpAccount(context: Context, address: Address): Promise<AccountCard> {
  const card = await context.connection().lookUp(address);
  if (card === null) throw new ProblemError({ code: 'address_unknown' });
  const { accountKey } = card;
  const vouched = await Promise.all(
    card.devices.map(({ id, signatureKey, certificate }) =>
      verifyCertificate({ address, accountKey, deviceId: id, signatureKey }, certificate),
    ),
  );
  if (card.address !== address || !vouched.every(Boolean))
    throw new ProblemError({ code: 'key_unverifiable' });
  return card;
}

/** Key packages of the other's devices, each checked; those of devices that the account does not vouch for are left out.
 * @throws ProblemError `key_unverifiable`: none holds; `server_error`: it has none for now. */
async function claimVerified(context: Context, card: AccountCard): Promise<Uint8Array[]> {
  const offered = await context.connection().claimKeyPackages(card.address);
  const verified: Uint8Array[] = [];
  for (const { deviceId, keyPackage } of offered) {
    const owner = { address: card.address, accountKey: card.accountKey, deviceId };
    try {
      await verifyKeyPackage(keyPackage, owner, context.clock.now());
      verified.push(keyPackage);
    } catch {
      context.log('warn', 'key_package_refused', { device: deviceId });
    }
  }
  if (offered.length === 0) throw new ProblemError({ code: 'server_error' });
  if (verified.length === 0) throw new ProblemError({ code: 'key_unverifiable' });
  return verified;
}

/** Drafts a group with the other's devices. The server does not know of it yet. */
export async function foundConversation(draft: Draft, card: AccountCard): Promise<void> {
  const { context, record } = draft;
  const keyPackages = await claimVerified(context, card);
  if (context.pins.get(card.address) === undefined) {
    putPin(draft, card.address, { accountKey: card.accountKey, verified: false });
  }
  const identity = context.identity();
  const trust = trustIn(context, card.address);
  const founded = await createGroup({ identity, conversationId: record.id, keyPackages, trust });
  const { group, welcome, groupInfo } = founded;
  setGroup(draft, group, founded.consumed);
  update(draft, { suite: suiteNumber, whole: true });
  put(draft, {
    table: 'groups',
    key: [record.id, 'creation'],
    value: {
      epoch: group.epoch,
      welcome,
      groupInfo,
    } satisfies Creation,
  });
}

/** Tells the server of a stored group, again and again with the same bytes.
 * @returns the conversation that the two accounts have: this one, or one that was there before. */
export async function announceCreation(
  context: Context,
  record: Draft['record'],
): Promise<ConversationId> {
  const creation = (await context.store.get('groups', [record.id, 'creation'])) as Creation;
  const answer = await context.connection().createConversation({
    conversationId: record.id,
    peer: record.peer,
    suite: record.suite,
    ...creation,
  });
  return answer.conversationId;
}

/** The server has it: messages may go. */
export async function created(draft: Draft): Promise<void> {
  if (draft.record.state !== 'creating') return;
  put(draft, { table: 'groups', key: [draft.record.id, 'creation'], value: undefined });
  update(draft, { state: 'ready' });
  putNotice(draft, 'encrypted');
}

/** Compares an account key with its pin, and keeps a differing one for the person to decide.
 * @returns whether it is the pinned one, or the first. */
export function checkPin(draft: Draft, card: Pick<AccountCard, 'address' | 'accountKey'>): boolean {
  const { context } = draft;
  const pin = context.pins.get(card.address);
  if (pin === undefined) return true;
  if (equalBytes(pin.accountKey, card.accountKey)) {
    // A server that took its word back: there is nothing to decide any more.
    const { changedKey, ...unchanged } = pin;
    if (changedKey !== undefined) putPin(draft, card.address, unchanged);
    return true;
  }
  if (pin.changedKey === undefined || !equalBytes(pin.changedKey, card.accountKey)) {
    putPin(draft, card.address, { ...pin, changedKey: card.accountKey });
    putNotice(draft, 'key_changed');
  }
  return false;
}

/** Takes every stored part of the group away: the server had another conversation of the two. */
export async function dropGroup(draft: Draft): Promise<void> {
  const rows = await draft.context.store.range('groups', { prefix: [draft.record.id], limit: 100 });
  for (const { key } of rows) put(draft, { table: 'groups', key, value: undefined });
  draft.group = null;
  draft.stored = null;
}
