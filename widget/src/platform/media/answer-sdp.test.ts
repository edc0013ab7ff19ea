import { expect, it } from 'vitest';
import { tightenAnswer } from './answer-sdp.js';

const answer = [
  'v=0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level',
  'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 useinbandfec=1;usedtx=1;stereo=1',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=rtpmap:96 VP8/90000',
  'a=fmtp:96 x-google-max-bitrate=1',
  '',
].join('\r\n');

it('negotiates nothing that tells of the content in the clear', () => {
  const tight = tightenAnswer(answer);
  expect(tight).not.toContain('audio-level');
  expect(tight).toContain('transport-wide-cc');
  expect(tight).toContain('sdes:mid');
});

it('asks for speech of constant bitrate without pauses, whatever the answer said', () => {
  const fmtp = tightenAnswer(answer)
    .split('\r\n')
    .filter((line) => line.startsWith('a=fmtp:111 '));
  expect(fmtp).toHaveLength(1);
  expect(fmtp[0]).toContain('cbr=1');
  expect(fmtp[0]).toContain('usedtx=0');
  expect(fmtp[0]).not.toContain('usedtx=1');
});

it('leaves the rest as it is, and an answer without Opus whole', () => {
  expect(tightenAnswer(answer)).toContain('a=fmtp:96 x-google-max-bitrate=1\r\n');
  const other = 'v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n';
  expect(tightenAnswer(other)).toBe(other);
});
