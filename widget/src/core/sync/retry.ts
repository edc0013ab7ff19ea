/** Does again what failed though the connection holds: later each time, and never twice at once. */
import type { Context } from '../context.js';
import type { ConversationId } from '../ids.js';
import type { Connection } from '../transport/contract.js';
import { putOffMs } from '../transport/errors.js';

const retryMs = 10_000;
const retryMaxMs = 600_000;

export interface Retry {
  /** Something failed: all is done again after a while. However many fail until then, it is done once.
   * @param what the conversation that it was: one that has not failed before does not wait as long as one that always
   *   does. */
  failed(error: unknown, what?: ConversationId): void;
  /** How often something has. */
  readonly failures: number;
  /** All was done, and since so many failures none was added: nothing is left to do again. */
  done(failures: number): void;
}

type Failing = Set<ConversationId | undefined>;

/** @param run does all of it anew, and tells of its failures by `failed`. */
export function createRetry(
  context: Pick<Context, 'clock' | 'signal' | 'connection' | 'online'>,
  run: () => Promise<void>,
): Retry {
  const { clock, signal } = context;
  let failures = 0;
  let doneUpTo = 0;
  let saidMs = 0;
  let running: Connection | null = null;
  /** How often all was done again since something new failed. */
  let times = 0;
  let pause = new AbortController();
  /** What has failed since all was begun again, and while it is done: what had failed before. */
  let [failing, before]: [Failing, Failing] = [new Set(), new Set()];

  const goOn = async (connection: Connection): Promise<void> => {
    // Another connection asks anew.
    const ended = new AbortController();
    void connection.closed.then(() => {
      ended.abort();
    });
    const either = AbortSignal.any([signal, ended.signal]);
    const isDue = (): boolean => failures > doneUpTo && !either.aborted;
    times = 0;
    while (isDue()) {
      // Not all at the same moment, who were put off at the same moment.
      const ms = Math.min(retryMaxMs, retryMs * 2 ** times * (1 + Math.random() / 2));
      const { signal: cut } = (pause = new AbortController());
      await clock.sleep(Math.max(saidMs, ms), AbortSignal.any([either, cut]));
      if (cut.aborted || !isDue()) continue;
      saidMs = 0;
      times += 1;
      [before, failing] = [failing, new Set()];
      await run().catch(() => undefined);
      before = new Set();
    }
    if (running === connection) running = null;
  };
  return {
    get failures() {
      return failures;
    },
    failed(error, what) {
      failures += 1;
      if (!context.online()) return;
      saidMs = Math.max(saidMs, putOffMs(error));
      const isNew = !failing.has(what) && !before.has(what);
      failing.add(what);
      const connection = context.connection();
      if (running !== connection) {
        running = connection;
        void goOn(connection);
      } else if (isNew && times > 0) {
        // A short pause in the place of a long one, and not again before all was done: nobody puts it off for ever.
        times = 0;
        pause.abort();
      }
    },
    done(known) {
      if (failures !== known) return;
      doneUpTo = failures;
      // What fails from here on is new, and does not wait for what failed before.
      failing.clear();
    },
  };
}
