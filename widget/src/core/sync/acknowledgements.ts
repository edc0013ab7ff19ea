/** Tells the server what is stored here, so that it can delete it: gathered, since nothing waits for it. */
import type { Context } from '../context.js';
import type { ConversationId } from '../ids.js';
import { transportLimits } from '../transport/limits.js';

const delayMs = 500;

export interface Acknowledgements {
  /** Everything up to `seq` is on this device's disk. */
  stored(conversationId: ConversationId, seq: number): void;
  flush(): Promise<void>;
}

export function createAcknowledgements(context: Context): Acknowledgements {
  const pending = new Map<ConversationId, number>();
  let scheduled = false;

  const flush = async (): Promise<void> => {
    if (!context.online()) return;
    const upTo = [...pending].slice(0, transportLimits.acknowledgementsMax);
    if (upTo.length === 0) return;
    for (const [conversationId] of upTo) pending.delete(conversationId);
    try {
      await context
        .connection()
        .acknowledge(upTo.map(([conversationId, seq]) => ({ conversationId, seq })));
    } catch {
      // Said again with the next one, or after the next connection's heads.
      context.log('debug', 'acknowledgement_lost');
    }
  };

  return {
    stored(conversationId, seq) {
      pending.set(conversationId, Math.max(seq, pending.get(conversationId) ?? 0));
      if (scheduled) return;
      scheduled = true;
      void context.clock.sleep(delayMs, context.signal).then(() => {
        scheduled = false;
        return flush();
      });
    },
    flush,
  };
}
