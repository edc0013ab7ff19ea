/** Adds to the logs: whatever many devices send at once becomes one transaction of few statements. */
import type { Transaction } from 'sequelize';
import { createBatchWriter, type Outcome } from '../database/batch-writer.js';
import type { BatchWriter, Database } from '../database/contract.js';
import type { LiveEvent } from '../events/contract.js';
import type { ConversationId, DeviceId } from '../ids.js';
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
import { conversationsOf, LogStates } from './log-states.js';

/** A message, or a commit with its parts. */
export interface LogItem {
  readonly draft: Draft;
  readonly parts: CommitParts | null;
}

/** Where an envelope stands now. */
export interface Appended {
  readonly stored: StoredEnvelope;
  /** The log's state after it. */
  readonly state: LogState;
  /** Whether it stood there already: of a repeated one the others heard before. */
  readonly repeated: boolean;
  /** Devices that a Welcome waits for since this commit. */
  readonly welcomed: readonly DeviceId[];
}

export interface LogWriterDependencies {
  database: Database;
  bus: Bus;
  /** Told how many envelopes each transaction took. */
  onBatch?: ((items: number) => void) | undefined;
}

/** Makes the writer of all logs. Events go out after the commit is on disk, in the order of `seq`. */
export function createLogWriter({
  database,
  bus,
  onBatch,
}: LogWriterDependencies): BatchWriter<LogItem, Appended> {
  const states = new LogStates(database);
  return createBatchWriter<LogItem, Appended>(database, {
    apply: (items, transaction, { careful }) =>
      new Batch({ database, transaction }, { states, careful }).apply(items),
    committed: ({ draft }, { stored, state, repeated }) => {
      states.remember(draft.conversationId, state);
      if (repeated) return;
      bus.publish(
        state.members.map((accountId) => `account:${accountId}` as const),
        envelopeEvent(draft, stored),
      );
    },
    onBatch,
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

/** What the drafts of a batch are held against. */
interface Known {
  states: Map<ConversationId, LogState>;
  /** By `envelopeKey`. */
  stored: Map<string, StoredEnvelope>;
}

/** One transaction's work on the logs. */
class Batch {
  readonly #scope: { database: Database; transaction: Transaction };
  readonly #remembered: LogStates;
  readonly #careful: boolean;
  #changed = new Map<ConversationId, LogState>();
  #entries: { draft: Draft; stored: StoredEnvelope }[] = [];
  #commits: { index: number; draft: Draft; parts: CommitParts; seq: number }[] = [];

  constructor(
    scope: { database: Database; transaction: Transaction },
    { states, careful }: { states: LogStates; careful: boolean },
  ) {
    this.#scope = scope;
    this.#remembered = states;
    this.#careful = careful;
  }

  async apply(items: readonly LogItem[]): Promise<Outcome<Appended>[]> {
    // 1. Nearly always every draft is new and fits: then the states are all that has to be known, and the database's
    //    own constraints find the rest. Otherwise nothing is written yet, and everything is looked up.
    const quick = this.#careful ? null : await this.#remembered.of(this.#scope, items);
    let outcomes = quick && this.#placeAll(items, { states: quick, stored: new Map() });
    if (outcomes === null || outcomes.some((outcome) => 'error' in outcome)) {
      outcomes = this.#placeAll(items, await this.#read(items));
    }
    // 2. What is new.
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

  /** The states first: on PostgreSQL they are locked from here on. */
  async #read(items: readonly LogItem[]): Promise<Known> {
    const drafts = items.map(({ draft }) => draft);
    const states = await readLogStates(this.#scope, conversationsOf(items));
    return { states, stored: await readStoredEnvelopes(this.#scope, drafts) };
  }

  #placeAll(items: readonly LogItem[], known: Known): Outcome<Appended>[] {
    this.#changed = new Map();
    this.#entries = [];
    this.#commits = [];
    return items.map((item, index) => this.#place(item, index, known));
  }

  #place({ draft, parts }: LogItem, index: number, known: Known): Outcome<Appended> {
    const { conversationId, sender, id } = draft;
    const state = known.states.get(conversationId) ?? null;
    const key = envelopeKey(sender.deviceId, id);
    const answer = append(state, draft, { stored: known.stored.get(key), now: Date.now() });
    if ('refused' in answer) return { error: refusal(answer.refused, draft) };
    const welcomed: DeviceId[] = [];
    if ('repeated' in answer) {
      const { repeated: stored, state: present } = answer;
      return { result: { stored, state: present, repeated: true, welcomed } };
    }
    known.states.set(conversationId, answer.state);
    known.stored.set(key, answer.stored);
    this.#changed.set(conversationId, answer.state);
    this.#entries.push({ draft, stored: answer.stored });
    if (parts) this.#commits.push({ index, draft, parts, seq: answer.stored.seq });
    return { result: { stored: answer.stored, state: answer.state, repeated: false, welcomed } };
  }
}
