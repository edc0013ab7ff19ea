/** Decides which tab owns the engine. With Web Locks: whoever holds the lock. Without: see `claims.ts`.
 *
 * The page's lock elects; the engine takes a second one inside its worker before it touches storage, because a
 * worker may outlive its page for a moment. A browser does not put to sleep a page that holds a lock others wait
 * for, as a rule; where it does (phones), the tab in front takes the lock by force. The engine asleep then finds
 * on waking that its lock is gone, and ends. Should it still do something before it hears of that: the next engine
 * took the database when it opened it, so every batch of the old one is refused, and since everything is stored before
 * it is sent, nothing new of it reaches the server. See `core/store/indexed-db.ts` and `engine/host.ts`.
 *
 * An engine that fell asleep in the middle of a batch keeps the database shut until the browser gives that batch up,
 * which takes Chromium a minute; the next engine waits for it, and says that it is connecting. */

/** Runs the engine until the signal aborts; resolves when it is closed. Rejects if it broke. */
export type Lead = (signal: AbortSignal) => Promise<void>;

export interface Ownership {
  readonly owns: boolean;
  /** Makes this tab the owner whoever is now; resolves when its engine may start. */
  take(): Promise<void>;
}

export interface OwnershipOptions {
  lock: string;
  lead: Lead;
  signal: AbortSignal;
  /** This page may have no locks, as in a sandboxed frame: it has no storage either. */
  onRefused: () => void;
}

/** Before this tab queues again: longer after an engine broke, so that one that always breaks does not spin. Never
 * nothing: a page being torn down is refused at once and for ever, and a loop without a timer would hang its process. */
const queueAgainMs = { ended: 20, broke: 1_000 };

export function ownByLock(
  locks: LockManager,
  { lock, lead, signal, onRefused }: OwnershipOptions,
): Ownership {
  let owned: AbortController | null = null;
  /** Ends the waiting in the queue when `take` does not want to wait. */
  let queued = new AbortController();

  const hold = async (options: LockOptions): Promise<void> => {
    const turn = new AbortController();
    const end = (): void => {
      turn.abort();
    };
    signal.addEventListener('abort', end);
    try {
      await locks.request(lock, options, async () => {
        owned = turn;
        await lead(turn.signal);
      });
    } finally {
      // Stolen, broken or closed: whichever it was, this tab's engine must end.
      end();
      signal.removeEventListener('abort', end);
      if (owned === turn) owned = null;
    }
  };

  const wait = async (): Promise<void> => {
    while (!signal.aborted) {
      queued = new AbortController();
      const waiting = AbortSignal.any([signal, queued.signal]);
      const broke = await hold({ signal: waiting }).then(
        () => false,
        (error: unknown) => {
          if (isNamed(error, 'SecurityError')) onRefused();
          return !isNamed(error, 'AbortError');
        },
      );
      await delay(broke ? queueAgainMs.broke : queueAgainMs.ended);
      if (queued.signal.aborted) return; // `take` goes on.
    }
  };

  const take = (): Promise<void> => {
    if (owned !== null || signal.aborted) return Promise.resolve();
    queued.abort();
    return new Promise((resolve) => {
      const turn = hold({ steal: true }).catch(() => undefined);
      resolve();
      void turn.then(() => (signal.aborted ? undefined : wait()));
    });
  };

  void wait();
  return {
    get owns() {
      return owned !== null;
    },
    take,
  };
}

const isNamed = (error: unknown, name: string): boolean =>
  error instanceof DOMException && error.name === name;

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
