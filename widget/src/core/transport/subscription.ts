/** The live stream: one subscription per connection; when it ends, so does the connection. */
import { TRPCClientError } from '@trpc/client';
import type { LiveEvent } from './contract.js';
import { errorFromWire, TransportError } from './errors.js';
import { transportLimits } from './limits.js';
import { parseAnswer } from './procedures.js';
import type { TrpcClient } from './router-types.js';
import { liveEventSchema } from './schemas.js';

export interface SubscriptionOptions {
  signal: AbortSignal;
  listener: (event: LiveEvent) => void;
  onEnd: () => void;
}

/** Resolves at the `subscribed` event, which comes first. */
export async function subscribeTo(client: TrpcClient, options: SubscriptionOptions): Promise<void> {
  const { signal, listener, onEnd } = options;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      fail(new TransportError('timeout'));
    }, transportLimits.requestTimeoutMs);
    const fail = (error: TransportError): void => {
      clearTimeout(timer);
      reject(error);
      onEnd();
    };
    client.subscription('events.subscribe', undefined, {
      signal,
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
        clearTimeout(timer);
        resolve();
      },
      onError(cause) {
        const error = errorFromWire(cause instanceof TRPCClientError ? cause.data : null, cause);
        // The session is over, the connection is not: a log-in and another try follow.
        if (error.code === 'unauthenticated') {
          clearTimeout(timer);
          reject(error);
        } else {
          fail(error);
        }
      },
      onComplete() {
        fail(new TransportError('offline'));
      },
    });
  });
}
