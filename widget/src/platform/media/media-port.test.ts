import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CallKeys, MediaEvent } from '../../core/calls/media-port.js';
import { createMediaPort, type PageMedia } from './media-port.js';

const keys: CallKeys = {
  suite: 5,
  senderIndex: 0,
  epochs: [{ epoch: 1, baseKey: crypto.getRandomValues(new Uint8Array(32)), send: true }],
  senders: [
    { senderIndex: 0, device: 'own', salt: new Uint8Array(16) },
    { senderIndex: 1, device: 'other', salt: new Uint8Array(16).fill(1) },
  ],
};
const workers: Worker[] = [];
const ports: PageMedia[] = [];

function port(): PageMedia {
  const media = createMediaPort({
    frameWorker: () => {
      const worker = new Worker(new URL('../../workers/frames.ts', import.meta.url), {
        type: 'module',
      });
      workers.push(worker);
      return worker;
    },
  });
  ports.push(media);
  return media;
}

const openAs = async (media: PageMedia, video: boolean) => {
  await media.prepare({ iceServers: [], keys });
  await media.open({ video });
};
const kindsOf = (stream: MediaStream) => stream.getTracks().map(({ kind }) => kind);
const problem = (code: string) => expect.objectContaining({ problem: { code } }) as Error;

afterEach(async () => {
  vi.restoreAllMocks();
  for (const media of ports.splice(0)) await media.close();
});

/** The devices as the page gets them, remembered. */
function watchDevices(): MediaStreamTrack[] {
  const tracks: MediaStreamTrack[] = [];
  const { mediaDevices } = navigator;
  const original = mediaDevices.getUserMedia.bind(mediaDevices);
  vi.spyOn(mediaDevices, 'getUserMedia').mockImplementation(async (constraints) => {
    const stream = await original(constraints);
    tracks.push(...stream.getTracks());
    return stream;
  });
  return tracks;
}

describe('opening', () => {
  it('is possible here', async () => {
    await expect(port().supported()).resolves.toBe('available');
  });

  it.each([
    ['no transforms', globalThis, 'RTCRtpScriptTransform'],
    ['none for what is sent', RTCRtpSender.prototype, 'transform'],
    ['no choice of codecs', RTCRtpTransceiver.prototype, 'setCodecPreferences'],
  ] as [string, object, string][])(
    'is refused where there are %s: nothing is joined that could not be encrypted',
    async (_name, where, what) => {
      const property = Object.getOwnPropertyDescriptor(where, what) ?? {};
      Reflect.deleteProperty(where, what);
      const media = port();
      const workersBefore = workers.length;
      try {
        await expect(media.supported()).resolves.toBe('unsupported');
        await expect(media.prepare({ iceServers: [], keys })).rejects.toEqual(
          problem('encryption_unsupported'),
        );
        await expect(media.offer({ fresh: false })).rejects.toEqual(problem('call_failed'));
      } finally {
        Object.defineProperty(where, what, property);
      }
      expect(workers).toHaveLength(workersBefore);
    },
  );

  it('offers Opus and VP8 on two lines that only send', async () => {
    const media = port();
    await openAs(media, false);
    const sdp = await media.offer({ fresh: false });
    expect(sdp.match(/^m=\w+/gm)).toEqual(['m=audio', 'm=video']);
    const codecs = [...sdp.matchAll(/^a=rtpmap:\d+ (\w+)\//gm)].map(([, name]) => name);
    expect(new Set(codecs)).toEqual(new Set(['opus', 'VP8', 'rtx']));
    expect(sdp.match(/^a=sendonly/gm)).toHaveLength(2);
  });

  it('gives every sender its transform before it has a track', async () => {
    const order: string[] = [];
    const transform = Object.getOwnPropertyDescriptor(RTCRtpSender.prototype, 'transform');
    vi.spyOn(RTCRtpSender.prototype, 'transform', 'set').mockImplementation(function (
      this: RTCRtpSender,
      value,
    ) {
      order.push(`transform, ${this.track === null ? 'no track' : 'track'}`);
      transform?.set?.call(this, value);
    });
    const replace = Object.getOwnPropertyDescriptor(RTCRtpSender.prototype, 'replaceTrack')
      ?.value as (this: RTCRtpSender, track: MediaStreamTrack | null) => Promise<void>;
    vi.spyOn(RTCRtpSender.prototype, 'replaceTrack').mockImplementation(function (
      this: RTCRtpSender,
      track,
    ) {
      order.push(`track, ${this.transform === null ? 'no transform' : 'transform'}`);
      return replace.call(this, track);
    });
    await openAs(port(), true);
    expect(order).toEqual([
      'transform, no track',
      'transform, no track',
      'track, transform',
      'track, transform',
    ]);
  });

  it.each([
    ['NotAllowedError', false, 'microphone_denied'],
    ['SecurityError', false, 'microphone_denied'],
    ['NotFoundError', true, 'device_missing'],
    ['OverconstrainedError', true, 'device_missing'],
    ['NotReadableError', true, 'device_in_use'],
    ['AbortError', false, 'device_in_use'],
    ['UnknownError', false, 'call_failed'],
  ])('says of %s (video: %s) that it is %s', async (name, video, code) => {
    vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockRejectedValue(new DOMException('', name));
    const media = port();
    await expect(openAs(media, video)).rejects.toEqual(problem(code));
    expect(kindsOf(media.localStream)).toEqual([]);
  });

  it('blames the camera when the microphone is allowed', async () => {
    vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockRejectedValue(
      new DOMException('', 'NotAllowedError'),
    );
    vi.spyOn(navigator.permissions, 'query').mockImplementation(({ name }) =>
      Promise.resolve({
        state: name === ('camera' as PermissionName) ? 'denied' : 'granted',
      } as PermissionStatus),
    );
    await expect(openAs(port(), true)).rejects.toEqual(problem('camera_denied'));
  });

  it('gives the devices back when the call ended while the person was asked', async () => {
    const tracks = watchDevices();
    const media = port();
    await media.prepare({ iceServers: [], keys });
    const opening = media.open({ video: true });
    await media.close();
    await expect(opening).rejects.toEqual(problem('call_failed'));
    expect(tracks.map(({ readyState }) => readyState)).toEqual(['ended', 'ended']);
  });
});

describe('during a call', () => {
  it('a camera that is turned off is given back, and comes anew when turned on', async () => {
    const tracks = watchDevices();
    const media = port();
    const changed = vi.fn();
    media.onStreams(changed, new AbortController().signal);
    await openAs(media, true);
    expect(kindsOf(media.localStream)).toEqual(['video']);
    await expect(media.setCamera(false)).resolves.toBeNull();
    expect(kindsOf(media.localStream)).toEqual([]);
    expect(tracks.find(({ kind }) => kind === 'video')?.readyState).toBe('ended');
    await expect(media.setCamera(true)).resolves.toBeNull();
    expect(kindsOf(media.localStream)).toEqual(['video']);
    expect(changed).toHaveBeenCalledTimes(3);
  });

  it('a camera that is refused is a problem to show, and the call goes on', async () => {
    const media = port();
    await openAs(media, false);
    vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockRejectedValue(
      new DOMException('', 'NotAllowedError'),
    );
    await expect(media.setCamera(true)).resolves.toEqual({ code: 'camera_denied' });
    await expect(media.offer({ fresh: false })).resolves.toMatch(/^v=0/);
  });

  it('a microphone that is off is silent, not gone', async () => {
    const tracks = watchDevices();
    const media = port();
    await openAs(media, false);
    await media.setMicrophone(false);
    expect(tracks[0]).toMatchObject({ enabled: false, readyState: 'live' });
    await media.setMicrophone(true);
    expect(tracks[0]?.enabled).toBe(true);
  });

  it('a device that goes away is reported, and may be opened again', async () => {
    const tracks = watchDevices();
    const media = port();
    const events: MediaEvent[] = [];
    media.onEvent((event) => events.push(event));
    await openAs(media, true);
    tracks.find(({ kind }) => kind === 'video')?.dispatchEvent(new Event('ended'));
    await vi.waitFor(() => {
      expect(events).toContainEqual({ event: 'ended', kind: 'video' });
    });
    expect(kindsOf(media.localStream)).toEqual([]);
    await media.setCamera(true);
    expect(kindsOf(media.localStream)).toEqual(['video']);
  });

  it('gives every line a transform from the first, and receives only those of a named device', async () => {
    const media = port();
    await openAs(media, false);
    const janus = new RTCPeerConnection();
    const [audio, video] = [janus.addTransceiver('audio'), janus.addTransceiver('video')];
    for (const one of [audio, video]) one.direction = 'sendonly';
    await janus.setLocalDescription(await janus.createOffer());
    const transforms: unknown[] = [];
    const original = globalThis.RTCRtpScriptTransform;
    vi.stubGlobal(
      'RTCRtpScriptTransform',
      class extends original {
        constructor(worker: Worker, options: unknown) {
          super(worker, options);
          transforms.push(options);
        }
      },
    );
    const feeds = [{ mid: audio.mid ?? '', device: 'other', kind: 'audio' as const }];
    const sdp = await media.answer(janus.localDescription?.sdp ?? '', feeds);
    vi.unstubAllGlobals();
    const line = expect.any(String) as string;
    expect(transforms).toEqual([
      { direction: 'receive', kind: 'audio', line },
      { direction: 'receive', kind: 'video', line },
    ]);
    expect(kindsOf(media.remoteStream)).toEqual(['audio']);
    const [, first = '', second = ''] = sdp.split(/^m=/m);
    expect(first).toContain('a=recvonly');
    expect(second).toContain('a=inactive');
    janus.close();
  });

  it('asks for a new way with a second offer once the first was answered', async () => {
    const media = port();
    await openAs(media, false);
    const ufrag = (sdp: string) => /^a=ice-ufrag:(.*)$/m.exec(sdp)?.[1];
    const first = await media.offer({ fresh: false });
    const janus = new RTCPeerConnection();
    await janus.setRemoteDescription({ type: 'offer', sdp: first });
    await janus.setLocalDescription(await janus.createAnswer());
    await media.acceptAnswer(janus.localDescription?.sdp ?? '');
    expect(ufrag(await media.offer({ fresh: false }))).not.toBe(ufrag(first));
    janus.close();
  });
});

describe('closing', () => {
  it('frees the devices, empties the streams and ends the worker with its keys', async () => {
    const tracks = watchDevices();
    const media = port();
    await openAs(media, true);
    const terminated = vi.spyOn(workers.at(-1) as Worker, 'terminate');
    await media.close();
    expect(tracks.map(({ readyState }) => readyState)).toEqual(['ended', 'ended']);
    expect(kindsOf(media.localStream)).toEqual([]);
    expect(terminated).toHaveBeenCalledOnce();
    await expect(media.setKeys(keys)).rejects.toEqual(problem('call_failed'));
  });

  it('may come twice, before anything, and be followed by another call', async () => {
    const media = port();
    await media.close();
    await openAs(media, false);
    await media.close();
    await media.close();
    await openAs(media, true);
    expect(kindsOf(media.localStream)).toEqual(['video']);
  });
});
