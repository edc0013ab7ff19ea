/** One timer for the pings of all sockets: each tick turns to a part of them, so that ten thousand are not pinged in one
 * go, and a socket costs no timer of its own. */

/** A socket that can be asked whether it is still there. */
export interface Pinged {
  /** Since the last round nothing was heard of it. */
  silent: boolean;
  ping(): void;
  terminate(): void;
}

const slotCount = 32;

/** Sockets in turn. */
export class PingWheel<Socket extends Pinged> {
  readonly #slots = Array.from({ length: slotCount }, () => new Set<Socket>());
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  #turn = 0;

  /** @param roundMs each socket is pinged once in this time; one that is silent for a whole round is dead. */
  constructor(roundMs: number) {
    this.#timer = setInterval(() => this.#tick(), roundMs / slotCount);
    this.#timer.unref();
  }

  /** @returns the slot, to be given back with `remove`. */
  add(socket: Socket): number {
    const slot = this.#next;
    this.#next = (slot + 1) % slotCount;
    this.#slots[slot]?.add(socket);
    return slot;
  }

  remove(socket: Socket, slot: number): void {
    this.#slots[slot]?.delete(socket);
  }

  all(): Socket[] {
    return this.#slots.flatMap((sockets) => [...sockets]);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const sockets = this.#slots[this.#turn];
    this.#turn = (this.#turn + 1) % slotCount;
    for (const socket of sockets ?? []) {
      if (socket.silent) {
        socket.terminate();
        continue;
      }
      socket.silent = true;
      socket.ping();
    }
  }
}
