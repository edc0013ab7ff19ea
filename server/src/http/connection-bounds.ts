/** How many connections there may be, of whom, and for how long without a log-in. Sockets and event streams alike.
 *
 * A place is taken when a connection is let in and is free again when its stream closes, whoever closes it. */
import type { Session, SessionWatcher } from '../connection.js';
import { ServerError } from '../errors.js';
import type { DeviceId } from '../ids.js';
import { limits } from '../limits.js';

/** What is bounded; see limits.ts. `perAddress: false` lifts the two that count by network address. */
export interface ConnectionBoundsTable {
  connectionsMax: number;
  connectionsPerAddressMax: number;
  unsignedMax: number;
  unsignedPerAddressMax: number;
  connectionsPerDeviceMax: number;
  signInSeconds: number;
  perAddress: boolean;
}

export interface ConnectionBounds {
  /** Lets a connection in until its stream closes. The stream is destroyed for want of a log-in, and when its device
   * has enough newer ones; clients come back by themselves.
   * @returns what is to be told who signs in on it.
   * @throws ServerError `too_many` */
  enter(address: string, stream: Stream): SessionWatcher;
  close(): void;
}

/** A socket, or the answer of an HTTP request. */
export interface Stream {
  readonly destroyed: boolean;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** How often it is looked who has waited too long to sign in. */
const lookEveryMs = 5_000;
const retryAfterSeconds = 10;

export function createConnectionBounds(
  changes: Partial<ConnectionBoundsTable> = {},
): ConnectionBounds {
  const table: ConnectionBoundsTable = { ...limits, perAddress: true, ...changes };
  const everybody = new Everybody(table);
  const timer = setInterval(() => {
    everybody.endUnsigned(Date.now() - table.signInSeconds * 1000);
  }, lookEveryMs);
  timer.unref();
  return {
    enter(address, stream) {
      everybody.check(address);
      const place = new Place(everybody, address, stream);
      if (!stream.destroyed) {
        everybody.arrive(place);
        stream.once('close', () => {
          place.onClosed();
        });
      }
      return place;
    },
    close() {
      clearInterval(timer);
    },
  };
}

/** One connection that is there; ten thousand of them may be, so that it holds little. */
class Place implements SessionWatcher {
  /** Who is signed in; `undefined` when the connection is not there (any more). */
  device: DeviceId | null | undefined = undefined;
  /** Since when nobody is. */
  since = 0;

  constructor(
    readonly everybody: Everybody,
    readonly address: string,
    readonly stream: Stream,
  ) {}

  onSession(session: Session | null): void {
    const device = session?.deviceId ?? null;
    if (this.device !== undefined && this.device !== device) this.everybody.sort(this, device);
  }

  onClosed(): void {
    this.everybody.leave(this);
  }
}

/** All connections: those without a log-in, and those of each device. */
class Everybody {
  readonly #table: ConnectionBoundsTable;
  readonly #all = new Counted();
  readonly #unsignedOf = new Counted();
  /** Oldest first, as sets are in the order of insertion. */
  readonly #unsigned = new Set<Place>();
  readonly #ofDevice = new Map<DeviceId, Set<Place>>();

  constructor(table: ConnectionBoundsTable) {
    this.#table = table;
  }

  /** @throws ServerError `too_many` */
  check(address: string): void {
    const table = this.#table;
    const full =
      this.#all.total >= table.connectionsMax ||
      this.#unsigned.size >= table.unsignedMax ||
      (table.perAddress &&
        (this.#all.of(address) >= table.connectionsPerAddressMax ||
          this.#unsignedOf.of(address) >= table.unsignedPerAddressMax));
    if (full) throw new ServerError('too_many', 'connections', { retryAfterSeconds });
  }

  arrive(place: Place): void {
    this.#all.add(place.address, 1);
    this.sort(place, null);
  }

  leave(place: Place): void {
    this.#all.add(place.address, -1);
    this.#unsort(place);
    place.device = undefined;
  }

  /** Puts it with the others of its device, or of nobody. */
  sort(place: Place, device: DeviceId | null): void {
    this.#unsort(place);
    place.device = device;
    if (device !== null) {
      this.#addTo(device, place);
      return;
    }
    place.since = Date.now();
    this.#unsigned.add(place);
    this.#unsignedOf.add(place.address, 1);
  }

  endUnsigned(since: number): void {
    for (const place of this.#unsigned) {
      if (place.since > since) return;
      place.stream.destroy();
    }
  }

  #unsort(place: Place): void {
    if (place.device === null) {
      if (this.#unsigned.delete(place)) this.#unsignedOf.add(place.address, -1);
    } else if (place.device !== undefined) {
      const others = this.#ofDevice.get(place.device);
      others?.delete(place);
      if (others?.size === 0) this.#ofDevice.delete(place.device);
    }
  }

  #addTo(device: DeviceId, place: Place): void {
    const others = this.#ofDevice.get(device) ?? new Set();
    this.#ofDevice.set(device, others.add(place));
    if (others.size <= this.#table.connectionsPerDeviceMax) return;
    // The newest stay: those of before a lost network may be dead and not know it yet.
    const [oldest] = others;
    if (oldest === undefined) return;
    others.delete(oldest);
    oldest.stream.destroy();
  }
}

/** Numbers by address, and their sum; an address with none is forgotten. */
class Counted {
  total = 0;
  readonly #numbers = new Map<string, number>();

  of(address: string): number {
    return this.#numbers.get(address) ?? 0;
  }

  add(address: string, change: 1 | -1): void {
    const next = this.of(address) + change;
    this.total += change;
    if (next === 0) this.#numbers.delete(address);
    else this.#numbers.set(address, next);
  }
}
