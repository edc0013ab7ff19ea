/** Follows a conversation's log: entry after entry, state, rows and cursor in one draft.
 *
 * The server orders and keeps the log, but what an entry is, and who spoke, is what MLS says. */
import { MlsError, open, type Opened } from '../mls/index.js';
import type { MessageId } from '../ids.js';
import { confirm } from '../outbox/entries.js';
import type { Envelope } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';
import type { Followed } from './state.js';
import {
  groupOf,
  isTaken,
  orderOf,
  putMessage,
  putNotice,
  remember,
  setGroup,
  update,
  type Draft,
} from './draft.js';
import { takeContent } from './take-content.js';
import { askAgain, willAskAgain } from './repair.js';
import { takePendingCommit } from './pending-commit.js';
import { trustIn } from './trust.js';

/** Takes entries in their order; what is stored already is passed over. Stops where it cannot go on. */
export async function receive(draft: Draft, entries: readonly Envelope[]): Promise<Followed> {
  const spoiled: Envelope[] = [];
  const followed = await follow(draft, entries, spoiled);
  await askAgain(draft, spoiled);
  return followed;
}

async function follow(
  draft: Draft,
  entries: readonly Envelope[],
  spoiled: Envelope[],
): Promise<Followed> {
  for (const entry of entries) {
    const { cursor, state } = draft.record;
    if (state !== 'ready' || entry.seq <= cursor) continue;
    if (entry.seq > cursor + 1) return 'gap';
    const taken =
      entry.kind === 'commit'
        ? await takeCommit(draft, entry)
        : await takeMessage(draft, entry, spoiled);
    if (taken !== 'followed') return taken;
    update(draft, { cursor: entry.seq });
  }
  return 'followed';
}

async function takeMessage(draft: Draft, entry: Envelope, spoiled: Envelope[]): Promise<Followed> {
  const { deviceId } = draft.context.identity();
  const known = await orderOf(draft, entry.id);
  if (entry.senderDevice === deviceId) {
    // Never sent by this store: it is an older copy, and its keys may have been used already.
    return (await confirm(draft, entry.id, entry)) ? 'followed' : 'rejoin';
  }
  if (known !== undefined) return 'followed'; // the same message under another position: shown once
  if (await isTaken(draft, entry.id, entry.seq)) throw new TransportError('answer_malformed');
  if (entry.ciphertext === null) {
    remember(draft, entry.id);
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
    putPlaceholder(draft, entry, spoiled);
    return 'followed';
  }
  if (opened.kind !== 'application') {
    putPlaceholder(draft, entry, spoiled);
    return 'followed';
  }
  setGroup(draft, opened.group, opened.consumed);
  await takeContent(draft, { content: opened.content, sender: opened.sender, entry });
  return 'followed';
}

/** What cannot be opened is told of in its place, and asked for again with the other spoiled ones of the batch. */
export function putPlaceholder(draft: Draft, entry: Envelope, spoiled: Envelope[]): void {
  draft.context.log('warn', 'message_undecryptable', {
    conversation: draft.record.id,
    seq: entry.seq,
  });
  const pending = willAskAgain(draft, spoiled.length);
  if (pending) spoiled.push(entry);
  putMessage(draft, {
    id: entry.id,
    order: entry.seq,
    at: entry.storedAt,
    author: 'peer',
    status: 'stored',
    body: { type: 'undecryptable', pending },
  });
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

/** One line for a run of entries that the server keeps no longer. */
export function putGap(draft: Draft, entry: Envelope): void {
  const { last } = draft.record;
  if (last?.body.type === 'notice' && last.body.notice === 'gap') return;
  putMessage(draft, {
    id: `gap-${String(entry.seq)}` as MessageId,
    order: entry.seq,
    at: entry.storedAt,
    author: 'peer',
    status: 'stored',
    body: { type: 'notice', notice: 'gap' },
  });
}
