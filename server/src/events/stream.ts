/** One subscription's live events, from the Bus straight to whoever carries them. */
import type { CallEvent } from '../calls/contract.js';
import { closeCodes, type Connection, type Session } from '../connection.js';
import type { AccountId } from '../ids.js';
import { limits } from '../limits.js';
import type { Bus, Subscriber, Topic } from '../realtime/contract.js';
import type { UnderWay } from '../under-way.js';
import type { LiveEvent } from './contract.js';
import { EventQueue } from './event-queue.js';

/** What a stream needs. */
export interface StreamSource {
  readonly bus: Bus;
  /** What rings at the account now: a device that connects meanwhile rings as well. */
  readonly calls: { ringing(accountId: AccountId): CallEvent[] };
  readonly connection: Connection;
  readonly session: Session;
  readonly underWay: UnderWay;
  /** Which run of the device's client listens; one that says so is alone. */
  readonly instance: string | undefined;
  /** Ends the iteration; a stream that is pushed has `stop`. */
  readonly signal: AbortSignal | undefined;
}

/** Where a stream's events go. It may be one for many streams. */
export interface EventSink<Id> {
  push(id: Id, event: LiveEvent): void;
  /** Nothing more comes. Called once, also after `stop`. */
  finished(id: Id): void;
}

const subscribed: LiveEvent = { type: 'subscribed' };

/** `subscribed` and then every event for the session's device and account, until it is stopped, the session ends or
 * the device is revoked. It is pushed into a sink, or iterated: once, and one or the other. */
export class EventStream<Id = unknown>
  implements Subscriber, AsyncIterable<LiveEvent, void, undefined>
{
  #sink: EventSink<Id> | null = null;
  #id: Id | undefined;
  /** Ends the time in which it makes room for another instance. */
  #leave: (() => void) | null = null;

  constructor(private readonly source: StreamSource) {}

  /** @throws ServerError `too_many` when the connection has as many streams as it may. */
  start(id: Id, sink: EventSink<Id>): void {
    const { connection, instance } = this.source;
    connection.attach(this);
    this.#sink = sink;
    this.#id = id;
    if (instance === undefined) {
      this.#begin();
      return;
    }
    void this.#takeOver(instance);
  }

  /** Whatever other instances have said has to be in the log before this one reads it: until they are gone, it waits.
   * Of two that waited at the same time, the one that goes on last finds the other there, and waits again. */
  async #takeOver(instance: string): Promise<void> {
    const { bus, session, underWay } = this.source;
    const idle = (): Promise<void> | null => {
      bus.publish([`device:${session.deviceId}`], { type: 'replaced', by: instance });
      return underWay.idle(session.deviceId);
    };
    for (let wait = idle(); wait !== null; wait = idle()) {
      await wait;
      if (this.#sink === null) return;
    }
    this.#begin();
  }

  /** Subscribe first, then say so: whatever happens after `subscribed` is in the stream. */
  #begin(): void {
    const { bus, calls, session } = this.source;
    bus.subscribe(this.#topics, this);
    this.#sink?.push(this.#id as Id, subscribed);
    for (const call of calls.ringing(session.accountId)) this.onEvent({ type: 'call', call });
  }

  onEvent(event: LiveEvent): void {
    const { instance } = this.source;
    const isReplaced = event.type === 'replaced';
    if (isReplaced && (instance === undefined || event.by === instance)) return;
    this.#sink?.push(this.#id as Id, event);
    if (event.type === 'revoked') this.stop();
    if (isReplaced) this.#giveWay();
  }

  /** What this instance sends until it hears that it has to go is still taken: it is encrypted, and refused here the
   * next one would use its key again. One that does not go by itself is sent away. */
  #giveWay(): void {
    if (this.#sink === null || this.#leave !== null) return;
    const { connection, session, underWay } = this.source;
    const leave = underWay.enter(session.deviceId);
    const patience = setTimeout(() => {
      connection.signOut();
      connection.close(closeCodes.replaced, 'replaced');
    }, limits.giveWayMs);
    this.#leave = () => {
      clearTimeout(patience);
      leave();
    };
  }

  /** May be called at any time, and again. */
  stop(): void {
    const sink = this.#sink;
    if (sink === null) return;
    this.#sink = null;
    const { bus, connection } = this.source;
    bus.unsubscribe(this.#topics, this);
    connection.detach(this);
    this.#leave?.();
    sink.finished(this.#id as Id);
  }

  /** For who takes events as fast as it can; one that falls too far behind comes back and pulls. */
  async *[Symbol.asyncIterator](): AsyncGenerator<LiveEvent, void, undefined> {
    const { connection, session, signal } = this.source;
    if (signal?.aborted === true || connection.session !== session) return;
    const queue = new EventQueue();
    const stop = (): void => this.stop();
    this.start(undefined as Id, {
      push: (_id, event) => queue.push(event),
      finished: () => queue.end(),
    });
    signal?.addEventListener('abort', stop, { once: true });
    try {
      for (let event = await queue.take(); event !== null; event = await queue.take()) yield event;
      if (queue.overflowed) connection.close(closeCodes.slowConsumer, 'slow consumer');
    } finally {
      signal?.removeEventListener('abort', stop);
      stop();
    }
  }

  get #topics(): readonly Topic[] {
    const { accountId, deviceId } = this.source.session;
    return [`account:${accountId}`, `device:${deviceId}`];
  }
}
