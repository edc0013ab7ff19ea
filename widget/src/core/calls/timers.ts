/** Named timers of a call: setting one anew stops the former of that name. */
import type { Clock } from '../context.js';

export class Timers<Name extends string> {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #running = new Map<Name, AbortController>();

  /** @param signal aborts when none may fire any more. */
  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    signal.addEventListener('abort', () => {
      for (const timer of this.#running.values()) timer.abort();
    });
  }

  set(name: Name, ms: number, done: () => void): void {
    this.stop(name);
    const timer = new AbortController();
    this.#running.set(name, timer);
    void this.#clock.sleep(ms, timer.signal).then(() => {
      if (timer.signal.aborted || this.#signal.aborted) return;
      this.#running.delete(name);
      done();
    });
  }

  stop(name: Name): void {
    this.#running.get(name)?.abort();
    this.#running.delete(name);
  }
}
