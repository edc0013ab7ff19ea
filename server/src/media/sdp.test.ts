import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCandidate, checkedSdp } from './sdp.js';

const lines = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:7sFv',
  'a=ice-pwd:dOTZKZNVlO9RSGsEGM63JXT2',
  'a=fingerprint:sha-256 7B:8B:F0:65',
  'a=mid:0',
  'a=sendonly',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
];
const sdp = (...more: string[]) => `${[...lines, ...more].join('\r\n')}\r\n`;
const without = (start: string) =>
  `${lines.filter((line) => !line.startsWith(start)).join('\r\n')}\r\n`;
const refused = expect.objectContaining({ code: 'sdp_invalid' }) as Error;

describe('SDP', () => {
  it('passes as browsers write it, with either line end', () => {
    expect(() => {
      checkedSdp(sdp(), 4);
    }).not.toThrow();
    expect(() => {
      checkedSdp(lines.join('\n'), 4);
    }).not.toThrow();
  });

  it.each([
    ['nothing', ''],
    ['words', 'hello'],
    ['no version', without('v=')],
    ['another version', sdp().replace('v=0', 'v=1')],
    ['no media line', without('m=')],
    ['no ICE name', without('a=ice-ufrag')],
    ['no ICE password', without('a=ice-pwd')],
    ['no fingerprint', without('a=fingerprint')],
    ['an empty line within', sdp('', 'a=x')],
    ['a line without a type', sdp('sendonly')],
    ['an empty attribute', sdp('a=')],
    ['an attribute without a value after its colon', sdp('a=mid:')],
    ['an attribute with a space in its name', sdp('a=send only')],
    ['a NUL', sdp('a=mid:1\0')],
    ['a lone carriage return', sdp('a=mid:1\ra=mid:2')],
    ['two media lines of one id', sdp('m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0')],
    ['a media line without an id', sdp('m=video 9 UDP/TLS/RTP/SAVPF 96')],
    ['an extension of a number beyond all', sdp('a=extmap:99999999999999999999 urn:x')],
    ['a source beyond 32 bits', sdp('a=ssrc:99999999999 cname:x')],
    ['a payload type beyond 127', sdp('a=rtpmap:128 opus/48000/2')],
    ['an unencrypted transport', sdp('m=audio 9 RTP/AVP 0')],
    ['a data channel', sdp('m=application 9 UDP/DTLS/SCTP webrtc-datachannel')],
    ['a media line without formats', sdp('m=audio 9 UDP/TLS/RTP/SAVPF')],
    ['a port out of all range', sdp('m=audio 123456 UDP/TLS/RTP/SAVPF 111')],
  ])('is refused with %s', (_what, text) => {
    expect(() => {
      checkedSdp(text, 4);
    }).toThrow(refused);
  });

  it('is bounded in lines, in media lines and in the length of a line', () => {
    const many = (count: number, line: string) => Array.from({ length: count }, () => line);
    const media = (count: number) =>
      Array.from({ length: count }, (_, index) => [
        'm=video 9 UDP/TLS/RTP/SAVPF 96',
        `a=mid:${String(index + 1)}`,
      ]).flat();
    const ok = [
      sdp(...media(3)),
      sdp(`a=x:${'y'.repeat(4_092)}`),
      sdp(...many(4_000 - lines.length, 'a=x')),
    ];
    const bad = [
      sdp(...media(4)),
      sdp(`a=x:${'y'.repeat(4_093)}`),
      sdp(...many(4_001 - lines.length, 'a=x')),
    ];
    for (const text of ok) expect(() => checkedSdp(text, 4)).not.toThrow();
    for (const text of bad) expect(() => checkedSdp(text, 4)).toThrow(refused);
  });

  it('keeps to itself what Janus does not need to know', () => {
    const unknown = [
      'a=x-google-flag:conference',
      'a=simulcast:send 1',
      'a=msid:- secret',
      'k=clear:x',
    ];
    expect(checkedSdp(sdp(...unknown), 4)).toBe(checkedSdp(sdp(), 4));
    expect(checkedSdp(sdp(), 4)).not.toContain('msid-semantic');
    for (const name of ['constructor', '__proto__', 'toString'])
      expect(checkedSdp(sdp(`a=${name}:x`), 4)).toBe(checkedSdp(sdp(), 4));
  });

  it('takes every source of 32 bits, and no other', () => {
    const described = (source: number) => sdp(`a=ssrc:${String(source)} cname:x`);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (source) => {
        expect(checkedSdp(described(source), 4)).toBe(
          described(source).replace('a=msid-semantic: WMS\r\n', ''),
        );
      }),
      { numRuns: 2_000 },
    );
    for (const source of [2 ** 32 - 1, 2 ** 32 - 2, 4_294_967_199, 4_000_000_000])
      expect(() => checkedSdp(described(source), 4)).not.toThrow();
    for (const source of [2 ** 32, 2 ** 32 + 5, 4_300_000_000, 10_000_000_000])
      expect(() => checkedSdp(described(source), 4)).toThrow(refused);
  });

  it('passes as Firefox writes it', () => {
    const firefox = [
      'v=0',
      'o=mozilla...THIS_IS_SDPARTA-99.0 6274353487 0 IN IP4 0.0.0.0',
      's=-',
      't=0 0',
      'a=sendonly',
      'a=fingerprint:sha-256 7B:8B:F0:65',
      'a=group:BUNDLE 0',
      'a=ice-options:trickle',
      'a=msid-semantic:WMS *',
      'm=audio 9 UDP/TLS/RTP/SAVPF 109',
      'c=IN IP4 0.0.0.0',
      'a=sendonly',
      'a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level',
      'a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1',
      'a=ice-pwd:9c2bf7ae9d0ce1d2b4bd8c1b6a8ae1f4',
      'a=ice-ufrag:2b1a07f5',
      'a=mid:0',
      'a=rtcp-mux',
      'a=rtpmap:109 opus/48000/2',
      'a=setup:actpass',
      'a=ssrc:1234567890 cname:{3f8a1f5e-2b6c-4a51-8d4e-1f2a3b4c5d6e}',
    ];
    const taken = checkedSdp(`${firefox.join('\r\n')}\r\n`, 4);
    expect(taken.split('\r\n')).toEqual([...firefox.filter((line) => !line.includes('msid')), '']);
  });

  it('is never quoted in the error', () => {
    const attempt = () => {
      checkedSdp(sdp('a=very secret:line'), 4);
    };
    expect(attempt).toThrow(/line 17/);
    expect(attempt).not.toThrow(/secret/);
  });
});

describe('a candidate', () => {
  const check = (candidate: string) => () => {
    checkCandidate({ candidate, sdpMid: '0', sdpMLineIndex: 0 });
  };
  it('passes as browsers write it, the empty one of a generation too', () => {
    expect(check('candidate:1 1 udp 2122260223 192.168.0.7 50018 typ host')).not.toThrow();
    expect(check('')).not.toThrow();
  });
  it.each([
    'candidate:842163049 1 udp 1677729535 192.0.2.7 46154 typ srflx raddr 10.0.0.17 rport 46154 generation 0 ufrag EE/u network-id 3 network-cost 10',
    'candidate:0 1 UDP 2122252543 6f1c1b6e-31d5-4f2e-9c0e-0a8ef8f5f2b4.local 50018 typ host',
    'candidate:2 1 TCP 2105524479 2001:db8::7 9 typ host tcptype active',
  ])('passes: %j', (candidate) => {
    expect(check(candidate)).not.toThrow();
  });
  it.each(['host', 'candidate:', 'candidate:1\r\na=x', 'candidate:1 \u0000'])(
    'is refused: %j',
    (candidate) => {
      expect(check(candidate)).toThrow(refused);
    },
  );
});
