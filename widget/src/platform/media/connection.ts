/** A peer connection of a call, its events in the words of the port. */
import type { IceServer, MediaEvent } from '../../core/calls/media-port.js';

type Candidate = Extract<MediaEvent, { event: 'candidate' }>['candidate'];
type State = Extract<MediaEvent, { event: 'connection' }>['state'];

export interface ConnectionEvents {
  onCandidate: (candidate: Candidate) => void;
  onState: (state: State) => void;
}

/** Makes a connection that tells its candidates and its state. */
export function createConnection({
  iceServers,
  onCandidate,
  onState,
}: ConnectionEvents & { iceServers: IceServer[] }): RTCPeerConnection {
  const connection = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
  connection.addEventListener('icecandidate', ({ candidate }) => {
    onCandidate(
      candidate === null
        ? null
        : {
            candidate: candidate.candidate,
            sdpMid: candidate.sdpMid,
            sdpMLineIndex: candidate.sdpMLineIndex,
          },
    );
  });
  connection.addEventListener('connectionstatechange', () => {
    const state = connection.connectionState;
    if (state !== 'new' && state !== 'closed') onState(state);
  });
  return connection;
}
