/** Ends a child that hangs: one that died is started again by itself, one that only hangs has to die first. */
import type { Media } from './contract.js';
import type { JanusProcess } from './janus-process.js';

/** How long a child may leave its server without an answer, after it did not answer a probe. */
const usualHungMs = 5_000;

/** Watches until the signal aborts. */
export function restartWhenHung(
  { media, janus, hungMs = usualHungMs }: { media: Media; janus: JanusProcess; hungMs?: number },
  signal: AbortSignal,
): void {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearInterval(timer);
  };
  media.onAvailability((available) => {
    stop();
    if (!available)
      timer = setInterval(() => {
        janus.restart();
      }, hungMs);
  }, signal);
  signal.addEventListener('abort', stop);
}
