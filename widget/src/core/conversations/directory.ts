/** All conversations of this device. */
import type { Context } from '../context.js';
import type { Address, ConversationId } from '../ids.js';
import { ProblemError } from '../snapshot.js';
import { createConversation, type Conversation } from './conversation.js';
import type { Draft } from './draft.js';
import { newRecord, type ConversationRecord } from './state.js';

/** What a device keeps in memory: one small record each. */
export const conversationsMax = 2_000;

export interface Directory {
  /** Newest first, without those that stand behind another one. */
  all(): Conversation[];
  /** @throws ProblemError `internal`: no such conversation. */
  get(id: ConversationId): Conversation;
  /** What goes on under an id that a person saw: the conversation itself, or the one that took its place. */
  find(id: ConversationId): Conversation | undefined;
  /** What the server means by an id: that conversation and no other. Its heads and envelopes are of one log, and
   * must never be taken for those of the conversation that took its place. */
  named(id: ConversationId): Conversation | undefined;
  /** The one with this account that still goes on. */
  withPeer(peer: Address): Conversation | undefined;
  /** Adds a conversation whose first change is stored; nothing is added when that fails. */
  add(
    fields: Parameters<typeof newRecord>[0],
    first: (draft: Draft) => Promise<void>,
  ): Promise<Conversation>;
  /** Points from a conversation that was given up to the one that took its place. */
  replace(old: ConversationId, by: Conversation): void;
  remove(id: ConversationId): void;
}

export async function loadDirectory(context: Context): Promise<Directory> {
  const conversations = new Map<ConversationId, Conversation>();
  const replaced = new Map<ConversationId, ConversationId>();
  const rows = await context.store.range('conversations', { prefix: [], limit: conversationsMax });
  for (const { value } of rows) {
    const record = value as ConversationRecord;
    conversations.set(record.id, createConversation(context, record));
    if (record.previous !== undefined) replaced.set(record.previous, record.id);
  }
  const find = (id: ConversationId): Conversation | undefined => {
    let present = id;
    // A handle may change hands more than once. Each is replaced by a younger one, so this comes to an end.
    for (let next = replaced.get(id); next !== undefined; next = replaced.get(next)) present = next;
    return conversations.get(present);
  };

  return {
    all: () =>
      shown([...conversations.values()]).sort((a, b) => b.record.activeAt - a.record.activeAt),
    find,
    named: (id) => conversations.get(id),
    get(id) {
      const conversation = find(id);
      if (conversation === undefined) throw new ProblemError({ code: 'internal' });
      return conversation;
    },
    withPeer: (peer) => {
      const present = [...conversations.values()].filter(
        ({ record }) => record.peer === peer && record.state !== 'broken',
      );
      return present.find(({ record }) => record.state !== 'waiting') ?? present[0];
    },
    async add(fields, first) {
      if (conversations.size >= conversationsMax)
        throw new ProblemError({ code: 'conversations_full' });
      const conversation = createConversation(context, newRecord(fields));
      await conversation.change(async (draft) => {
        // A record of its own, so that it is stored even if nothing else changes.
        draft.record = { ...draft.record };
        await first(draft);
      });
      conversations.set(fields.id, conversation);
      context.changed();
      return conversation;
    },
    replace(old, by) {
      if (by.record.previous !== old) conversations.delete(old);
      replaced.set(old, by.record.id);
      context.changed();
    },
    remove(id) {
      conversations.delete(id);
      context.changed();
    },
  };
}

/** Without those that another one continues, and those that wait behind one with the same person until a changed key
 * is accepted. */
function shown(all: Conversation[]): Conversation[] {
  const continued = new Set(all.map(({ record }) => record.previous));
  const present = new Set(
    all
      .filter(({ record: { state } }) => state !== 'waiting' && state !== 'broken')
      .map(({ record }) => record.peer),
  );
  return all.filter(
    ({ record: { id, state, peer } }) =>
      !continued.has(id) && !(state === 'waiting' && present.has(peer)),
  );
}
