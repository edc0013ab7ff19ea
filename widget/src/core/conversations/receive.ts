/** Follows a conversation's log: entry after entry, state, rows and cursor in one draft.
 *
 * The server orders and keeps the log, but what an entry is, and who spoke, is what MLS says. */
import { MlsError, open, type Opened } from '../mls/index.js';
import { confirm, makeRoom } from '../outbox/entries.js';
import type { Envelope } from '../transport/contract.js';
import type { Followed, Spoiled } from './state.js';
import {
  groupOf,
  orderOf,
  putNotice,
  readAhead,
  remember,
  setGroup,
  update,
  type Draft,
} from './draft.js';
import { takeContent } from './take-content.js';
import { noteUnread, putGap, putPlaceholder } from './placeholders.js';
import { askAgain } from './repair.js';
import { takePendingCommit } from './pending-commit.js';
import { trustIn } from './trust.js';

/** Takes entries in their order; what is stored already is passed over. Stops where it cannot go on. */
export async function receive(draft: Draft, entries: readonly Envelope[]): Promise<Followed> {
  if (draft.record.state === 'out') return 'rejoin';
  const spoiled: Spoiled[] = [];
  const { cursor } = draft.record;
  const ids = entries.flatMap(({ id, seq }) => (seq > cursor ? [id] : []));
  // Meanwhile the first of them is opened. What cannot be read is missed where it is asked for.
  readAhead(draft, ids).catch(() => undefined);
  const followed = await follow(draft, entries, spoiled);
  // Stored with what showed it: whatever becomes of the way back, nothing is encrypted with these keys any more.
  if (followed === 'rejoin') update(draft, { state: 'out' });
  await askAgain(draft, spoiled);
  return followed;
}

async function follow(
  draft: Draft,
  entries: readonly Envelope[],
  spoiled: Spoiled[],
): Promise<Followed> {
  for (const entry of entries) {
    const { cursor, state } = draft.record;
    if (state !== 'ready' || entry.seq <= cursor) continue;
    if (entry.seq > cursor + 1) return 'gap';
    await makeRoom(draft, entry);
    const taken =
      entry.kind === 'commit'
        ? await takeCommit(draft, entry)
        : await takeMessage(draft, entry, spoiled);
    if (taken !== 'followed') return taken;
    update(draft, { cursor: entry.seq });
  }
  return 'followed';
}

async function takeMessage(draft: Draft, entry: Envelope, spoiled: Spoiled[]): Promise<Followed> {
  const { deviceId } = draft.context.identity();
  const isKnown = async () => (await orderOf(draft, entry.id)) !== undefined;
  if (entry.senderDevice === deviceId) {
    if (await confirm(draft, entry.id, entry)) return 'followed';
    // Never sent by this store: it is an older copy, and its keys may have been used already.
    if (entry.epoch >= (draft.record.joinedEpoch ?? 0)) return 'rejoin';
    // Said with the leaf that this device has replaced since: its keys are of no more use to anybody. This device counts on
    // all the same: whose word it is only the server says, and with a new run it could hide what it threw away before.
    remember(draft, entry.id);
    putGap(draft, entry);
    return 'followed';
  }
  if (entry.ciphertext === null) {
    if (await isKnown()) return 'followed';
    remember(draft, entry.id);
    noteUnread(draft, entry.senderDevice);
    putGap(draft, entry);
    return 'followed';
  }
  const group = await groupOf(draft);
  if (group === null) return 'rejoin';
  let opened: Opened;
  try {
    opened = await open(group, entry.ciphertext, trustIn(draft.context, draft.record.peer));
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    // Of an epoch ahead: the commit to it was withheld.
    if (error.code === 'epoch_unknown' && entry.epoch > group.epoch) return 'rejoin';
    // The same message at another place was shown already, or is known to be missing. Another one under a known id would
    // have opened.
    if (!(await isKnown())) putPlaceholder(draft, entry, spoiled);
    return 'followed';
  }
  if (opened.kind !== 'application') {
    if (!(await isKnown())) putPlaceholder(draft, entry, spoiled);
    return 'followed';
  }
  setGroup(draft, opened.group, opened.consumed);
  await takeContent(draft, { content: opened.content, sender: opened.sender, entry }, spoiled);
  return 'followed';
}

async function takeCommit(draft: Draft, entry: Envelope): Promise<Followed> {
  const { identity, log } = draft.context;
  const pending = await takePendingCommit(draft, entry);
  if (pending !== null) return pending;
  const group = await groupOf(draft);
  if (entry.ciphertext === null || group === null) return 'rejoin';
  let opened: Opened;
  try {
    opened = await open(group, entry.ciphertext, trustIn(draft.context, draft.record.peer));
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    log('warn', 'commit_refused', { conversation: draft.record.id, seq: entry.seq });
    return error.code === 'credential_refused' ? 'refused' : 'rejoin';
  }
  if (opened.kind !== 'commit' || opened.selfRemoved) return 'rejoin';
  setGroup(draft, opened.group, opened.consumed);
  for (const { address } of opened.added) {
    if (address === draft.record.peer || address === identity().address)
      putNotice(draft, 'device_added', entry.seq);
  }
  if (opened.removed.length > 0) putNotice(draft, 'device_removed', entry.seq);
  return 'followed';
}
