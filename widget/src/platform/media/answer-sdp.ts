/** What this page accepts of the answer to its offer: only extensions that say nothing of the content. */

const allowedExtensions = new Set([
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:3gpp:video-orientation',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
]);

// A constant bitrate and no pauses: the sizes and gaps of encrypted speech tell what is said
// (RFC 6562, section 2). Forward error correction costs little and hides single losses.
const opusParameters: Record<string, string> = {
  useinbandfec: '1',
  usedtx: '0',
  cbr: '1',
  stereo: '0',
  maxaveragebitrate: '32000',
};

/** Removes header extensions that are not allowed (audio levels above all: they travel in the clear) and asks
 * the Opus encoder for a constant bitrate. */
export function tightenAnswer(sdp: string): string {
  const opus = /^a=rtpmap:(\d+) opus\//im.exec(sdp)?.[1];
  return sdp
    .split('\r\n')
    .filter((line) => {
      const extension = /^a=extmap:\d+(?:\/\w+)? (\S+)/.exec(line)?.[1];
      return extension === undefined || allowedExtensions.has(extension);
    })
    .filter((line) => opus === undefined || !line.startsWith(`a=fmtp:${opus} `))
    .flatMap((line) =>
      opus !== undefined && line.startsWith(`a=rtpmap:${opus} `) ? [line, fmtp(opus)] : [line],
    )
    .join('\r\n');
}

function fmtp(payloadType: string): string {
  const parameters = Object.entries(opusParameters).map(([name, value]) => `${name}=${value}`);
  return `a=fmtp:${payloadType} ${parameters.join(';')}`;
}
