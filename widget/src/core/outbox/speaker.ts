/** What the person says goes into the outbox: what waits for its conversation together is stored in one batch, so that a
 * burst costs few writes. */
import { encodeContent } from '../content/index.js';
import type { Conversation } from '../conversations/conversation.js';
import { orderOf, putMessage, readAhead, update, type Draft } from '../conversations/draft.js';
import type { MessageId } from '../ids.js';
import { ProblemError } from '../snapshot.js';
import { enqueue, roomIn } from './entries.js';

/** Texts of one batch. */
const togetherMax = 32;

export interface SaidText {
  id: MessageId;
  text: string;
  /** Milliseconds since 1970. */
  at: number;
}

export interface Speaker {
  /** Resolves when it is stored: the row, the outbox entry with its ciphertext, and the group's new secrets, in the order
   * of asking. What is known already is not said again.
   * @throws ProblemError `outbox_full`: too many wait. */
  say(conversation: Conversation, said: SaidText): Promise<void>;
}

interface Waiting extends SaidText {
  resolve: () => void;
  reject: (error: unknown) => void;
}

export function createSpeaker(): Speaker {
  /** The batch of each conversation that may still take more. */
  const open = new Map<Conversation, Waiting[]>();

  const store = async (conversation: Conversation, batch: Waiting[]): Promise<void> => {
    try {
      const refused = await conversation.change((draft) => {
        if (open.get(conversation) === batch) open.delete(conversation);
        return draftAll(draft, batch);
      });
      for (const one of batch) {
        if (refused.has(one)) one.reject(new ProblemError({ code: 'outbox_full' }));
        else one.resolve();
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };

  return {
    say: (conversation, said) =>
      new Promise((resolve, reject) => {
        const one = { ...said, resolve, reject };
        const present = open.get(conversation);
        if (present !== undefined && present.length < togetherMax) {
          present.push(one);
          return;
        }
        const batch = [one];
        open.set(conversation, batch);
        void store(conversation, batch);
      }),
  };
}

/** @returns those for which there is no room. */
async function draftAll(draft: Draft, batch: readonly Waiting[]): Promise<Set<Waiting>> {
  const refused = new Set<Waiting>();
  const ids = batch.map(({ id }) => id);
  // One after the other, each would be a way to the disk before the first word is encrypted.
  let [room] = await Promise.all([roomIn(draft), readAhead(draft, ids)]);
  for (const one of batch) {
    if ((await orderOf(draft, one.id)) !== undefined) continue;
    if (room <= 0) {
      refused.add(one);
      continue;
    }
    room -= 1;
    await draftText(draft, one);
  }
  return refused;
}

async function draftText(draft: Draft, { id, text, at }: SaidText): Promise<void> {
  const order = await enqueue(draft, id, encodeContent({ type: 'text', id, at, text }));
  const body = { type: 'text' as const, text };
  putMessage(draft, { id, order, at, author: 'self', status: 'sending', body });
  update(draft, { activeAt: at });
}
