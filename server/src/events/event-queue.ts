/** Events between the Bus, which does not wait, and a consumer that may. */
import type { LiveEvent } from './contract.js';

/** On a socket the consumer takes events at once, and the socket has its own bound in bytes; over HTTP it
 * takes them as fast as the network does. */
const waitingMax = 1_000;

/** A bounded queue with one consumer. */
export class EventQueue {
  #waiting: LiveEvent[] = [];
  #wake: (() => void) | null = null;
  #ended = false;
  #overflowed = false;

  /** Whether it ended because too much waited. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  push(event: LiveEvent): void {
    if (this.#ended) return;
    if (this.#waiting.length >= waitingMax) {
      this.#overflowed = true;
      this.#waiting = [];
      this.end();
      return;
    }
    this.#waiting.push(event);
    this.#wake?.();
  }

  /** What waits is still taken, nothing is added. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The next event, as soon as there is one; `null` at the end. */
  async take(): Promise<LiveEvent | null> {
    while (this.#waiting.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    return this.#waiting.shift() ?? null;
  }
}
