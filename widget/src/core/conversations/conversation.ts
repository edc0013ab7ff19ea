/** One conversation: its state, and the one way to change it. */
import type { Context } from '../context.js';
import { wipe } from '../mls/index.js';
import { createSerial } from '../serial.js';
import { createDraft, writesOf, type Draft } from './draft.js';
import type { ConversationRecord, ConversationState } from './state.js';

export interface Conversation {
  readonly record: ConversationRecord;
  /** Runs a transition after all earlier ones, stores what it drafted in one batch, then shows it.
   * When the transition throws, or the store fails, nothing has happened. */
  change<Result>(transition: (draft: Draft) => Promise<Result>): Promise<Result>;
  idle(): Promise<void>;
}

export function createConversation(context: Context, record: ConversationRecord): Conversation {
  let state: ConversationState = { record, group: undefined };
  const serial = createSerial();

  const settle = (draft: Draft): void => {
    const { id } = draft.record;
    wipe(draft.consumed);
    for (const act of draft.settled) act();
    if (draft.shown.size > 0 || draft.removed.size > 0) {
      context.messages(id, [...draft.shown.values()], [...draft.removed]);
    }
    if (draft.group && draft.group.epoch !== draft.before.group?.epoch) context.epochChanged(id);
    for (const message of draft.arrived) context.arrived(id, message);
    context.changed();
  };

  return {
    get record() {
      return state.record;
    },
    change: (transition) =>
      serial.run(async () => {
        const draft = createDraft(context, state);
        const result = await transition(draft);
        const writes = writesOf(draft);
        if (writes.length > 0) await context.store.commit(writes);
        state = { record: draft.record, group: draft.group };
        if (writes.length > 0) settle(draft);
        return result;
      }),
    idle: () => serial.idle(),
  };
}
