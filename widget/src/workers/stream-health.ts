/** Watches whether the frames of one stream open, to tell the page when that changes. */

/** A stream counts as stalled after so long and so many frames without one that opened. */
const stalledAfterMs = 1_000;
const stalledAfterFrames = 10;

export class StreamHealth {
  #state: 'waiting' | 'flowing' | 'stalled' = 'waiting';
  #failures = 0;
  #failingSince = 0;

  /** Notes one frame. @returns what to tell, or `null` while nothing changed. */
  note(opened: boolean, now: number): 'first_frame' | 'stalled' | null {
    if (opened) {
      this.#failures = 0;
      if (this.#state === 'flowing') return null;
      this.#state = 'flowing';
      return 'first_frame';
    }
    if (this.#failures === 0) this.#failingSince = now;
    this.#failures += 1;
    const isStalled =
      this.#failures >= stalledAfterFrames && now - this.#failingSince >= stalledAfterMs;
    if (!isStalled || this.#state === 'stalled') return null;
    this.#state = 'stalled';
    return 'stalled';
  }
}
