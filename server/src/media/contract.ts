/** The contract of the media layer: rooms on Janus, where frames are relayed and never readable. */
import type { CallId, DeviceId } from '../ids.js';

export interface IceCandidate {
  candidate: string;
  sdpMid: string | null;
  sdpMLineIndex: number | null;
}

/** What a participant hears from its room. */
export type RoomEvent =
  | {
      event: 'offer';
      /** The subscription's offer: media of all others. */
      sdp: string;
      feeds: { mid: string; device: DeviceId; kind: 'audio' | 'video' }[];
    }
  /** Whether anything of the participant's media arrives at Janus; said when it changes. */
  | { event: 'flow'; flowing: boolean }
  /** The participant's connection or the whole Janus is lost. */
  | { event: 'lost' };

/** One device in one room: a publisher and, once others publish, a subscription. */
export interface Participant {
  /** Answers the device's offer; one of a new connection (it has another fingerprint) takes the old one's place.
   * @throws MediaError `sdp_invalid`, `media_unavailable` */
  publish(sdp: string): Promise<string>;
  /** Takes the device's answer to the latest `offer` event. */
  answer(sdp: string): Promise<void>;
  candidate(direction: 'publish' | 'subscribe', candidate: IceCandidate | null): Promise<void>;
  leave(): Promise<void>;
}

/** A videoroom with `require_e2ee`, a random id, secret and pin; destroyed at the end of the call. */
export interface Room {
  readonly callId: CallId;
  /** Whether other devices of this participant may ever be seen is the caller's business: the room lets in whom it is told. */
  join(device: DeviceId, listener: (event: RoomEvent) => void): Promise<Participant>;
  destroy(): Promise<void>;
}

export interface Media {
  /** Whether some Janus of the pool answers now. */
  readonly available: boolean;
  /** Calls `listener` whenever `available` changes, until the signal aborts. */
  onAvailability(listener: (available: boolean) => void, signal: AbortSignal): void;
  /** Opens a room on the least loaded Janus. @throws MediaError `media_unavailable` */
  openRoom(callId: CallId): Promise<Room>;
  close(): Promise<void>;
}

export class MediaError extends Error {
  constructor(
    readonly code: 'media_unavailable' | 'sdp_invalid',
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
    this.name = 'MediaError';
  }
}
