/** Whether the rooms of a Janus still work. Its core answers keep-alives from a thread of its own, also while the room
 * plugin, where everything that calls need is done, hangs. */
import type { Session } from 'janode';
import videoroom, { type VideoRoomHandle } from 'janode/plugins/videoroom';
import { withDeadline } from './deadline.js';

/** What an answer may take, of the time from one probe to the next. */
const answerShare = 0.6;
/** Rooms have random numbers; nobody has this one. */
const nowhere = { room: 1, feed: 1, pin: '' };

/** Asks once. @throws MediaError `media_unavailable`: no answer in time. */
export async function probe(session: Session, probeMs: number): Promise<VideoRoomHandle> {
  const handle = await withDeadline('attach', session.attach(videoroom), probeMs * answerShare);
  await askAt(handle, probeMs);
  return handle;
}

/** Asks again and again. Resolves when there was no answer, or the signal aborted. */
export async function untilSilent(
  handle: VideoRoomHandle,
  probeMs: number,
  signal: AbortSignal,
): Promise<void> {
  let answers = true;
  while (answers && !signal.aborted) {
    await pause(probeMs, signal);
    answers = await askAt(handle, probeMs).then(
      () => true,
      () => false,
    );
  }
}

/** Entering a room that is not there: what is asked in turn with all that calls ask for, and refused. */
async function askAt(handle: VideoRoomHandle, probeMs: number): Promise<void> {
  const refused = handle.joinPublisher(nowhere).catch(() => undefined);
  await withDeadline('probe', refused, probeMs * answerShare);
}

/** Waits, or until the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
