/** A media layer without any Janus. */
import { MediaError, type Media } from '../src/media/contract.js';

export const absentMedia: Media = {
  available: false,
  onAvailability: () => undefined,
  openRoom: () => Promise.reject(new MediaError('media_unavailable', 'there is no Janus')),
  close: () => Promise.resolve(),
};
