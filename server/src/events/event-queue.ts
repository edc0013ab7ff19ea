/** Events between the Bus, which does not wait, and a consumer that may. */
import { limits } from '../limits.js';
import type { LiveEvent } from './contract.js';

/** On a socket the consumer takes events at once, and the socket has its own bound in bytes; over HTTP it
 * takes them as fast as the network does. */
const { waitingEventsMax, slowConsumerBytesMax } = limits;

/** A bounded queue with one consumer: by events, and by the bytes in them. */
export class EventQueue {
  #waiting: LiveEvent[] = [];
  #waitingBytes = 0;
  #wake: (() => void) | null = null;
  #ended = false;
  #overflowed = false;

  /** Whether it ended because too much waited. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  push(event: LiveEvent): void {
    if (this.#ended) return;
    const bytes = this.#waitingBytes + bytesIn(event);
    if (this.#waiting.length >= waitingEventsMax || bytes > slowConsumerBytesMax) {
      this.#overflowed = true;
      this.#waiting = [];
      this.end();
      return;
    }
    this.#waiting.push(event);
    this.#waitingBytes = bytes;
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
    const event = this.#waiting.shift() ?? null;
    if (event !== null) this.#waitingBytes -= bytesIn(event);
    return event;
  }
}

/** The bytes and characters in a value, however deep; what is around them is little. */
function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array) return value.byteLength;
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, inner) => sum + bytesIn(inner), 0);
}
