/** Adds to the logs: whatever many devices send at once becomes one transaction of few statements. */
import type { Transaction } from 'sequelize';
import { createBatchWriter, type Outcome } from '../database/batch-writer.js';
import type { BatchWriter, Database } from '../database/contract.js';
import type { LiveEvent } from '../events/contract.js';
import type { AccountId, ConversationId, DeviceId } from '../ids.js';
import type { Bus } from '../realtime/contract.js';
import {
  append,
  refusal,
  type CommitParts,
  type Draft,
  type LogState,
  type StoredEnvelope,
} from './log.js';
import {
  envelopeKey,
  insertEnvelopes,
  readLogStates,
  readStoredEnvelopes,
  storeCommit,
  updateLogStates,
} from './log-statements.js';

/** A message, or a commit with its parts. */
export interface LogItem {
  readonly draft: Draft;
  readonly parts: CommitParts | null;
}

/** Where an envelope stands now. */
export interface Appended {
  readonly stored: StoredEnvelope;
  /** Whom its coming is told; empty for a repeated one, of which they heard before. */
  readonly audience: readonly AccountId[];
  /** Devices that a Welcome waits for since this commit. */
  readonly welcomed: readonly DeviceId[];
}

/** Makes the writer of all logs. Events go out after the commit is on disk, in the order of `seq`. */
export function createLogWriter(dependencies: {
  database: Database;
  bus: Bus;
}): BatchWriter<LogItem, Appended> {
  const { database, bus } = dependencies;
  return createBatchWriter<LogItem, Appended>(database, {
    apply: (items, transaction) => new Batch(database, transaction).apply(items),
    committed: ({ draft }, { stored, audience }) => {
      if (audience.length === 0) return;
      bus.publish(
        audience.map((accountId) => `account:${accountId}` as const),
        envelopeEvent(draft, stored),
      );
    },
    bytesOf: ({ draft, parts }) =>
      draft.ciphertext.length +
      (parts?.groupInfo.length ?? 0) +
      (parts?.welcome?.bytes.length ?? 0),
  });
}

function envelopeEvent(draft: Draft, { seq, storedAt }: StoredEnvelope): LiveEvent {
  const { conversationId, kind, id, epoch, ciphertext, sender } = draft;
  return {
    type: 'envelope',
    conversationId,
    envelope: { seq, kind, id, senderDevice: sender.deviceId, epoch, ciphertext, storedAt },
  };
}

/** One transaction's work on the logs. */
class Batch {
  readonly #scope: { database: Database; transaction: Transaction };
  readonly #changed = new Map<ConversationId, LogState>();
  readonly #entries: { draft: Draft; stored: StoredEnvelope }[] = [];
  readonly #commits: { index: number; draft: Draft; parts: CommitParts; seq: number }[] = [];

  constructor(database: Database, transaction: Transaction) {
    this.#scope = { database, transaction };
  }

  async apply(items: readonly LogItem[]): Promise<Outcome<Appended>[]> {
    const drafts = items.map(({ draft }) => draft);
    const ids = [...new Set(drafts.map(({ conversationId }) => conversationId))];
    // 1. What is there. The states first: on PostgreSQL they are locked from here on.
    const states = await readLogStates(this.#scope, ids);
    const stored = await readStoredEnvelopes(this.#scope, drafts);
    // 2. What becomes of each.
    const outcomes = items.map((item, index) => this.#place(item, index, { states, stored }));
    // 3. What is new.
    if (this.#entries.length > 0) {
      await insertEnvelopes(this.#scope, this.#entries);
      await updateLogStates(this.#scope, this.#changed);
    }
    for (const { index, draft, parts, seq } of this.#commits) {
      const welcomed = await storeCommit(this.#scope, draft, { parts, seq });
      const outcome = outcomes[index];
      if (outcome && 'result' in outcome)
        outcomes[index] = { result: { ...outcome.result, welcomed } };
    }
    return outcomes;
  }

  #place(
    { draft, parts }: LogItem,
    index: number,
    known: { states: Map<ConversationId, LogState>; stored: Map<string, StoredEnvelope> },
  ): Outcome<Appended> {
    const { conversationId, sender, id } = draft;
    const state = known.states.get(conversationId) ?? null;
    const key = envelopeKey(sender.deviceId, id);
    const answer = append(state, draft, { stored: known.stored.get(key), now: Date.now() });
    if ('refused' in answer) return { error: refusal(answer.refused, draft) };
    if ('repeated' in answer)
      return { result: { stored: answer.repeated, audience: [], welcomed: [] } };
    known.states.set(conversationId, answer.state);
    known.stored.set(key, answer.stored);
    this.#changed.set(conversationId, answer.state);
    this.#entries.push({ draft, stored: answer.stored });
    if (parts) this.#commits.push({ index, draft, parts, seq: answer.stored.seq });
    return { result: { stored: answer.stored, audience: answer.state.members, welcomed: [] } };
  }
}
