/** Notices that a connection died without a close. */
import { transportLimits } from './limits.js';

/** Asks for a sign of life after some silence, and gives up when none comes.
 * @param signal ends the watch.
 * @returns what is to be called at every sign of life. */
export function watchSilence(ask: () => void, onDead: () => void, signal: AbortSignal): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const sign = (): void => {
    clearTimeout(timer);
    if (signal.aborted) return;
    timer = setTimeout(() => {
      timer = setTimeout(onDead, transportLimits.pongTimeoutMs);
      ask();
    }, transportLimits.pingIntervalMs);
  };
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
  });
  sign();
  return sign;
}
