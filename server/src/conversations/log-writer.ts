/** Adds to the logs: whatever many devices send at once becomes one transaction, and nearly always one statement. */
import { createBatchWriter, type Outcome, type Single } from '../database/batch-writer.js';
import type { BatchWriter, Database } from '../database/contract.js';
import { runWrite } from '../database/statements.js';
import type { LiveEvent } from '../events/contract.js';
import type { ConversationId, DeviceId } from '../ids.js';
import type { Bus, Topic } from '../realtime/contract.js';
import {
  append,
  refusal,
  type CommitParts,
  type Draft,
  type LogState,
  type StoredEnvelope,
} from './log.js';
import { appendStatement, type Placed } from './append-statement.js';
import {
  envelopeKey,
  readLogStates,
  readStoredEnvelopes,
  storeCommit,
  type EnvelopeName,
  type Scope,
} from './log-statements.js';
import { LogStates } from './log-states.js';

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
  const states = new LogStates();
  return createBatchWriter<LogItem, Appended>(database, {
    single: (items) => appendByMemory(database.dialect, items, states),
    apply: (items, transaction) => appendByLookingUp({ database, transaction }, items),
    committed: ({ draft }, { stored, state, repeated }) => {
      states.remember(draft.conversationId, state);
      if (repeated) return;
      bus.publish(topicsOf(state, draft), envelopeEvent(draft, stored));
    },
    onBatch,
    bytesOf: ({ draft, parts }) =>
      draft.ciphertext.length +
      (parts?.groupInfo.length ?? 0) +
      (parts?.welcome?.bytes.length ?? 0),
  });
}

/** Who waits for it first, and then who sent it: each of their sockets is a system call. */
function topicsOf({ members }: LogState, { sender: { accountId: own } }: Draft): Topic[] {
  const others = members.filter((accountId) => accountId !== own);
  return [...others, own].map((accountId) => `account:${accountId}` as const);
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

/** Nearly always every draft is a message, new, and fits where its log stands: then that is all that has to be known,
 * and the database's own constraints find the rest. */
function appendByMemory(
  dialect: Database['dialect'],
  items: readonly LogItem[],
  remembered: LogStates,
): Single<Appended> | null {
  if (items.some(({ parts }) => parts !== null)) return null;
  const states = remembered.of(conversationsOf(items));
  if (states === null) return null;
  const placing = new Placing({ states, stored: new Map() });
  const outcomes = items.map((item) => placing.place(item));
  if (outcomes.some((outcome) => 'error' in outcome)) return null;
  return { statement: appendStatement(dialect, placing), outcomes };
}

/** One transaction's work on the logs. */
async function appendByLookingUp(
  scope: Scope,
  items: readonly LogItem[],
): Promise<Outcome<Appended>[]> {
  // 1. The states first: on PostgreSQL they are locked from here on.
  const states = await readLogStates(scope, conversationsOf(items));
  const drafts = items.map(({ draft }) => draft);
  const names = [...drafts, ...drafts.flatMap(followedBy)];
  const placing = new Placing({ states, stored: await readStoredEnvelopes(scope, names) });
  const outcomes = items.map((item) => placing.place(item));
  // 2. What is new.
  if (placing.entries.length > 0)
    await runWrite(scope, appendStatement(scope.database.dialect, placing));
  // 3. What came with commits.
  for (const [index, { draft, parts }] of items.entries()) {
    const outcome = outcomes[index];
    if (parts === null || !outcome || 'error' in outcome || outcome.result.repeated) continue;
    const { seq } = outcome.result.stored;
    const welcomed = await storeCommit(scope, draft, { parts, seq });
    outcomes[index] = { result: { ...outcome.result, welcomed } };
  }
  return outcomes;
}

/** Gives drafts their places, one after the other. */
class Placing implements Placed {
  readonly entries: Placed['entries'][number][] = [];
  readonly logs = new Map<ConversationId, { was: LogState; is: LogState }>();
  readonly #known: Known;

  constructor(known: Known) {
    this.#known = known;
  }

  place({ draft }: LogItem): Outcome<Appended> {
    const { conversationId, sender, id } = draft;
    const { states, stored: storedOnes } = this.#known;
    const state = states.get(conversationId);
    if (state === undefined) return { error: refusal('not_found', draft) };
    const key = envelopeKey(sender.deviceId, id);
    const [before] = followedBy(draft);
    const answer = append(state, draft, {
      stored: storedOnes.get(key),
      followed: before && storedOnes.get(envelopeKey(sender.deviceId, before.id)),
      now: Date.now(),
    });
    if ('refused' in answer) return { error: refusal(answer.refused, draft) };
    const welcomed: DeviceId[] = [];
    if ('repeated' in answer) {
      const { repeated: stored, state: present } = answer;
      return { result: { stored, state: present, repeated: true, welcomed } };
    }
    const { stored, state: is } = answer;
    states.set(conversationId, is);
    storedOnes.set(key, stored);
    this.logs.set(conversationId, { was: this.logs.get(conversationId)?.was ?? state, is });
    this.entries.push({ draft, stored });
    return { result: { stored, state: is, repeated: false, welcomed } };
  }
}

/** The conversations of a batch, each once. */
function conversationsOf(items: readonly LogItem[]): ConversationId[] {
  return [...new Set(items.map(({ draft }) => draft.conversationId))];
}

/** What a draft follows, if it says so. */
function followedBy({ sender, follows }: Draft): EnvelopeName[] {
  return follows === undefined ? [] : [{ sender, id: follows }];
}
