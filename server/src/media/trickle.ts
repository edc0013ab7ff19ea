/** The two things that are done with a handle whether or not it is still there. */
import type { VideoRoomHandle } from 'janode/plugins/videoroom';
import type { IceCandidate } from './contract.js';
import { withDeadline } from './deadline.js';

/** Passes a candidate on. Janus keeps early ones, and a late one of a gone connection is no news. */
export async function trickle(
  handle: VideoRoomHandle,
  candidate: IceCandidate | null,
): Promise<void> {
  const { sdpMid, sdpMLineIndex } = candidate ?? {};
  await withDeadline(
    'trickle',
    handle.trickle(
      // The empty candidate ends one generation; Janus knows only the end of all.
      candidate === null || candidate.candidate === ''
        ? null
        : {
            candidate: candidate.candidate,
            ...(typeof sdpMid === 'string' ? { sdpMid } : {}),
            ...(typeof sdpMLineIndex === 'number' ? { sdpMLineIndex } : {}),
          },
    ),
  ).catch(() => undefined);
}

/** Gives a handle back to Janus; if that fails it goes with the session. */
export async function detachQuietly(handle: VideoRoomHandle): Promise<void> {
  await withDeadline('detach', handle.detach(), 2_000).catch(() => undefined);
}
