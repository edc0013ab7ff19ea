/** One connection's live events, from the Bus to the socket. */
import type { CallEvent } from '../calls/contract.js';
import { closeCodes, type Connection, type Session } from '../connection.js';
import type { AccountId } from '../ids.js';
import type { Bus } from '../realtime/contract.js';
import type { LiveEvent } from './contract.js';
import { EventQueue } from './event-queue.js';

/** What a stream needs. */
export interface StreamSource {
  bus: Bus;
  /** What rings at the account now: a device that connects meanwhile rings as well. */
  ringing: (accountId: AccountId) => CallEvent[];
  connection: Connection;
  session: Session;
}

const subscribed: LiveEvent = { type: 'subscribed' };

/** Yields `subscribed` and then every event for the session's device and account, until the signal aborts,
 * the session ends or the consumer falls too far behind: then it comes back and pulls. */
export async function* streamEvents(
  { bus, ringing, connection, session }: StreamSource,
  signal: AbortSignal | undefined,
): AsyncGenerator<LiveEvent, void, undefined> {
  const signals = [signal, connection.sessionSignal].filter((one) => one !== undefined);
  if (signals.some(({ aborted }) => aborted)) return;
  const leave = connection.enter('stream');
  const queue = new EventQueue();
  const over = new AbortController();
  const end = (): void => {
    over.abort();
    queue.end();
  };
  for (const one of signals)
    one.addEventListener('abort', end, { once: true, signal: over.signal });
  const listen = (event: LiveEvent): void => {
    queue.push(event);
  };
  // Subscribe first, then say so: whatever happens after `subscribed` is in the stream.
  bus.subscribe(
    [`account:${session.accountId}`, `device:${session.deviceId}`],
    listen,
    over.signal,
  );
  for (const call of ringing(session.accountId)) queue.push({ type: 'call', call });
  try {
    yield subscribed;
    for (let event = await queue.take(); event !== null; event = await queue.take()) {
      yield event;
      if (event.type === 'revoked') return;
    }
    if (queue.overflowed) connection.close(closeCodes.slowConsumer, 'slow consumer');
  } finally {
    end();
    leave();
  }
}
