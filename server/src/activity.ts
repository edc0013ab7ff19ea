/** Which requests are being answered at this moment: for metrics, and so that a stop lets them finish. */
import { ServerError, type ServerErrorCode } from './errors.js';
import type { Metrics } from './metrics.js';

export interface Activity {
  /** Counts a request in; the function it gives counts it out.
   * @throws ServerError `unavailable` while the server stops */
  begin(path: string, type: string): (code: ServerErrorCode | 'ok') => void;
  /** Refuses new requests and waits for those in flight, at most so long. Subscriptions are not waited for. */
  drain(timeoutMs: number): Promise<void>;
}

export function createActivity(metrics: Metrics): Activity {
  let inFlight = 0;
  let stopping = false;
  let onIdle: (() => void) | null = null;

  return {
    begin(path, type) {
      if (stopping)
        throw new ServerError('unavailable', 'the server is stopping', { retryAfterSeconds: 2 });
      const startedAt = performance.now();
      inFlight += 1;
      return (code) => {
        inFlight -= 1;
        metrics.requests.inc({ path, type, code });
        if (type !== 'subscription') {
          metrics.requestSeconds.observe({ path }, (performance.now() - startedAt) / 1000);
        }
        if (inFlight === 0) onIdle?.();
      };
    },

    async drain(timeoutMs) {
      stopping = true;
      if (inFlight === 0) return;
      let timer: NodeJS.Timeout | undefined;
      const idle = new Promise<void>((resolve) => {
        onIdle = resolve;
      });
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([idle, late]);
      clearTimeout(timer);
    },
  };
}
