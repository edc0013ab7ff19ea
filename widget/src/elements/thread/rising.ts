/** Which lines rise as they come: a few, each to its end. Those of a flood stand there at once: nobody could follow
 * them, and to move them takes a browser longer than to draw them. */
import type { Message } from '../../core/snapshot.js';

/** Lines that rise at a time. */
export const risingMax = 3;
/** So long a line rises; `--_slow`. */
export const risingMs = 200;

/** Knows the lines that came last. */
export class Rising {
  private after = Infinity;
  private grownAt = -Infinity;
  private few = false;

  /** Call whenever lines have changed.
   * @param newest `order` of the newest line before; Infinity where nothing is new to the eye
   * @param now in milliseconds, of a clock that only goes on */
  follow(messages: readonly Message[], newest: number, now: number): void {
    // What still rises goes on rising with what comes now.
    if (newest === Infinity || now - this.grownAt >= risingMs) this.after = newest;
    if ((messages.at(-1)?.order ?? 0) > newest) this.grownAt = now;
    this.few = (messages.at(-1 - risingMax)?.order ?? 0) <= this.after;
  }

  /** Whether a line rises. */
  has({ order }: Message): boolean {
    return this.few && order > this.after;
  }
}
