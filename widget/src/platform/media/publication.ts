/** The sending connection: its transforms stand before a track is attached, so no frame leaves in the clear. */
import type { IceServer } from '../../core/calls/media-port.js';
import { tightenAnswer } from './answer-sdp.js';
import { createConnection, type ConnectionEvents } from './connection.js';
import type { Kind } from './devices.js';

const audioBitrateMax = 40_000;
const videoBitrateMax = 1_200_000;

export interface PublicationOptions extends ConnectionEvents {
  iceServers: IceServer[];
  frameWorker: Worker;
}

export class Publication {
  readonly connection: RTCPeerConnection;
  readonly #senders: Record<Kind, RTCRtpSender>;
  #prepared: Promise<void> | undefined;
  #offered = false;
  #negotiated = false;

  constructor(options: PublicationOptions) {
    this.connection = createConnection({
      ...options,
      onCandidate: (candidate) => {
        if (this.#offered) options.onCandidate(candidate);
      },
    });
    // Both lines from the start: a camera that is turned on later needs no new negotiation.
    this.#senders = { audio: this.#line('audio', options), video: this.#line('video', options) };
  }

  /** Sends this track from now on; `null`: nothing. */
  async send(kind: Kind, track: MediaStreamTrack | null): Promise<void> {
    await this.#senders[kind].replaceTrack(track);
  }

  /** Makes the first offer, so that candidates are gathered before it is asked for. */
  prepare(): Promise<void> {
    return (this.#prepared ??= this.#describe());
  }

  /** The first offer, or one that finds a new way through a changed network. */
  async offer(): Promise<string> {
    await this.prepare();
    if (this.#negotiated) {
      this.connection.restartIce();
      await this.#describe();
    }
    // What was gathered by now is in it; what comes later is told.
    this.#offered = true;
    return this.connection.localDescription?.sdp ?? '';
  }

  async acceptAnswer(sdp: string): Promise<void> {
    await this.connection.setRemoteDescription({ type: 'answer', sdp: tightenAnswer(sdp) });
    this.#negotiated = true;
  }

  close(): void {
    this.connection.close();
  }

  async #describe(): Promise<void> {
    await this.connection.setLocalDescription(await this.connection.createOffer());
  }

  #line(kind: Kind, { frameWorker }: PublicationOptions): RTCRtpSender {
    const maxBitrate = kind === 'audio' ? audioBitrateMax : videoBitrateMax;
    const transceiver = this.connection.addTransceiver(kind, {
      direction: 'sendonly',
      sendEncodings: [{ maxBitrate }],
    });
    transceiver.setCodecPreferences(codecsOf(kind));
    transceiver.sender.transform = new RTCRtpScriptTransform(frameWorker, {
      direction: 'send',
      kind,
    });
    return transceiver.sender;
  }
}

/** The frame worker knows where the clear part of Opus and VP8 ends: nothing else is offered.
 * Retransmission repeats encrypted packets; redundancy codecs would look into them. */
function codecsOf(kind: Kind): RTCRtpCodec[] {
  const wanted = kind === 'audio' ? ['audio/opus'] : ['video/vp8', 'video/rtx'];
  const all = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  return all.filter(({ mimeType }) => wanted.includes(mimeType.toLowerCase()));
}
