import { describe, expect, it } from 'vitest';
import { checkCandidate, checkSdp } from './sdp.js';

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
      checkSdp(sdp());
    }).not.toThrow();
    expect(() => {
      checkSdp(lines.join('\n'));
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
    ['a data channel', sdp('m=application 9 UDP/DTLS/SCTP webrtc-datachannel')],
    ['a media line without formats', sdp('m=audio 9 UDP/TLS/RTP/SAVPF')],
    ['a port out of all range', sdp('m=audio 123456 UDP/TLS/RTP/SAVPF 111')],
  ])('is refused with %s', (_what, text) => {
    expect(() => {
      checkSdp(text);
    }).toThrow(refused);
  });

  it('is bounded in lines, in media lines and in the length of a line', () => {
    const many = (count: number, line: string) => Array.from({ length: count }, () => line);
    const media = 'm=video 9 UDP/TLS/RTP/SAVPF 96';
    const ok = [
      sdp(...many(31, media)),
      sdp(`a=x:${'y'.repeat(4_092)}`),
      sdp(...many(4_000 - lines.length, 'a=x')),
    ];
    const bad = [
      sdp(...many(32, media)),
      sdp(`a=x:${'y'.repeat(4_093)}`),
      sdp(...many(4_001 - lines.length, 'a=x')),
    ];
    for (const text of ok) {
      expect(() => {
        checkSdp(text);
      }).not.toThrow();
    }
    for (const text of bad) {
      expect(() => {
        checkSdp(text);
      }).toThrow(refused);
    }
  });

  it('is never quoted in the error', () => {
    const attempt = () => {
      checkSdp(sdp('a=very secret:line'));
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
  it.each(['host', 'candidate:', 'candidate:1\r\na=x', 'candidate:1 \u0000'])(
    'is refused: %j',
    (candidate) => {
      expect(check(candidate)).toThrow(refused);
    },
  );
});
