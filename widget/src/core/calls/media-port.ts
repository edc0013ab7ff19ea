/** The port to the page's camera, microphone and peer connections: WebRTC is not to be had in a worker. */
import type { Problem } from '../snapshot.js';

/** What the frame transform needs to encrypt and decrypt one call. Plain data; it goes to the frame worker. */
export interface CallKeys {
  /** AES_256_GCM_SHA512_128 (RFC 9605, section 4.5): 0x0005 in the registry. */
  suite: number;
  /** Sender side: leaf index, and the group's base key of the call for the current epoch. */
  senderIndex: number;
  epochs: {
    epoch: number;
    baseKey: Uint8Array;
    /** `send`: used for sending too; the others only open late frames. */
    send: boolean;
  }[];
  /** Leaf indices that may send in this call, each with the device id that the MLS tree gives, and with the salt that
   * it said inside MLS: without one, none of its frames opens. This device's own is new with each `prepare`. */
  senders: { senderIndex: number; device: string; salt: Uint8Array | undefined }[];
}

export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

export type MediaEvent =
  | {
      event: 'candidate';
      direction: 'publish' | 'subscribe';
      candidate: { candidate: string; sdpMid: string | null; sdpMLineIndex: number | null } | null;
    }
  | {
      event: 'connection';
      direction: 'publish' | 'subscribe';
      state: 'connecting' | 'connected' | 'disconnected' | 'failed';
    }
  /** The first frame of a kind that decrypted and decoded, or a kind that stopped. */
  | { event: 'remote'; audio: boolean; video: boolean }
  /** The microphone or camera went away. */
  | { event: 'ended'; kind: 'audio' | 'video' };

export interface MediaPort {
  /** Whether this page can encrypt calls at all. */
  supported(): Promise<'available' | 'need_https' | 'unsupported'>;
  /** Makes the connections ready, with no device and nothing sent: also while it only rings.
   * Rejects with a ProblemError: `calls_need_https`, `encryption_unsupported`. */
  prepare(options: { iceServers: IceServer[]; keys: CallKeys }): Promise<void>;
  /** Opens the devices and sends them. Rejects with a ProblemError: `microphone_denied`, `camera_denied`, ... */
  open(options: { video: boolean }): Promise<void>;
  /** The offer of the sending connection. After the first: a new way through the network, or new connections in both
   * directions, if `fresh` or if one of them is broken. */
  offer(options: { fresh: boolean }): Promise<string>;
  acceptAnswer(sdp: string): Promise<void>;
  /** Takes the subscription's offer and answers it. */
  answer(
    sdp: string,
    feeds: { mid: string; device: string; kind: 'audio' | 'video' }[],
  ): Promise<string>;
  setKeys(keys: CallKeys): Promise<void>;
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<Problem | null>;
  close(): Promise<void>;
  onEvent(listener: (event: MediaEvent) => void): void;
}
