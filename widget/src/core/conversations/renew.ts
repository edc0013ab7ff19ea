/** Fresh keys for this device in a conversation, from time to time: whoever copied the old ones is locked out again
 * (post-compromise security, RFC 9420, section 16.6). */
import type { Context } from '../context.js';
import { commit } from '../mls/index.js';
import { TransportError } from '../transport/errors.js';
import type { Conversation } from './conversation.js';
import { groupOf, type Draft } from './draft.js';
import { newMessageId } from './message-id.js';
import {
  dropPendingCommit,
  pendingCommit,
  putPendingCommit,
  type PendingCommit,
} from './pending-commit.js';
import type { ConversationRecord } from './state.js';
import { trustIn } from './trust.js';

const intervalMs = 7 * 24 * 3_600_000;

export function isRenewalDue(
  context: Context,
  { state, stuck, renewedAt, cursor }: ConversationRecord,
): boolean {
  // Not before anything was said: the other would have to follow a commit before the first hello.
  if (state !== 'ready' || stuck !== undefined || cursor === 0) return false;
  return context.clock.now() - renewedAt > intervalMs;
}

/** Makes the commit, stores it, and only then sends it; it is applied where the log has it.
 * @returns whether the log has to be followed now: the commit is in it, or another one came first. */
export async function renew(context: Context, conversation: Conversation): Promise<boolean> {
  const pending = await conversation.change(prepare);
  if (pending === null) return false;
  const { id, epoch, commit: bytes, groupInfo } = pending;
  try {
    await context
      .connection()
      .commit({ conversationId: conversation.record.id, id, epoch, commit: bytes, groupInfo });
  } catch (error) {
    if (!(error instanceof TransportError) || error.code !== 'epoch_conflict') throw error;
    // The one that came first is applied, and drops ours; the next connection tries again.
  }
  return true;
}

/** The same commit again after a crash, as long as its epoch is the current one. */
async function prepare(draft: Draft): Promise<PendingCommit | null> {
  const group = await groupOf(draft);
  if (group === null || !isRenewalDue(draft.context, draft.record)) return null;
  if (!draft.context.settled(draft.record.id)) return null;
  const known = await pendingCommit(draft);
  if (known?.epoch === group.epoch) return known;
  if (known !== null) dropPendingCommit(draft);
  // What this uses up is kept: the commit may lose, and then the old state goes on.
  const made = await commit(group, { trust: trustIn(draft.context, draft.record.peer) });
  const fields = {
    id: newMessageId(),
    epoch: group.epoch,
    commit: made.commit,
    groupInfo: made.groupInfo,
  };
  return putPendingCommit(draft, fields, made.group);
}
