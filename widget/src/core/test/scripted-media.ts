/** A media port that opens at once, sends nothing and remembers what it was given: Node has no WebRTC. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { CallKeys, IceServer } from '../calls/media-port.js';
import type { MediaEvent, MediaPort } from '../index.js';

export const hasJanus = (process.env['PATH'] ?? '')
  .split(delimiter)
  .some((folder) => existsSync(join(folder, 'janus')));

/** The environment of a server with a Janus of its own. */
export function withJanus(): Record<string, string> {
  const from = 30_000 + 20 * Math.floor(Math.random() * 1_000);
  return { JANUS_PROGRAM: 'janus', JANUS_RTP_PORTS: `${String(from)}-${String(from + 19)}` };
}

const transport = [
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:7sFv',
  'a=ice-pwd:dOTZKZNVlO9RSGsEGM63JXT2',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => '7B').join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sendonly',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
];
/** What Janus takes, though nobody is at the other end of it. */
const offer = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111']
  .concat(transport, '')
  .join('\r\n');

export interface ScriptedMedia extends MediaPort {
  opened: number;
  closed: number;
  offered: number;
  /** All that the client gave. */
  readonly iceServers: IceServer[][];
  readonly keys: CallKeys[];
  readonly answers: string[];
  readonly offers: { sdp: string; feeds: Parameters<MediaPort['answer']>[1] }[];
  emit(event: MediaEvent): void;
}

/** @param sdp its offer; what is none gets a call as far as its answer and no further. */
export function scriptedMedia(sdp = offer): ScriptedMedia {
  const listeners = new Set<(event: MediaEvent) => void>();
  const port: ScriptedMedia = {
    opened: 0,
    closed: 0,
    offered: 0,
    iceServers: [],
    keys: [],
    answers: [],
    offers: [],
    supported: async () => 'available',
    prepare: async ({ iceServers, keys }) => {
      port.iceServers.push(iceServers);
      port.keys.push(keys);
    },
    open: async () => {
      port.opened += 1;
    },
    offer: async () => {
      port.offered += 1;
      return sdp;
    },
    acceptAnswer: async (answer) => {
      port.answers.push(answer);
    },
    answer: async (offered, feeds) => {
      port.offers.push({ sdp: offered, feeds });
      return '';
    },
    setKeys: async (keys) => {
      port.keys.push(keys);
    },
    setMicrophone: async () => undefined,
    setCamera: async () => null,
    close: async () => {
      port.closed += 1;
    },
    onEvent: (listener) => listeners.add(listener),
    emit(event) {
      for (const listener of listeners) listener(event);
    },
  };
  return port;
}
