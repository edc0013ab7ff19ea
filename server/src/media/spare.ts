/** One thing made ahead of its use, so that whoever needs it does not wait for Janus. */
export class Spare<Thing> {
  readonly #make: () => Promise<Thing>;
  readonly #discard: (thing: Thing) => Promise<void>;
  #ready: Promise<Thing | null> | null = null;

  constructor(make: () => Promise<Thing>, discard: (thing: Thing) => Promise<void>) {
    this.#make = make;
    this.#discard = discard;
  }

  /** Makes one, unless there is one. If that fails, whoever takes it makes it. */
  prepare(): void {
    this.#ready ??= this.#make().catch(() => null);
  }

  /** The one that was made, or a fresh one. @throws what making it throws */
  async take(): Promise<Thing> {
    const ready = this.#ready;
    this.#ready = null;
    return (await ready) ?? this.#make();
  }

  async discard(): Promise<void> {
    const ready = await this.#ready;
    this.#ready = null;
    if (ready !== null) await this.#discard(ready);
  }
}
