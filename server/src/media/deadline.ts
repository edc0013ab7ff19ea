/** Bounds every request to Janus in time: Janode itself waits for ever. */
import { MediaError } from './contract.js';

const requestMs = 8_000;
/** The time passes in so many parts. A process that stood still (a busy machine, one that was asleep) finds its timer
 * overdue before it reads what has come meanwhile: that costs it one part, not all of the time. */
const parts = 8;

/** Settles with `work`, or fails after its time, in which this process ran.
 * @throws MediaError `media_unavailable`: no answer in time. */
export async function withDeadline<Result>(
  what: string,
  work: Promise<Result>,
  ms = requestMs,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const wait = (left: number): void => {
      timer = setTimeout(() => {
        if (left > 1) wait(left - 1);
        else reject(new MediaError('media_unavailable', `Janus did not answer in time: ${what}`));
      }, ms / parts);
    };
    wait(parts);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

// What Janus answers when it is the SDP (or its `e2ee` mark) that it refuses. The core: 464 unknown type,
// 465 invalid SDP, 466 no such stream; videoroom: 430 invalid element, 437 invalid SDP.
const sdpCodes = new Set([430, 437, 464, 465, 466]);

/** Turns what Janode rejects with into the error of the contract; its messages begin with Janus's code. */
export function asMediaError(what: string, cause: unknown): MediaError {
  if (cause instanceof MediaError) return cause;
  const code = cause instanceof Error ? Number.parseInt(cause.message, 10) : Number.NaN;
  // Janus's sentence may quote parts of the SDP: only its number goes into the message.
  const detail = Number.isNaN(code) ? '' : ` (${String(code)})`;
  return new MediaError(
    sdpCodes.has(code) ? 'sdp_invalid' : 'media_unavailable',
    `Janus refused: ${what}${detail}`,
    { cause },
  );
}
