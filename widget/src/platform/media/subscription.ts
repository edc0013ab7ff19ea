/** The receiving connection: every line has one transform from its first moment on, which lets pass what the device
 * opens that the line is said to be of, and nothing while it is of none. */
import type { IceServer } from '../../core/calls/media-port.js';
import { ProblemError } from '../../core/snapshot.js';
import { createConnection, type ConnectionEvents } from './connection.js';
import type { Kind } from './devices.js';

/** Which device a media line is of, as the server says; its frames must prove it. */
export interface Feed {
  mid: string;
  device: string;
  kind: Kind;
}

export interface SubscriptionOptions extends ConnectionEvents {
  iceServers: IceServer[];
  frameWorker: Worker;
}

export class Subscription {
  readonly connection: RTCPeerConnection;
  readonly #options: SubscriptionOptions;
  /** The device whose keys each line is opened with now. */
  readonly #devices = new Map<string, string>();
  /** Each line's name in the frame worker. */
  readonly #lines = new Map<RTCRtpReceiver, string>();

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.connection = createConnection(options);
    // Now or never: Chromium lets the frames of a receiver that has no transform in its first moment pass by every
    // transform that it is given later.
    this.connection.addEventListener('track', ({ receiver }) => {
      receiver.track.enabled = false;
      this.#lineOf(receiver);
    });
  }

  /** Takes an offer and answers it. Lines that no device is named for are refused.
   * @throws ProblemError `call_failed`: there is a line for data, which nobody here has a use for. */
  async answer(sdp: string, feeds: readonly Feed[]): Promise<string> {
    if (/^m=(?!audio|video)/m.test(sdp)) throw new ProblemError({ code: 'call_failed' });
    await this.connection.setRemoteDescription({ type: 'offer', sdp });
    for (const transceiver of this.connection.getTransceivers()) this.#bind(transceiver, feeds);
    await this.connection.setLocalDescription(await this.connection.createAnswer());
    return this.connection.localDescription?.sdp ?? '';
  }

  /** The tracks that are received, each through its transform. */
  tracks(): MediaStreamTrack[] {
    return this.connection
      .getTransceivers()
      .filter(
        ({ mid, currentDirection }) =>
          this.#devices.has(mid ?? '') && currentDirection === 'recvonly',
      )
      .map(({ receiver }) => receiver.track);
  }

  close(): void {
    this.connection.close();
  }

  #bind(transceiver: RTCRtpTransceiver, feeds: readonly Feed[]): void {
    const { mid, receiver } = transceiver;
    if (mid === null) return;
    const kind = receiver.track.kind as Kind;
    const feed = feeds.find((candidate) => candidate.mid === mid && candidate.kind === kind);
    // A line may be given to another device later.
    if (this.#devices.get(mid) !== feed?.device) {
      const line = this.#lineOf(receiver);
      this.#options.frameWorker.postMessage({ type: 'line', line, device: feed?.device ?? null });
    }
    if (feed === undefined) this.#devices.delete(mid);
    else this.#devices.set(mid, feed.device);
    transceiver.direction = feed === undefined ? 'inactive' : 'recvonly';
    receiver.track.enabled = feed !== undefined;
  }

  #lineOf(receiver: RTCRtpReceiver): string {
    const known = this.#lines.get(receiver);
    if (known !== undefined) return known;
    const line = crypto.randomUUID();
    this.#lines.set(receiver, line);
    const { kind } = receiver.track;
    receiver.transform = new RTCRtpScriptTransform(this.#options.frameWorker, {
      direction: 'receive',
      kind,
      line,
    });
    return line;
  }
}
