/** One client's connection: a WebSocket for as long as it lives, or a single HTTP request. */
import { randomBytes } from 'node:crypto';
import { ServerError } from './errors.js';
import type { AccountId, Address, DeviceId, SiteKey } from './ids.js';
import { limits } from './limits.js';
import type { Bus } from './realtime/contract.js';
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
  /** The client did not take what was sent to it: come back and pull. */
  slowConsumer: 4408,
} as const;

export interface ConnectionOptions {
  site: Site;
  origin: string;
  /** Address of the client, for rate limits only. */
  ip: string;
  bus: Bus;
  /** Ends the connection; absent for HTTP requests, which end by themselves. */
  close?: (code: number, reason: string) => void;
}

/** The mutable part of a request's context: signing in on a socket changes it for all later requests. */
export class Connection {
  readonly id = randomBytes(9).toString('base64url');
  readonly site: Site;
  readonly origin: string;
  readonly ip: string;
  readonly #bus: Bus;
  readonly #close: ((code: number, reason: string) => void) | undefined;
  #session: Session | null = null;
  #signedIn = new AbortController();
  readonly #underWay = { request: 0, stream: 0 };

  constructor({ site, origin, ip, bus, close }: ConnectionOptions) {
    this.site = site;
    this.origin = origin;
    this.ip = ip;
    this.#bus = bus;
    this.#close = close;
  }

  /** `null` when nobody is signed in, or no longer. */
  get session(): Session | null {
    if (this.#session !== null && this.#session.expiresAt <= Date.now()) this.signOut();
    return this.#session;
  }

  /** Aborts when the present session leaves the connection. */
  get sessionSignal(): AbortSignal {
    return this.#signedIn.signal;
  }

  /** Attaches the session and, on a socket, listens for the device's revocation on any node. */
  signIn(session: Session): void {
    this.signOut();
    this.#session = session;
    this.#signedIn = new AbortController();
    // An HTTP request is over before it matters; its stream of events ends by itself.
    if (this.#close === undefined) return;
    const onEvent = (event: { type: string }): void => {
      // After the present turn, so that the event itself is still delivered.
      if (event.type === 'revoked') setImmediate(() => this.#end());
    };
    this.#bus.subscribe([`device:${session.deviceId}`], onEvent, this.#signedIn.signal);
  }

  signOut(): void {
    this.#session = null;
    this.#signedIn.abort();
  }

  /** Counts a request or a stream in; the function it gives counts it out. Without a bound, a client that sends
   * and does not listen would have the server hold all of it.
   * @throws ServerError `too_many` */
  enter(what: 'request' | 'stream'): () => void {
    const max = what === 'request' ? limits.requestsAtATimeMax : limits.streamsPerConnectionMax;
    if (this.#underWay[what] >= max) {
      const retryAfterSeconds = 1;
      throw new ServerError('too_many', `${what}s at a time`, { retryAfterSeconds });
    }
    this.#underWay[what] += 1;
    return () => {
      this.#underWay[what] -= 1;
    };
  }

  close(code: number, reason: string): void {
    this.#close?.(code, reason);
  }

  #end(): void {
    this.signOut();
    this.close(closeCodes.revoked, 'revoked');
  }
}
