/** A media layer whose rooms are always there and carry nothing; what a Janus does is shown with a real one. */
import type { Media } from '../src/media/contract.js';

export const presentMedia: Media = {
  available: true,
  onAvailability: () => undefined,
  openRoom: (callId) =>
    Promise.resolve({
      callId,
      join: () =>
        Promise.resolve({
          publish: (sdp) => Promise.resolve(sdp),
          answer: () => Promise.resolve(),
          candidate: () => Promise.resolve(),
          leave: () => Promise.resolve(),
        }),
      destroy: () => Promise.resolve(),
    }),
  close: () => Promise.resolve(),
};
