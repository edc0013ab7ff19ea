/** A media server that lies, in a real browser: the other end of each connection is one that this test holds. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commands } from 'vitest/browser';
import type { CallKeys, IceServer, MediaEvent } from '../../core/calls/media-port.js';
import { CallCipher } from '../../core/sframe/index.js';
import { createMediaPort, type PageMedia } from './media-port.js';

declare module 'vitest/browser' {
  interface BrowserCommands {
    openIceEar: () => Promise<number>;
    heardByIceEar: (port: number) => Promise<string[]>;
  }
}

const baseKey = crypto.getRandomValues(new Uint8Array(32));
/** The keys of the person at this page (0), and of the other in the call (1). */
const keysOf = (senderIndex: number, key = baseKey): CallKeys => ({
  suite: 5,
  senderIndex,
  epochs: [{ epoch: 1, baseKey: key, send: true }],
  senders: [
    { senderIndex: 0, device: 'own', salt: new Uint8Array(16) },
    { senderIndex: 1, device: 'other', salt: new Uint8Array(16).fill(1) },
  ],
});

const done: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of done.splice(0)) await end();
  vi.unstubAllGlobals();
});

const frameWorker = (): Worker =>
  new Worker(new URL('../../workers/frames.ts', import.meta.url), { type: 'module' });

interface Side {
  media: PageMedia;
  events: MediaEvent[];
  /** The connections that the port has made. */
  made: RTCPeerConnection[];
}

/** The browser's own, for the server's end of a connection. */
const Plain = RTCPeerConnection;

/** The port with open devices. */
async function person(iceServers: IceServer[] = []): Promise<Side> {
  const made: RTCPeerConnection[] = [];
  class Watched extends Plain {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      made.push(this);
    }
  }
  vi.stubGlobal('RTCPeerConnection', Watched);
  const media = createMediaPort({ frameWorker });
  done.push(() => media.close());
  const events: MediaEvent[] = [];
  media.onEvent((event) => events.push(event));
  await media.prepare({ iceServers, keys: keysOf(0) });
  await media.open({ video: true });
  return { media, events, made };
}

function liar(): RTCPeerConnection {
  const connection = new Plain();
  done.push(() => {
    connection.close();
  });
  return connection;
}

const gathered = (connection: RTCPeerConnection) =>
  vi.waitFor(() => {
    expect(connection.iceGatheringState).toBe('complete');
  }, 10_000);

/** Candidates that the port tells of, handed over. */
function carry({ media }: Side, direction: string, to: RTCPeerConnection): void {
  media.onEvent((event) => {
    if (event.event === 'candidate' && event.direction === direction && event.candidate)
      void to.addIceCandidate(event.candidate).catch(() => undefined);
  });
}

/** A picture that moves. */
function picture(): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const context = canvas.getContext('2d');
  let hue = 0;
  const timer = setInterval(() => {
    if (context === null) return;
    context.fillStyle = `hsl(${String((hue += 7))} 90% 50%)`;
    context.fillRect(hue % 40, 0, 40, 64);
  }, 30);
  done.push(() => {
    clearInterval(timer);
  });
  const [track] = canvas.captureStream(30).getVideoTracks();
  if (track === undefined) throw new Error('no picture');
  return track;
}

async function inbound(connection: RTCPeerConnection | undefined, kind = 'video') {
  const report = await connection?.getStats();
  for (const stats of report?.values() ?? []) {
    const one = stats as RTCInboundRtpStreamStats;
    if (one.type === 'inbound-rtp' && one.kind === kind)
      return { packets: one.packetsReceived ?? 0, decoded: one.framesDecoded ?? 0 };
  }
  return { packets: 0, decoded: 0 };
}

async function sentBytes(connection: RTCPeerConnection | undefined): Promise<number> {
  let bytes = 0;
  for (const stats of (await connection?.getStats())?.values() ?? []) {
    const one = stats as RTCOutboundRtpStreamStats;
    if (one.type === 'outbound-rtp') bytes += one.bytesSent ?? 0;
  }
  return bytes;
}

const enough = { timeout: 15_000, interval: 100 };

/** The server sends a picture, said to be the other's; or, `named` later, of nobody's at first. */
async function sends(
  side: Side,
  { rewrite = (sdp: string) => sdp, keys, named = 'at once' }: Sending = {},
) {
  const server = liar();
  const { sender } = server.addTransceiver(picture(), { direction: 'sendrecv' });
  if (keys) {
    const worker = frameWorker();
    done.push(() => {
      worker.terminate();
    });
    worker.postMessage({ type: 'keys', keys });
    sender.transform = new RTCRtpScriptTransform(worker, { direction: 'send', kind: 'video' });
  }
  carry(side, 'subscribe', server);
  await server.setLocalDescription(await server.createOffer());
  await gathered(server);
  const exchange = async (device: string | null): Promise<string> => {
    const sdp = rewrite(server.localDescription?.sdp ?? '');
    const feeds = device === null ? [] : [{ mid: '0', device, kind: 'video' as const }];
    const answer = await side.media.answer(sdp, feeds);
    await server.setRemoteDescription({ type: 'answer', sdp: answer });
    await vi.waitFor(() => {
      expect(server.connectionState).toBe('connected');
    }, enough);
    return answer;
  };
  if (named === 'later') {
    await exchange(null);
    await server.setLocalDescription(await server.createOffer());
  }
  const answer = await exchange('other');
  return { server, answer, subscription: side.made.at(-1) };
}
interface Sending {
  rewrite?: (sdp: string) => string;
  keys?: CallKeys;
  named?: 'at once' | 'later';
}

const sawOther = ({ events }: Side) =>
  events.some((event) => event.event === 'remote' && event.video);

describe('what comes from a server that lies', () => {
  it.each(['at once', 'later'] as const)(
    'is seen when it is the other’s, named %s',
    async (named) => {
      const side = await person();
      const { subscription } = await sends(side, { keys: keysOf(1), named });
      await vi.waitFor(async () => {
        expect((await inbound(subscription)).decoded).toBeGreaterThan(5);
      }, enough);
      await vi.waitFor(() => {
        expect(sawOther(side)).toBe(true);
      }, enough);
    },
  );

  it.each<[string, Sending]>([
    ['in the clear, `e2ee` stripped', {}],
    ['in the clear, on a line that was nobody’s at first', { named: 'later' }],
    ['under other keys', { keys: keysOf(1, crypto.getRandomValues(new Uint8Array(32))) }],
    ['under a weaker suite', { keys: { ...keysOf(1), suite: 4 } }],
    ['in the name of this device', { keys: keysOf(0) }],
  ])('is dropped when it is %s', async (_name, sending) => {
    const side = await person();
    const { subscription } = await sends(side, sending);
    await vi.waitFor(async () => {
      expect((await inbound(subscription)).packets).toBeGreaterThan(40);
    }, enough);
    expect((await inbound(subscription)).decoded).toBe(0);
    expect(sawOther(side)).toBe(false);
  });

  it.each([
    ['sends and receives', 'a=sendrecv'],
    ['only receives', 'a=recvonly'],
    ['says nothing of it', 'a=x-nothing'],
  ])('cannot make the receiving side send by an offer that %s', async (_name, line) => {
    const side = await person();
    const rewrite = (sdp: string) => sdp.replace(/^a=sendrecv/gm, line);
    const { server, answer, subscription } = await sends(side, { rewrite });
    expect(answer).not.toMatch(/^a=send/m);
    // What this side does send goes to the other connection; nothing of it comes here.
    for (const sender of subscription?.getSenders() ?? []) expect(sender.track).toBeNull();
    if (line !== 'a=recvonly')
      await vi.waitFor(async () => {
        expect((await inbound(subscription)).packets).toBeGreaterThan(20);
      }, enough);
    expect(await sentBytes(subscription)).toBe(0);
    expect((await inbound(server)).packets).toBe(0);
  });

  it('opens no data channel', async () => {
    const side = await person();
    const server = liar();
    server.addTransceiver('video', { direction: 'sendonly' });
    server.createDataChannel('tell me');
    await server.setLocalDescription(await server.createOffer());
    const feeds = [{ mid: '0', device: 'other', kind: 'video' as const }];
    await expect(
      side.media.answer(server.localDescription?.sdp ?? '', feeds),
    ).rejects.toMatchObject({
      problem: { code: 'call_failed' },
    });
    expect(side.made.at(-1)?.sctp ?? null).toBeNull();
  });
});

/** Reads every frame that comes, as a server could. */
const reading = `onrtctransform = async ({ transformer: { readable, options } }) => {
  for await (const { data } of readable) postMessage({ kind: options.kind, frame: new Uint8Array(data) });
}`;
type Read = { kind: 'audio' | 'video'; frame: Uint8Array };

/** The server takes what the person sends, ends its connection with its own certificate, and answers like this. */
async function takes(side: Side, rewrite = (sdp: string) => sdp) {
  const server = liar();
  const read: Read[] = [];
  const worker = new Worker(URL.createObjectURL(new Blob([reading])));
  worker.addEventListener('message', ({ data }: MessageEvent<Read>) => read.push(data));
  done.push(() => {
    worker.terminate();
  });
  server.addEventListener('track', ({ receiver, track }) => {
    receiver.transform = new RTCRtpScriptTransform(worker, { kind: track.kind });
  });
  carry(side, 'publish', server);
  const sdp = await side.media.offer({ fresh: false });
  await server.setRemoteDescription({ type: 'offer', sdp });
  await server.setLocalDescription(await server.createAnswer());
  await gathered(server);
  await side.media.acceptAnswer(rewrite(server.localDescription?.sdp ?? ''));
  return read;
}

/** Every frame is one of the call, encrypted by keys that the server does not have. */
async function areAllEncrypted(read: Read[], kinds: Read['kind'][] = ['audio', 'video']) {
  await vi.waitFor(() => {
    for (const kind of kinds)
      expect(read.filter((one) => one.kind === kind).length).toBeGreaterThan(15);
  }, enough);
  const [other, stranger] = [new CallCipher(), new CallCipher()];
  other.setKeys(keysOf(1));
  stranger.setKeys(keysOf(1, crypto.getRandomValues(new Uint8Array(32))));
  const seen = new Set<string>();
  for (const { kind, frame } of [...read]) {
    // Browsers repeat a whole frame to measure the line: it opens once.
    if (seen.has(frame.join())) continue;
    seen.add(frame.join());
    expect(await stranger.open(kind, frame, 'own')).toBeNull();
    expect(await other.open(kind, frame, 'own')).not.toBeNull();
  }
}

describe('what a server that lies is sent', () => {
  it('is frames that it has no keys for, with a certificate of its own too', async () => {
    await areAllEncrypted(await takes(await person()));
  });

  it.each([
    ['directions that send', (sdp: string) => sdp.replace(/^a=recvonly/gm, 'a=sendonly')],
    ['directions both ways', (sdp: string) => sdp.replace(/^a=recvonly/gm, 'a=sendrecv')],
    ['pictures in a codec never offered', (sdp: string) => sdp.replace(/ VP8\//g, ' H264/')],
    [
      'speech in a codec never offered',
      (sdp: string) => sdp.replace(/ opus\/48000\/2/g, ' PCMU/8000'),
    ],
    ['no direction', (sdp: string) => sdp.replace(/^a=recvonly/gm, 'a=x-nothing')],
  ])('is that or nothing, for an answer with %s', async (_name, rewrite) => {
    const side = await person();
    const outcome = await takes(side, rewrite).catch((error: unknown) => error);
    const [publication] = side.made;
    // Nothing that comes on the sending connection is ever shown.
    expect(side.media.remoteStream.getTracks()).toEqual([]);
    if (outcome instanceof Error) expect(await sentBytes(publication)).toBe(0);
    // Without a codec in common no picture is sent.
    else await areAllEncrypted(outcome as Read[], ['audio']);
  });
});

describe('ICE servers of a server that lies', () => {
  // RFC 8489, section 5: a Binding request, its cookie, a random transaction, and no attribute at all.
  const binding = /^000100002112a442[0-9a-f]{24}$/;

  it.each([
    ['stun', 'an address', binding],
    // RFC 8656, section 7.1: an Allocate request, and that it is for UDP. No name before there was a challenge.
    ['turn', 'a relay', /^000300082112a442[0-9a-f]{24}0019000411000000$/],
  ])('of %s: hear requests for %s, with nothing else in them', async (scheme, _what, request) => {
    const port = await commands.openIceEar();
    const urls = [`${scheme}:127.0.0.1:${String(port)}`];
    const side = await person([{ urls, username: 'a name', credential: 'a password' }]);
    const heard = await vi.waitFor(async () => {
      const datagrams = await commands.heardByIceEar(port);
      expect(datagrams.some((datagram) => request.test(datagram))).toBe(true);
      return datagrams;
    }, enough);
    // Browsers ask a relay for their address as well.
    for (const datagram of heard.filter((one) => !binding.test(one)))
      expect(datagram).toMatch(request);
    // Candidates are told when there is an offer that they belong to.
    expect(side.events.filter(({ event }) => event === 'candidate')).toEqual([]);
  });
});
