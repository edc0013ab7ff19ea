/** Ownership where Web Locks are missing (plain http): one tab at a time, by asking the others.
 *
 * A tab says `claim`; an owner answers `owned`. No answer within `answerMs`, and it is the owner. Of two that claim
 * at once the one with the smaller name goes on. A tab that is not the owner asks again until the owner is gone.
 * Weaker than a lock, since an owner asleep does not answer: on waking it hears `owned` of another and stops, and
 * the store refuses what it may have begun. */
import type { Lead, Ownership } from './ownership.js';
import { channelName, type Place } from './protocol.js';

const answerMs = 500;
const askAgainMs = 3_000;

type Claim = { claim: 'claim' | 'owned' | 'released'; tab: string };

export interface ClaimOptions {
  place: Place;
  lead: Lead;
  signal: AbortSignal;
  /** Told `true` when another tab is at work, `false` when this one begins. */
  onOther: (other: boolean) => void;
}

export function ownByClaim({ place, lead, signal, onOther }: ClaimOptions): Ownership {
  const tab = crypto.getRandomValues(new Uint32Array(4)).join('-');
  const channel = new BroadcastChannel(`${channelName(place)} claims`);
  let turn: AbortController | null = null;
  let claiming = false;
  /** Somebody answered the claim, or has the better one. */
  let refused = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = (claim: Claim['claim']): void => {
    channel.postMessage({ claim, tab } satisfies Claim);
  };

  const own = async (): Promise<void> => {
    onOther(false);
    turn = new AbortController();
    say('owned');
    try {
      await lead(AbortSignal.any([signal, turn.signal]));
    } catch {
      // It broke: begin anew like any other tab.
    } finally {
      turn = null;
      say('released');
      if (!signal.aborted) timer = setTimeout(ask, askAgainMs);
    }
  };
  const ask = (): void => {
    if (turn !== null || claiming || signal.aborted) return;
    clearTimeout(timer);
    claiming = true;
    refused = false;
    say('claim');
    timer = setTimeout(() => {
      claiming = false;
      if (signal.aborted) return;
      if (!refused) void own();
      else {
        onOther(true);
        timer = setTimeout(ask, askAgainMs);
      }
    }, answerMs);
  };

  channel.addEventListener('message', ({ data }: MessageEvent<Claim>) => {
    if (data.claim === 'claim') {
      if (turn !== null) say('owned');
      else if (claiming && data.tab > tab) say('owned');
      else if (claiming) refused = true;
    } else if (data.claim === 'owned') {
      refused = true;
      if (turn !== null && data.tab < tab) turn.abort();
    } else ask();
  });
  globalThis.addEventListener(
    'pagehide',
    () => {
      if (turn !== null) say('released');
    },
    { signal },
  );
  signal.addEventListener(
    'abort',
    () => {
      clearTimeout(timer);
      turn?.abort();
      channel.close();
    },
    { once: true },
  );

  ask();
  return {
    get owns() {
      return turn !== null;
    },
    take: () => Promise.resolve(),
  };
}
