/** Ownership where Web Locks are missing (plain http): one tab at a time, by asking the others.
 *
 * 1. A tab says `claim`. An owner answers `owned`; of two that claim at once the one with the smaller name says
 *    `mine` to the other.
 * 2. Nobody answered within `answerMs`: it is the owner, and says so again and again.
 * 3. Otherwise it waits until the owner says `released`, or is silent for `askAgainMs`, and claims again.
 *
 * Weaker than a lock: an owner asleep does not answer. On waking it hears `owned` of a later one and stops; what
 * it would store until then is refused, since the later one took the database when it opened it. */
import type { Lead, Ownership } from './ownership.js';
import { channelName, type Place } from './protocol.js';

const answerMs = 500;
const askAgainMs = 3_000;

/** `since`: when the owner began, milliseconds since 1970. */
interface Claim {
  claim: 'claim' | 'mine' | 'owned' | 'released';
  tab: string;
  since: number;
}

/** Other scripts of the page may post on the channel too. */
const isClaim = (data: unknown): data is Claim =>
  typeof data === 'object' &&
  data !== null &&
  'tab' in data &&
  typeof data.tab === 'string' &&
  'since' in data &&
  Number.isSafeInteger(data.since) &&
  'claim' in data &&
  ['claim', 'mine', 'owned', 'released'].includes(data.claim as string);

export interface ClaimOptions {
  place: Place;
  lead: Lead;
  signal: AbortSignal;
  /** Told `true` when another tab is at work, `false` when this one begins. */
  onOther: (other: boolean) => void;
}

export const ownByClaim = (options: ClaimOptions): Ownership => new ClaimedOwnership(options);

class ClaimedOwnership implements Ownership {
  readonly #options: ClaimOptions;
  readonly #tab = crypto.getRandomValues(new Uint32Array(4)).join('-');
  readonly #channel: BroadcastChannel;
  #state: 'waiting' | 'claiming' | 'refused' | 'owning' = 'waiting';
  #turn: AbortController | null = null;
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ClaimOptions) {
    const { place, signal } = options;
    this.#options = options;
    this.#channel = new BroadcastChannel(`${channelName(place)} claims`);
    this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (isClaim(data)) this.#hear(data);
    });
    const farewell = (): void => {
      if (this.owns) this.#say('released');
    };
    globalThis.addEventListener('pagehide', farewell, { signal });
    signal.addEventListener('abort', () => {
      clearTimeout(this.#timer);
      farewell();
      this.#turn?.abort();
      this.#channel.close();
    });
    this.#claim();
  }

  get owns(): boolean {
    return this.#state === 'owning';
  }

  /** The other tab is not to be overruled: without locks nobody could tell whether it has stopped. */
  take(): Promise<void> {
    return Promise.resolve();
  }

  #claim(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'claiming';
    this.#say('claim');
    this.#after(answerMs, () => {
      if (this.#state === 'claiming') void this.#own();
      else this.#wait();
    });
  }

  #wait(): void {
    this.#state = 'waiting';
    this.#options.onOther(true);
    this.#after(askAgainMs, () => {
      this.#claim();
    });
  }

  async #own(): Promise<void> {
    const { lead, onOther, signal } = this.#options;
    this.#state = 'owning';
    this.#since = Date.now();
    const turn = new AbortController();
    this.#turn = turn;
    onOther(false);
    this.#say('owned');
    const reminder = setInterval(() => {
      this.#say('owned');
    }, askAgainMs / 2);
    // If it broke, this tab begins anew like any other.
    await lead(AbortSignal.any([signal, turn.signal])).catch(() => undefined);
    clearInterval(reminder);
    if (signal.aborted) return;
    if (!turn.signal.aborted) this.#say('released');
    this.#wait();
  }

  #hear({ claim, tab, since }: Claim): void {
    if (claim === 'claim') {
      if (this.owns) this.#say('owned');
      else if (this.#state === 'claiming' && tab > this.#tab) this.#say('mine');
    } else if (claim === 'released') {
      if (this.#state === 'waiting') this.#claim();
    } else if (this.#state === 'claiming') this.#state = 'refused';
    else if (claim === 'owned' && this.owns && since > this.#since) this.#turn?.abort();
    else if (claim === 'owned' && this.#state === 'waiting') this.#wait();
  }

  #say(claim: Claim['claim']): void {
    this.#channel.postMessage({ claim, tab: this.#tab, since: this.#since } satisfies Claim);
  }

  #after(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#options.signal.aborted) then();
    }, ms);
  }
}
