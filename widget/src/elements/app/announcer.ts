/** What screen readers are told of arriving messages: they read every change to its end, and a flood would never end. */

const pauseMs = 2_500;

export interface AnnouncerOptions {
  /** Puts a text where it is read aloud. */
  say: (text: string) => void;
  /** Says how many came, of one person or (`null`) of several. */
  countText: (name: string | null, count: number) => string;
}

/** Says the first message at once; of those that come in the pause after it, the one, or how many there are. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  #waiting: { name: string; text: string }[] = [];
  #count = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** @param name of the sender @param text the whole announcement of this one message */
  arrived(name: string, text: string): void {
    if (this.#pause === undefined) {
      this.#say(text);
      return;
    }
    this.#count += 1;
    // One of each sender tells whether there is more than one.
    if (!this.#waiting.some((other) => other.name === name) && this.#waiting.length < 2)
      this.#waiting.push({ name, text });
  }

  #say(text: string): void {
    this.#options.say(text);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#tellWhatWaits();
    }, pauseMs);
  }

  #tellWhatWaits(): void {
    const [first, second] = this.#waiting;
    const count = this.#count;
    this.#waiting = [];
    this.#count = 0;
    if (first === undefined) return;
    if (count === 1) this.#say(first.text);
    else this.#say(this.#options.countText(second === undefined ? first.name : null, count));
  }
}
