/** Cheap checks of SDP before it reaches Janus: shape and bounds only (RFC 8866, section 5). */
import { MediaError, type IceCandidate } from './contract.js';

const linesMax = 4_000;
const lineCharactersMax = 4_096;
const mediaLinesMax = 32;

const attribute = /^a=[\w!#$%&'*+.^`{|}~-]+(:.+)?$/;
const mediaLine = /^m=(audio|video) \d{1,5}(\/\d+)? [A-Z/]+( \d{1,3})+$/;

/** @throws MediaError `sdp_invalid`: names the first line that is wrong by its number, never its text. */
export function checkSdp(sdp: string): void {
  const lines = sdp.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > linesMax) throw new MediaError('sdp_invalid', 'SDP has too many lines');
  if (lines[0] !== 'v=0') throw new MediaError('sdp_invalid', 'SDP does not begin with v=0');
  let mediaLines = 0;
  const seen = { ufrag: false, password: false, fingerprint: false };
  for (const [index, line] of lines.entries()) {
    if (!isWellFormed(line))
      throw new MediaError('sdp_invalid', `SDP line ${String(index + 1)} is malformed`);
    if (line.startsWith('m=')) mediaLines += 1;
    else if (line.startsWith('a=ice-ufrag:')) seen.ufrag = true;
    else if (line.startsWith('a=ice-pwd:')) seen.password = true;
    else if (line.startsWith('a=fingerprint:')) seen.fingerprint = true;
  }
  if (mediaLines < 1 || mediaLines > mediaLinesMax) {
    throw new MediaError('sdp_invalid', 'SDP has no media lines, or too many');
  }
  // Media without DTLS would not be encrypted even on the way to Janus.
  if (!seen.ufrag || !seen.password || !seen.fingerprint) {
    throw new MediaError('sdp_invalid', 'SDP lacks ICE credentials or a fingerprint');
  }
}

function isWellFormed(line: string): boolean {
  if (line.length > lineCharactersMax || !/^[a-z]=\P{Cc}+$/u.test(line)) return false;
  if (line.startsWith('a=')) return attribute.test(line);
  // Only sound and pictures: a data channel would be a way around the encrypted frames.
  if (line.startsWith('m=')) return mediaLine.test(line);
  return true;
}

/** @throws MediaError `sdp_invalid` */
export function checkCandidate({ candidate }: IceCandidate): void {
  // The empty string is the browser's end-of-candidates of one generation.
  if (candidate !== '' && !/^(a=)?candidate:[\x20-\x7e]+$/.test(candidate)) {
    throw new MediaError('sdp_invalid', 'ICE candidate is malformed');
  }
}
