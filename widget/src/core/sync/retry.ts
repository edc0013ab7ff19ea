/** Does again what failed though the connection holds: later each time, and never twice at once. */
import type { Context } from '../context.js';
import type { Connection } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';

const retryMs = 10_000;
const retryMaxMs = 600_000;

export interface Retry {
  /** Something failed: all is done again after a while. However many fail until then, it is done once. */
  failed(error: unknown): void;
  /** How often something has. */
  readonly failures: number;
  /** All was done, and since so many failures none was added: nothing is left to do again. */
  done(failures: number): void;
}

/** @param run does all of it anew, and tells of its failures by `failed`. */
export function createRetry(context: Context, run: () => Promise<void>): Retry {
  const { clock, signal } = context;
  let failures = 0;
  let doneUpTo = 0;
  let saidMs = 0;
  let running: Connection | null = null;

  const goOn = async (connection: Connection): Promise<void> => {
    // Another connection asks anew.
    const ended = new AbortController();
    void connection.closed.then(() => {
      ended.abort();
    });
    const either = AbortSignal.any([signal, ended.signal]);
    const isDue = (): boolean => failures > doneUpTo && !either.aborted;
    for (let times = 0; isDue(); times += 1) {
      // Not all at the same moment, who were put off at the same moment.
      const ms = Math.min(retryMaxMs, retryMs * 2 ** times * (1 + Math.random() / 2));
      await clock.sleep(Math.max(saidMs, ms), either);
      saidMs = 0;
      if (isDue()) await run().catch(() => undefined);
    }
    if (running === connection) running = null;
  };
  return {
    get failures() {
      return failures;
    },
    failed(error) {
      failures += 1;
      if (!context.online()) return;
      const said = error instanceof TransportError ? (error.retryAfterSeconds ?? 0) : 0;
      saidMs = Math.max(saidMs, said * 1_000);
      const connection = context.connection();
      if (running === connection) return;
      running = connection;
      void goOn(connection);
    },
    done(before) {
      if (failures === before) doneUpTo = failures;
    },
  };
}
