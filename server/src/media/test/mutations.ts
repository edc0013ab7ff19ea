/** Descriptions and candidates that no browser makes: altered, repeated, stretched and interspersed ones. */

type Random = () => number;

const numbers = ['-1', '0', '65536', '4294967296', '99999999999999999999', '1e9', '0x41', 'NaN'];
const words = [
  '',
  ' ',
  '%n%s%p',
  '../../etc',
  '\u0000',
  '\u202e',
  'a'.repeat(4_000),
  '::',
  '[]',
  'null',
];
const lines = [
  'a=candidate:1 1 udp 2122260223 192.0.2.77 99999 typ host',
  'a=candidate:1 256 tcp 4294967295 ::1 9 typ relay raddr 0.0.0.0 rport 0 tcptype active',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:4',
  'a=simulcast:send 1,2,3;4 recv 5',
  'a=rid:1 send pt=96;max-width=4294967296',
  'a=ssrc-group:SIM 1001 1002 1003 4294967296',
  'a=ssrc-group:FID 1 1',
  'a=ssrc:4294967295 msid:- -',
  'a=extmap:255 urn:ietf:params:rtp-hdrext:sdes:mid',
  'a=extmap:0 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=rtpmap:127 opus/0/0',
  'a=rtpmap:-1 VP8/90000',
  'a=fmtp:111 stereo=1;maxaveragebitrate=99999999999',
  'a=rtcp-fb:* nack pli',
  'a=group:BUNDLE 0 0 0 1 1 2',
  'a=group:LS 0 1',
  'a=mid:0',
  'a=mid:1 2 3',
  'a=msid-semantic: WMS *',
  'a=rtcp:99999 IN IP6 ::',
  'a=setup:passive',
  'a=setup:holdconn',
  'a=fingerprint:sha-1 00',
  'a=fingerprint:md5 7B:7B',
  'a=ice-lite',
  'a=ice-ufrag:x',
  'a=inactive',
  'a=recvonly',
  'a=sctp-port:5000',
  'a=max-message-size:0',
  'b=AS:-1',
  'b=TIAS:18446744073709551616',
  'c=IN IP6 ::1',
  'c=IN IP4 256.256.256.256/127/3',
  'm=audio 0 UDP/TLS/RTP/SAVPF 111',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101 102 103',
  'm=audio 9 RTP/AVP 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'm=text 9 UDP/TLS/RTP/SAVPF 96',
  's=',
  't=0',
  'k=clear:x',
  'z=0 0',
  'v=1',
];

const pick = <Item>(random: Random, items: readonly Item[]): Item => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
};

/** Each takes the lines of a description, and a place among them. */
const changes: ((sdp: string[], at: number, random: Random) => string[])[] = [
  (sdp, at) => sdp.toSpliced(at, 1),
  (sdp, at) => sdp.toSpliced(at, 0, sdp[at] ?? ''),
  (sdp, at, random) => sdp.toSpliced(at, 0, pick(random, lines)),
  (sdp, at, random) => sdp.toSpliced(at, 1, pick(random, lines)),
  (sdp, at, random) => {
    const other = Math.floor(random() * sdp.length);
    return sdp.with(at, sdp[other] ?? '').with(other, sdp[at] ?? '');
  },
  (sdp, at, random) => sdp.with(at, (sdp[at] ?? '').replace(/\d+/, pick(random, numbers))),
  (sdp, at, random) => sdp.with(at, (sdp[at] ?? '').replace(/[^=: ]+$/, pick(random, words))),
  (sdp, at, random) => sdp.with(at, (sdp[at] ?? '').replace(/:.*/, `:${pick(random, words)}`)),
  (sdp, at, random) => {
    const line = sdp[at] ?? '';
    const place = Math.floor(random() * line.length);
    const letter = String.fromCharCode(32 + Math.floor(random() * 224));
    return sdp.with(at, line.slice(0, place) + letter + line.slice(place + 1));
  },
  (sdp, at) => sdp.slice(0, at),
  // Its last media section, again and again.
  (sdp, _at, random) => {
    const last = sdp.slice(sdp.findLastIndex((line) => line.startsWith('m=')));
    const times = pick(random, [2, 8, 29, 31, 200]);
    return sdp.concat(...Array.from({ length: times }, () => last));
  },
  (sdp, at, random) => {
    const many = Array.from({ length: pick(random, [10, 500, 3_000]) }, () => sdp[at] ?? '');
    return sdp.toSpliced(at, 1, ...many);
  },
];

/** A description with one to five changes. */
export function mutatedSdp(sdp: string, random: Random): string {
  let changed = sdp.split('\r\n').filter((line) => line !== '');
  const times = 1 + Math.floor(random() * 5);
  for (let index = 0; index < times && changed.length > 0; index += 1) {
    changed = pick(random, changes)(changed, Math.floor(random() * changed.length), random);
  }
  return `${changed.join('\r\n')}\r\n`;
}

/** A candidate with one field altered. */
export function mutatedCandidate(random: Random): string {
  const fields = 'candidate:1 1 udp 2122260223 192.0.2.77 50018 typ host generation 0'.split(' ');
  const at = Math.floor(random() * fields.length);
  return fields.with(at, pick(random, [...numbers, ...words, 'fe80::1%eth0', 'x.local'])).join(' ');
}
