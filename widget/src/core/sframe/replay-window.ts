/** Which counters of one key id were seen: each frame counts once (RFC 9605, section 9.3). */

const windowBits = 1024;

/** Remembers the last 1,024 counters, a bit each; older ones count as seen. */
export class ReplayWindow {
  #highest = -1;
  readonly #seen = new Uint32Array(windowBits / 32);

  has(counter: number): boolean {
    if (counter > this.#highest) return false;
    if (this.#highest - counter >= windowBits) return true;
    return (this.#word(counter) & this.#bit(counter)) !== 0;
  }

  /** To be called only for a frame that authenticated: otherwise anyone could close the window. */
  add(counter: number): void {
    if (counter - this.#highest >= windowBits) this.#seen.fill(0);
    else for (let next = this.#highest + 1; next < counter; next += 1) this.#clear(next);
    const index = this.#index(counter);
    this.#seen[index] = this.#word(counter) | this.#bit(counter);
    this.#highest = Math.max(this.#highest, counter);
  }

  #clear(counter: number): void {
    this.#seen[this.#index(counter)] = this.#word(counter) & ~this.#bit(counter);
  }

  #index = (counter: number): number => Math.floor(counter / 32) % this.#seen.length;
  #word = (counter: number): number => this.#seen[this.#index(counter)] ?? 0;
  #bit = (counter: number): number => 1 << (counter % 32);
}
