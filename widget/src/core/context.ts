/** What every part of the engine works with: the ports, and the few things that are one per client. */
import type { Pins } from './account/pins.js';
import type { CallId, ConversationId, MessageId } from './ids.js';
import type { DeviceIdentity } from './mls/contract.js';
import type { Message, Problem } from './snapshot.js';
import type { Store } from './store/contract.js';
import type { Connection } from './transport/contract.js';

/** Time, as a port: tests run without waiting. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so long, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** `warn`: something untoward that was dealt with; `error`: something that should not happen. Identifiers only,
 * never content, keys or tokens. */
export type Log = (
  level: 'debug' | 'warn' | 'error',
  event: string,
  ids?: Record<string, string | number>,
) => void;

/** What the parts tell the client; it turns them into events. */
export interface Announcements {
  /** Something in the snapshot may have changed. */
  changed(): void;
  messages(conversationId: ConversationId, messages: Message[], removed: MessageId[]): void;
  arrived(conversationId: ConversationId, message: Message): void;
  problem(problem: Problem): void;
  /** Something that nobody waits for failed: the person is told if the server's word did not hold. */
  failed(error: unknown): void;
  /** A conversation's group has another epoch now. */
  epochChanged(conversationId: ConversationId): void;
}

export interface Context extends Announcements {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly pins: Pins;
  /** Aborts when the client closes. */
  readonly signal: AbortSignal;
  /** This device. @throws ProblemError before an account is claimed. */
  identity(): DeviceIdentity;
  displayName(): string | undefined;
  /** Milliseconds since 1970 by the server's clock, as far as it is known: what others compare with theirs. */
  time(): number;
  /** Whether this device is in the call. */
  inCall(callId: CallId): boolean;
  /** @throws TransportError `offline` */
  connection(): Connection;
  /** Whether `connection()` gives one that is logged in. */
  online(): boolean;
  /** Whether this device knows all that the log held of a conversation when this connection began. Nothing is encrypted
   * before: on a restored copy the next key may have been used already, and the log shows it. */
  settled(conversationId: ConversationId): boolean;
  /** Notes that it does, or could not be told so far, if the connection that showed it is still this one. */
  settle(connection: Connection, conversationId: ConversationId, isHeard?: boolean): void;
}
