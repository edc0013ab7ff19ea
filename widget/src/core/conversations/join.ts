/** Entering a group that exists: by a Welcome, or by an external commit. */
import type { Context } from '../context.js';
import type { MessageId } from '../ids.js';
import type { StoredKeyPackage } from '../account/key-packages.js';
import { joinByWelcome, joinExternally, MlsError, welcomeRefs, type Group } from '../mls/index.js';
import { outboxEntriesMax, takeTurn, type OutboxEntry } from '../outbox/entries.js';
import { putNotice, put, setGroup, update, type Draft } from './draft.js';
import { dropGroup } from './found.js';
import { pinFromTree, trustIn } from './trust.js';
import type { ConversationRecord } from './state.js';
import { newRun } from './turns.js';

/** Joins by a Welcome that waits for this device. The log goes on after it.
 * @throws MlsError `welcome_unknown`, `credential_refused`, `malformed`, ... */
export async function joinWelcome(
  draft: Draft,
  { seq, welcome }: { seq: number; welcome: Uint8Array },
): Promise<void> {
  const { context, record } = draft;
  const found = await findKeyPackage(context, welcome);
  if (found === null) throw new MlsError('welcome_unknown');
  const { group } = await joinByWelcome({
    identity: context.identity(),
    conversationId: record.id,
    welcome,
    privateBytes: found.privateBytes,
    trust: trustIn(context, record.peer),
  });
  await enter(draft, group, seq);
  if (seq === 0) update(draft, { whole: true });
  // The last resort may have been used before: fresh keys as soon as may be.
  if (found.lastResort) update(draft, { renewedAt: 0 });
  // Forward secrecy: what it was made for has happened.
  else put(draft, { table: 'key_packages', key: [found.ref], value: undefined });
  putNotice(draft, 'encrypted', seq);
}

async function findKeyPackage(context: Context, welcome: Uint8Array) {
  for (const ref of welcomeRefs(welcome)) {
    const stored = (await context.store.get('key_packages', [ref])) as StoredKeyPackage | undefined;
    if (stored !== undefined) return { ref, ...stored };
  }
  return null;
}

export interface Joined {
  group: Group;
  /** The log position of the commit. */
  seq: number;
}

/** Joins, or joins again, by an external commit: made here, accepted by the server, and to be stored then.
 * @param id of the commit, stored already.
 * @throws TransportError `epoch_conflict`: somebody was faster; try again. MlsError: the GroupInfo does not hold. */
export async function joinByCommit(
  context: Context,
  record: ConversationRecord,
  id: MessageId,
): Promise<Joined> {
  const connection = context.connection();
  const info = await connection.groupInfo(record.id);
  const { group, commit, groupInfo, epoch } = await joinExternally({
    identity: context.identity(),
    conversationId: record.id,
    groupInfo: info.groupInfo,
    trust: trustIn(context, record.peer),
  });
  // The tree must have gone on from where this device saw it: a server cannot bring an old state back.
  if (epoch < record.epoch) throw new MlsError('epoch_unknown');
  // Members hand this in beside their commits: one of another epoch would lose against the server for ever.
  if (epoch !== info.epoch) throw new MlsError('malformed');
  if (!group.members.some(({ address }) => address === record.peer))
    throw new MlsError('credential_refused');
  // Made before it is stored, the one thing that is: an engine that lost its store in its sleep must not send it.
  await context.store.commit([]);
  // Should this device stop here, the commit stands in the log, unknown to its store, and it joins once more.
  const { seq } = await connection.commit({
    conversationId: record.id,
    id,
    epoch,
    commit,
    groupInfo,
  });
  return { group, seq };
}

/** Goes on behind the commit by which this device has joined.
 * @param copied the log holds what another copy of this device did. */
export async function enterByCommit(
  draft: Draft,
  { group, seq }: Joined,
  copied: boolean,
): Promise<void> {
  const { context, record } = draft;
  const isAgain = record.state !== 'waiting';
  await enter(draft, group, seq);
  await unsealOutbox(draft, copied || !isAgain);
  const now = context.clock.now();
  update(draft, { rejoinedAt: now, renewedAt: now, joinedEpoch: group.epoch });
  putNotice(draft, copied ? 'copied' : isAgain ? 'rejoined' : 'encrypted', seq);
}

async function enter(draft: Draft, group: Group, seq: number): Promise<void> {
  await dropGroup(draft);
  setGroup(draft, group);
  pinFromTree(draft, group);
  const { stuck: _cleared, joins: _over, ...rest } = draft.record;
  draft.record = { ...rest, state: 'ready', cursor: seq, suite: group.suite };
}

/** What waits was encrypted by a leaf that is no more.
 * @param anew it was counted by a device that is an older copy of itself, or may be. Else the counting goes on: what the
 *   server pretended to have taken is missed by the others. */
async function unsealOutbox(draft: Draft, anew: boolean): Promise<void> {
  if (anew) update(draft, { said: { run: newRun(), count: 0 } });
  const rows = await draft.context.store.range('outbox', {
    prefix: [draft.record.id],
    limit: outboxEntriesMax,
  });
  for (const { key, value } of rows) {
    const entry = value as OutboxEntry;
    const turn = anew ? takeTurn(draft, entry.id) : entry.turn;
    const unsealed = { ...entry, ...(turn && { turn }), ciphertext: null };
    put(draft, { table: 'outbox', key, value: unsealed satisfies OutboxEntry });
  }
}
