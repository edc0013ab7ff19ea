/** A media port without media. */
import type { CallId, DeviceId } from '../../ids.js';
import {
  MediaError,
  type Media,
  type Participant,
  type Room,
  type RoomEvent,
} from '../../media/contract.js';

/** A media port that remembers who is in which room; what Janus does with SDP is shown with a real one. */
export class Rooms implements Media {
  available = true;
  readonly open = new Map<CallId, Map<DeviceId, (event: RoomEvent) => void>>();
  refuses = false;
  onAvailability = () => undefined;
  close = () => Promise.resolve();

  openRoom(callId: CallId): Promise<Room> {
    if (this.refuses) return Promise.reject(new MediaError('media_unavailable', 'no'));
    const inside = new Map<DeviceId, (event: RoomEvent) => void>();
    this.open.set(callId, inside);
    const participant = (device: DeviceId): Participant => ({
      publish: (sdp) =>
        sdp === 'bad'
          ? Promise.reject(new MediaError('sdp_invalid', 'bad'))
          : Promise.resolve(`answer to ${sdp}`),
      answer: () => Promise.resolve(),
      candidate: () => Promise.resolve(),
      leave: () => Promise.resolve(void inside.delete(device)),
    });
    return Promise.resolve({
      callId,
      join: (device, listener) => {
        inside.set(device, listener);
        return Promise.resolve(participant(device));
      },
      destroy: () => {
        if (this.open.get(callId) === inside) this.open.delete(callId);
        return Promise.resolve();
      },
    });
  }
}
