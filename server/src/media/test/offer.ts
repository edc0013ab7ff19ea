/** An offer as a browser makes it: one microphone, one camera; nobody listens at its addresses. */
const extensions = [
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
];
const transport = [
  'c=IN IP4 0.0.0.0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=ice-ufrag:7sFv',
  'a=ice-pwd:dOTZKZNVlO9RSGsEGM63JXT2',
  'a=ice-options:trickle',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => '7B').join(':')}`,
  'a=setup:actpass',
];

export const offer = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  ...transport,
  'a=mid:0',
  ...extensions,
  'a=sendonly',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
  'a=ssrc:1001 cname:one',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  ...transport,
  'a=mid:1',
  ...extensions.slice(1),
  'a=sendonly',
  'a=rtcp-mux',
  'a=rtpmap:96 VP8/90000',
  'a=ssrc:1002 cname:one',
  '',
].join('\r\n');
