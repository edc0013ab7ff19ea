/** What of a description may reach Janus (RFC 8866, section 5).
 *
 * Janus 1.1.2 can be stopped altogether by descriptions that no browser makes: one whose media lines share an id keeps
 * the room plugin's only thread busy for ever. So nothing passes that is not known: lines have a grammar each, what
 * Janus does not need is left out, and ids are unique. */
import { MediaError, type IceCandidate } from './contract.js';

const linesMax = 4_000;
const lineCharactersMax = 4_096;
/** One microphone, one camera, and room for what comes. */
export const offerMediaLinesMax = 4;
/** A subscription has a line for everything that others ever published in the call. */
export const answerMediaLinesMax = 32;

const token = '[\\w-]{1,16}';
const payload = '(?:\\d|[1-9]\\d|1[01]\\d|12[0-7])';
// 0 to 4,294,967,295: more would be cut off somewhere.
const ssrc =
  '\\d{1,9}|[1-3]\\d{9}|4[01]\\d{8}|42[0-8]\\d{7}|429[0-3]\\d{6}|4294[0-8]\\d{5}|42949[0-5]\\d{4}|' +
  '429496[0-6]\\d{3}|4294967[01]\\d{2}|42949672[0-8]\\d|429496729[0-5]';
const address = '[\\w.:-]{1,64}';
const candidate =
  `[\\w+/]{1,32} [12] (?:udp|tcp|UDP|TCP) \\d{1,10} ${address} \\d{1,5} typ (?:host|srflx|prflx|relay)` +
  '(?: [\\w+/.:-]{1,64}){0,20}';

/** The lines that pass, by what they begin with. An attribute without a value has an empty one. */
const lineForms: Record<string, RegExp> = {
  v: exactly('0'),
  o: exactly(`\\S{1,64} \\d{1,20} \\d{1,20} IN IP[46] ${address}`),
  s: exactly('.{1,64}'),
  t: exactly('\\d{1,10} \\d{1,10}'),
  c: exactly(`IN IP[46] ${address}`),
  b: exactly('(?:AS|TIAS|CT):\\d{1,9}'),
  // Only sound and pictures: a data channel would be a way around the encrypted frames.
  m: exactly(`(?:audio|video) \\d{1,5} UDP/TLS/RTP/SAVPF(?: ${payload}){1,64}`),
  'a=group': exactly(`BUNDLE(?: ${token}){0,32}`),
  'a=mid': exactly(token),
  'a=ice-ufrag': exactly('[\\w+/]{4,256}'),
  'a=ice-pwd': exactly('[\\w+/]{22,256}'),
  'a=ice-options': exactly('[\\w -]{1,64}'),
  'a=fingerprint': exactly('sha-(?:256|384|512) [0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){3,63}'),
  'a=setup': exactly('actpass|active|passive'),
  'a=sendonly': exactly(''),
  'a=recvonly': exactly(''),
  'a=sendrecv': exactly(''),
  'a=inactive': exactly(''),
  'a=rtcp-mux': exactly(''),
  'a=rtcp-rsize': exactly(''),
  'a=extmap-allow-mixed': exactly(''),
  'a=end-of-candidates': exactly(''),
  'a=rtpmap': exactly(`${payload} [\\w.-]{1,32}/\\d{4,6}(?:/[12])?`),
  'a=fmtp': exactly(`${payload} [\\w=;,. /-]{1,256}`),
  'a=rtcp-fb': exactly(`(?:\\*|${payload}) [\\w -]{1,64}`),
  'a=extmap': exactly('[1-9]\\d{0,2}(?:/[a-z]{1,8})? [\\w:/.#-]{1,128}'),
  'a=ssrc': exactly(`(?:${ssrc})(?: [\\w-]{1,16}(?::[^\\p{Cc}]{0,128})?)?`),
  'a=ssrc-group': exactly(`FID (?:${ssrc}) (?:${ssrc})`),
  'a=candidate': exactly(candidate),
};

function exactly(form: string): RegExp {
  return new RegExp(`^(?:${form})$`, 'u');
}

/** @returns the description as Janus may have it.
 * @throws MediaError `sdp_invalid`: names the first line that is wrong by its number, never its text. */
export function checkedSdp(sdp: string, mediaLinesMax: number): string {
  const lines = sdp.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > linesMax) throw new MediaError('sdp_invalid', 'SDP has too many lines');
  if (lines[0] !== 'v=0') throw new MediaError('sdp_invalid', 'SDP does not begin with v=0');
  const kept = lines.filter((line, index) => {
    const verdict = verdictOf(line);
    if (verdict === 'malformed')
      throw new MediaError('sdp_invalid', `SDP line ${String(index + 1)} is malformed`);
    return verdict === 'passes';
  });
  checkSections(kept, mediaLinesMax);
  return `${kept.join('\r\n')}\r\n`;
}

function verdictOf(line: string): 'passes' | 'unknown' | 'malformed' {
  if (line.length > lineCharactersMax) return 'malformed';
  const [, type = '', value = ''] = /^([a-z])=(\P{Cc}+)$/u.exec(line) ?? [];
  if (type === '') return 'malformed';
  if (type !== 'a') {
    const form = lineForms[type];
    if (form === undefined) return 'unknown';
    return form.test(value) ? 'passes' : 'malformed';
  }
  const [, name = '', , inside = ''] = /^([\w!#$%&'*+.^`{|}~-]+)(:(.+))?$/u.exec(value) ?? [];
  if (name === '') return 'malformed';
  const form = Object.hasOwn(lineForms, `a=${name}`) ? lineForms[`a=${name}`] : undefined;
  if (form === undefined) return 'unknown';
  return form.test(inside) ? 'passes' : 'malformed';
}

/** Every media line has an id of its own, and none is without encryption on the way to Janus. */
function checkSections(lines: readonly string[], mediaLinesMax: number): void {
  const media = lines.filter((line) => line.startsWith('m=')).length;
  if (media < 1 || media > mediaLinesMax)
    throw new MediaError('sdp_invalid', 'SDP has no media lines, or too many');
  const ids = lines.filter((line) => line.startsWith('a=mid:'));
  if (ids.length !== media || new Set(ids).size !== media)
    throw new MediaError('sdp_invalid', 'SDP has media lines without an id of their own');
  const firstMedia = lines.findIndex((line) => line.startsWith('m='));
  if (lines.slice(0, firstMedia).some((line) => line.startsWith('a=mid:')))
    throw new MediaError('sdp_invalid', 'SDP has a media id outside of media');
  const has = (name: string) => lines.some((line) => line.startsWith(`a=${name}:`));
  if (!has('ice-ufrag') || !has('ice-pwd') || !has('fingerprint'))
    throw new MediaError('sdp_invalid', 'SDP lacks ICE credentials or a fingerprint');
}

const candidateForm = exactly(`(?:a=)?candidate:${candidate}`);

/** @throws MediaError `sdp_invalid` */
export function checkCandidate({ candidate: text }: IceCandidate): void {
  // The empty string is the browser's end-of-candidates of one generation.
  if (text !== '' && !candidateForm.test(text))
    throw new MediaError('sdp_invalid', 'ICE candidate is malformed');
}

/** What tells one connection of a device from another, and a new way through the network from the old one. */
export interface ConnectionIdentity {
  fingerprint: string | undefined;
  ufrag: string | undefined;
}

export function identityOf(sdp: string): ConnectionIdentity {
  const first = (name: string) => new RegExp(`^a=${name}:(.*)$`, 'm').exec(sdp)?.[1]?.trim();
  return { fingerprint: first('fingerprint'), ufrag: first('ice-ufrag') };
}
