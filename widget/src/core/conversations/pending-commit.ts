/** A commit of this device on its way: made, stored, sent, and applied where the log has it.
 *
 * It is stored with the state that it leads to before it is sent: after a crash the log tells whether it won. */
import { decodeGroup, encodeGroup, type Group, type GroupPart } from '../mls/index.js';
import type { MessageId } from '../ids.js';
import type { Envelope } from '../transport/contract.js';
import { put, read, setGroup, update, type Draft } from './draft.js';
import type { Followed } from './state.js';

export interface PendingCommit {
  id: MessageId;
  /** The epoch in which it was made. */
  epoch: number;
  commit: Uint8Array;
  groupInfo: Uint8Array;
  /** The state that it leads to: `[part, bytes]`. */
  next: [GroupPart, Uint8Array][];
}

const keyOf = (draft: Draft) => [draft.record.id, 'commit'] as const;

export async function pendingCommit(draft: Draft): Promise<PendingCommit | null> {
  return ((await read(draft, 'groups', keyOf(draft))) as PendingCommit | undefined) ?? null;
}

export function putPendingCommit(
  draft: Draft,
  fields: Omit<PendingCommit, 'next'>,
  next: Group,
): PendingCommit {
  const parts = encodeGroup(next).flatMap(({ part, bytes }): [GroupPart, Uint8Array][] =>
    bytes === undefined ? [] : [[part, bytes]],
  );
  const pending = { ...fields, next: parts };
  put(draft, { table: 'groups', key: keyOf(draft), value: pending });
  return pending;
}

export function dropPendingCommit(draft: Draft): void {
  put(draft, { table: 'groups', key: keyOf(draft), value: undefined });
}

const groupAfter = ({ next }: PendingCommit): Group =>
  decodeGroup(next.map(([part, bytes]) => ({ part, bytes })));

/** Applies this device's own commit where the log has it, or forgets it where another one has won its epoch.
 * @returns `null`: a commit of somebody else, to be opened. */
export async function takePendingCommit(draft: Draft, entry: Envelope): Promise<Followed | null> {
  const pending = await pendingCommit(draft);
  const isOwn = entry.senderDevice === draft.context.identity().deviceId;
  if (pending?.id === entry.id && isOwn) {
    dropPendingCommit(draft);
    setGroup(draft, groupAfter(pending));
    update(draft, { renewedAt: draft.context.clock.now() });
    return 'followed';
  }
  // Never made by this store: it is an older copy.
  if (isOwn) return 'rejoin';
  if (pending !== null) dropPendingCommit(draft);
  return null;
}
