/** The live stream: one subscription per connection; when it ends, so does the connection. */
import type { Caller } from './caller.js';
import type { LiveEvent } from './contract.js';
import { TransportError } from './errors.js';
import { transportLimits } from './limits.js';
import { parseAnswer } from './procedures.js';
import type { InputOf } from './router-types.js';
import { liveEventSchema } from './schemas.js';

export interface SubscriptionOptions {
  /** This run of the client: another one of the same device gives way to it. */
  instance: string;
  listener: (event: LiveEvent) => void;
  /** @param why for the connection to end with. */
  onEnd: (why: TransportError) => void;
}

/** What was wrong with the server's words, where that ended a connection. */
export function malformedIn({ reason }: AbortSignal): TransportError | null {
  return reason instanceof TransportError && reason.code === 'answer_malformed' ? reason : null;
}

/** Resolves at the `subscribed` event, which comes first. */
export async function subscribeTo(caller: Caller, options: SubscriptionOptions): Promise<void> {
  const { instance, listener, onEnd } = options;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      fail(new TransportError('timeout'));
    }, transportLimits.requestTimeoutMs);
    let live = false;
    const fail = (error: TransportError): void => {
      clearTimeout(timer);
      reject(error);
      // Without a session there was no stream yet, and the connection goes on: a log-in and another try follow.
      if (live || error.code !== 'unauthenticated') onEnd(error);
    };
    const input: InputOf<'events.subscribe'> = { instance };
    caller.listen('events.subscribe', input, {
      onData(data) {
        let event: LiveEvent;
        try {
          event = parseAnswer(liveEventSchema, data);
        } catch {
          fail(new TransportError('answer_malformed'));
          return;
        }
        if (event.type !== 'subscribed') {
          listener(event);
          return;
        }
        live = true;
        clearTimeout(timer);
        resolve();
      },
      onEnd: fail,
    });
  });
}
