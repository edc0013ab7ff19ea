/** One client's connection: a WebSocket for as long as it lives, or a single HTTP request. */
import { ServerError } from './errors.js';
import type { AccountId, Address, DeviceId, SiteKey } from './ids.js';
import { limits } from './limits.js';
import type { Bus, Subscriber } from './realtime/contract.js';
import type { Site } from './sites/service.js';

/** Who is signed in. */
export interface Session {
  readonly accountId: AccountId;
  readonly address: Address;
  readonly deviceId: DeviceId;
  readonly siteKey: SiteKey;
  /** SHA-256 of the token, hex. */
  readonly tokenHash: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Close codes of the WebSocket, from the range that applications may use (RFC 6455, section 7.4.2). */
export const closeCodes = {
  /** The device was revoked or signed out: do not come back with this session. */
  revoked: 4401,
  /** Another instance of the same device's client is at work. */
  replaced: 4409,
  /** The client did not take what was sent to it: come back and pull. */
  slowConsumer: 4408,
} as const;

/** What can be ended from this side. */
export interface Closable {
  close(code: number, reason: string): void;
}

/** What lives no longer than the session that it was begun in. */
export interface SessionBound {
  stop(): void;
}

/** What wants to know who is signed in on a connection. */
export interface SessionWatcher {
  /** `null`: nobody any more. */
  onSession(session: Session | null): void;
}

export interface ConnectionOptions {
  site: Site;
  origin: string;
  /** Address of the client, for rate limits only. */
  ip: string;
  bus: Bus;
  /** The socket; absent for HTTP requests, which end by themselves. */
  socket?: Closable;
  /** Its place among all connections, where it takes one. */
  place?: SessionWatcher | undefined;
}

/** The mutable part of a request's context: signing in on a socket changes it for all later requests.
 *
 * Thousands of them wait at a time: what not every one needs is made when it is needed. */
export class Connection implements Subscriber {
  readonly site: Site;
  readonly origin: string;
  readonly ip: string;
  readonly #bus: Bus;
  readonly #socket: Closable | undefined;
  readonly #place: SessionWatcher | undefined;
  #session: Session | null = null;
  #requests = 0;
  #streams: readonly SessionBound[] = [];

  constructor({ site, origin, ip, bus, socket, place }: ConnectionOptions) {
    this.site = site;
    this.origin = origin;
    this.ip = ip;
    this.#bus = bus;
    this.#socket = socket;
    this.#place = place;
  }

  /** `null` when nobody is signed in, or no longer. */
  get session(): Session | null {
    if (this.#session !== null && this.#session.expiresAt <= Date.now()) this.signOut();
    return this.#session;
  }

  /** Attaches the session and, on a socket, listens for the device's revocation on any node. */
  signIn(session: Session): void {
    this.signOut();
    this.#session = session;
    this.#place?.onSession(session);
    // An HTTP request is over before it matters; its stream of events ends by itself.
    if (this.#socket !== undefined) this.#bus.subscribe([`device:${session.deviceId}`], this);
  }

  /** Ends the session's streams as well. */
  signOut(): void {
    const session = this.#session;
    if (session === null) return;
    this.#session = null;
    this.#place?.onSession(null);
    this.#bus.unsubscribe([`device:${session.deviceId}`], this);
    for (const stream of this.#streams) stream.stop();
  }

  onEvent(event: { type: string }): void {
    // After the present turn, so that the event itself is still delivered.
    if (event.type === 'revoked') setImmediate(() => this.#end());
  }

  /** Counts a request in. Without a bound, a client that sends and does not listen would have the server hold all of
   * it. @throws ServerError `too_many` */
  enter(): void {
    if (this.#requests >= limits.requestsAtATimeMax) throw tooMany('requests at a time');
    this.#requests += 1;
  }

  /** Counts it out. */
  leave(): void {
    this.#requests -= 1;
  }

  /** Whether an answer to some request is still to come. */
  get isAsked(): boolean {
    return this.#requests > 0;
  }

  /** Stops the stream with the session. @throws ServerError `too_many` */
  attach(stream: SessionBound): void {
    if (this.#streams.length >= limits.streamsPerConnectionMax) throw tooMany('streams at a time');
    this.#streams = [...this.#streams, stream];
  }

  detach(stream: SessionBound): void {
    this.#streams = this.#streams.filter((one) => one !== stream);
  }

  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
  }

  #end(): void {
    this.signOut();
    this.close(closeCodes.revoked, 'revoked');
  }
}

function tooMany(what: string): ServerError {
  return new ServerError('too_many', what, { retryAfterSeconds: 1 });
}
