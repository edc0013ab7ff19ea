/** The rules of a conversation's log, without a database: who may add what, and at which place it stands. */
import { ServerError, type ServerErrorCode } from '../errors.js';
import {
  seqSchema,
  type AccountId,
  type ConversationId,
  type DeviceId,
  type EnvelopeId,
  type Seq,
} from '../ids.js';
import { limits } from '../limits.js';

/** Something to be added to a log. */
export interface Draft {
  readonly kind: 'message' | 'commit';
  readonly conversationId: ConversationId;
  readonly id: EnvelopeId;
  readonly sender: { readonly accountId: AccountId; readonly deviceId: DeviceId };
  readonly epoch: number;
  readonly ciphertext: Buffer;
  /** SHA-256 of the ciphertext: what a retry is compared by when the ciphertext is gone. */
  readonly digest: Buffer;
  /** The same device's message that has to stand in the log already. */
  readonly follows?: EnvelopeId | undefined;
}

/** What a commit brings along. */
export interface CommitParts {
  readonly groupInfo: Buffer;
  /** For devices that the commit added: those of the candidates that never joined get it. */
  readonly welcome: {
    readonly bytes: Buffer;
    readonly candidates: readonly { readonly accountId: AccountId; readonly deviceId: DeviceId }[];
  } | null;
}

/** Where a log stands. */
export interface LogState {
  readonly head: number;
  readonly epoch: number;
  readonly members: readonly AccountId[];
  /** The newest envelope of each of the devices that wrote last, as far as that is remembered. */
  readonly latest?: readonly { readonly deviceId: DeviceId; readonly id: EnvelopeId }[];
}

/** Devices of a log that are remembered: two people, each at two of theirs. */
const latestMax = 4;

/** What is known of an envelope of the same device and id. */
export interface StoredEnvelope {
  readonly conversationId: string;
  readonly kind: Draft['kind'];
  readonly epoch: number;
  readonly digest: Buffer;
  readonly seq: Seq;
  readonly storedAt: number;
}

/** Decides on one draft.
 * @param state `null`: there is no such conversation.
 * @param known `stored`: the envelope that the same device sent before under the same id, if any; `followed`: the one
 *   that the draft follows, if it names one and that is stored.
 * @returns the next state and the envelope's place; `repeated` when it stands there already; or the refusal. */
export function append(
  state: LogState | null,
  draft: Draft,
  known: {
    stored: StoredEnvelope | undefined;
    followed?: StoredEnvelope | undefined;
    now: number;
  },
):
  | { state: LogState; stored: StoredEnvelope }
  | { state: LogState; repeated: StoredEnvelope }
  | { refused: ServerErrorCode } {
  if (!state?.members.includes(draft.sender.accountId)) return { refused: 'not_found' };
  // 1. A retry gets its first answer, however far the log has gone since.
  if (known.stored) {
    return isSame(known.stored, draft)
      ? { state, repeated: known.stored }
      : { refused: 'envelope_conflict' };
  }
  // 2. Commits are ordered by compare-and-swap; messages may be a few epochs late (RFC 9420, section 15.2).
  if (draft.kind === 'commit' && draft.epoch !== state.epoch) return { refused: 'epoch_conflict' };
  if (draft.epoch > state.epoch || draft.epoch < state.epoch - limits.epochsBehindMax) {
    return { refused: 'epoch_stale' };
  }
  // 3. One that was sent behind another never overtakes it, whatever became of that one.
  if (!isInTurn(state, draft, known.followed)) return { refused: 'out_of_turn' };
  // 4. The next place, without a gap.
  const seq = seqSchema.parse(state.head + 1);
  const { conversationId, kind, epoch, digest } = draft;
  return {
    state: {
      ...state,
      head: seq,
      epoch: kind === 'commit' ? epoch + 1 : state.epoch,
      latest: latestAfter(state, draft),
    },
    stored: { conversationId, kind, epoch, digest, seq, storedAt: known.now },
  };
}

function isInTurn(
  { latest = [] }: LogState,
  { follows, sender, conversationId }: Draft,
  followed: StoredEnvelope | undefined,
): boolean {
  return (
    follows === undefined ||
    followed?.conversationId === conversationId ||
    latest.some(({ deviceId, id }) => deviceId === sender.deviceId && id === follows)
  );
}

function latestAfter({ latest = [] }: LogState, { sender: { deviceId }, id }: Draft) {
  const others = latest.filter((other) => other.deviceId !== deviceId);
  return [{ deviceId, id }, ...others].slice(0, latestMax);
}

function isSame(stored: StoredEnvelope, draft: Draft): boolean {
  return (
    stored.conversationId === draft.conversationId &&
    stored.kind === draft.kind &&
    stored.epoch === draft.epoch &&
    stored.digest.equals(draft.digest)
  );
}

/** The error for a refused draft. */
export function refusal(code: ServerErrorCode, draft: Draft): ServerError {
  return new ServerError(code, `${draft.kind} ${draft.id} to conversation ${draft.conversationId}`);
}
