/** The page's side of a call: devices, two connections to the server's rooms, and what is seen and heard. */
import type { CallKeys, IceServer, MediaEvent, MediaPort } from '../../core/calls/media-port.js';
import { ProblemError, type Problem } from '../../core/snapshot.js';
import { openDevices, type Kind } from './devices.js';
import { Liveness } from './liveness.js';
import { Publication } from './publication.js';
import { Subscription, type Feed } from './subscription.js';

/** What the frame worker says. */
interface WorkerMessage {
  type: 'first_frame' | 'stalled';
  kind: Kind;
  device: string;
}

export interface MediaPortOptions {
  /** Starts the worker that encrypts and decrypts frames; called for each call, so that keys go with it. */
  frameWorker: () => Worker;
}

/** The port as the page itself uses it: with the streams that elements show. */
export interface PageMedia extends MediaPort {
  /** What the other side sends; always the same object, its tracks come and go. */
  readonly remoteStream: MediaStream;
  /** One's own camera, for the preview; always the same object, empty while it is off. */
  readonly localStream: MediaStream;
  /** Called whenever a stream has other tracks, until the signal aborts. */
  onStreams(listener: () => void, signal: AbortSignal): void;
}

export function createMediaPort(options: MediaPortOptions): PageMedia {
  return new BrowserMedia(options);
}

/** One open call. */
interface Session {
  readonly iceServers: IceServer[];
  readonly frameWorker: Worker;
  readonly over: AbortController;
  readonly liveness: Liveness;
  publication: Publication;
  subscription: Subscription | null;
  tracks: Map<Kind, MediaStreamTrack>;
}

type Support = 'available' | 'need_https' | 'unsupported';

/** What is missing here, if anything: a page that is secure, and transforms to encrypt with. */
function supportHere(): Support {
  if (!isSecureContext) return 'need_https';
  const can =
    'RTCPeerConnection' in globalThis &&
    'RTCRtpScriptTransform' in globalThis &&
    'mediaDevices' in navigator &&
    'transform' in RTCRtpSender.prototype &&
    'setCodecPreferences' in RTCRtpTransceiver.prototype;
  return can ? 'available' : 'unsupported';
}

type ConnectionNeeds = Pick<Session, 'iceServers' | 'frameWorker' | 'over'>;

class BrowserMedia implements PageMedia {
  readonly #spawn: () => Worker;
  readonly #listeners = new Set<(event: MediaEvent) => void>();
  readonly #streams = new EventTarget();
  #remoteStream: MediaStream | undefined;
  #localStream: MediaStream | undefined;
  #session: Session | null = null;
  /** Devices are opened and closed one after the other, whatever the person clicks meanwhile. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor({ frameWorker }: MediaPortOptions) {
    this.#spawn = frameWorker;
  }

  // Made when first asked for: a browser without WebRTC must still be able to say so.
  get remoteStream(): MediaStream {
    return (this.#remoteStream ??= new MediaStream());
  }

  get localStream(): MediaStream {
    return (this.#localStream ??= new MediaStream());
  }

  supported(): Promise<Support> {
    return Promise.resolve(supportHere());
  }

  async prepare({ iceServers, keys }: { iceServers: IceServer[]; keys: CallKeys }): Promise<void> {
    const support = supportHere();
    if (support === 'need_https') throw new ProblemError({ code: 'calls_need_https' });
    if (support === 'unsupported') throw new ProblemError({ code: 'encryption_unsupported' });
    // Begun before anything is awaited: a close() from here on ends this call.
    this.#end();
    const session = this.#begin(iceServers);
    session.frameWorker.postMessage({ type: 'keys', keys });
    // Candidates are gathered while it rings.
    await session.publication.prepare();
  }

  async open({ video }: { video: boolean }): Promise<void> {
    const session = this.#open();
    await this.#inTurn(async () => {
      const tracks = await openDevices(video ? ['audio', 'video'] : ['audio']);
      await Promise.all(tracks.map((track) => this.#use(session, track)));
    });
    // Hung up while the person was still being asked for the devices.
    if (session.over.signal.aborted) throw new ProblemError({ code: 'call_failed' });
  }

  async offer({ fresh }: { fresh: boolean }): Promise<string> {
    const session = this.#open();
    const { publication, subscription } = session;
    const isBroken = [publication, subscription].some(
      (one) => one?.connection.connectionState === 'failed',
    );
    // A broken connection is not mended by another offer: both are replaced, and Janus offers anew as well.
    if (fresh || isBroken) {
      publication.close();
      subscription?.close();
      session.subscription = null;
      session.publication = this.#publication(session);
      for (const track of session.tracks.values())
        await session.publication.send(track.kind as Kind, track);
    }
    return session.publication.offer();
  }

  async acceptAnswer(sdp: string): Promise<void> {
    await this.#open().publication.acceptAnswer(sdp);
  }

  async answer(sdp: string, feeds: Feed[]): Promise<string> {
    const session = this.#open();
    if (session.subscription?.connection.connectionState === 'failed') {
      session.subscription.close();
      session.subscription = null;
    }
    session.subscription ??= this.#subscription(session);
    const { subscription } = session;
    const answer = await subscription.answer(sdp, feeds);
    this.#show(this.remoteStream, subscription.tracks());
    return answer;
  }

  async setKeys(keys: CallKeys): Promise<void> {
    this.#open().frameWorker.postMessage({ type: 'keys', keys });
  }

  /** Off: silence is sent, encrypted like speech, so that nobody on the way sees the difference. */
  async setMicrophone(on: boolean): Promise<void> {
    await this.#inTurn(async () => {
      const session = this.#open();
      const track = session.tracks.get('audio');
      if (track?.readyState === 'live') track.enabled = on;
      else if (on)
        for (const fresh of await openDevices(['audio'])) await this.#use(session, fresh);
    });
  }

  /** Off: the camera is given back, so that its light goes out. */
  async setCamera(on: boolean): Promise<Problem | null> {
    return this.#inTurn(async () => {
      const session = this.#open();
      const track = session.tracks.get('video');
      if (!on) await this.#drop(session, 'video');
      if (!on || track?.readyState === 'live') return null;
      try {
        for (const fresh of await openDevices(['video'])) await this.#use(session, fresh);
        return null;
      } catch (error) {
        if (error instanceof ProblemError) return error.problem;
        throw error;
      }
    });
  }

  close(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  #end(): void {
    const session = this.#session;
    if (session === null) return;
    this.#session = null;
    // A question for a device may stay open for long: the next call does not wait for its answer.
    this.#tail = Promise.resolve();
    session.publication.close();
    session.subscription?.close();
    session.over.abort();
    for (const track of session.tracks.values()) track.stop();
    this.#show(this.remoteStream, []);
    this.#show(this.localStream, []);
  }

  onEvent(listener: (event: MediaEvent) => void): void {
    this.#listeners.add(listener);
  }

  onStreams(listener: () => void, signal: AbortSignal): void {
    this.#streams.addEventListener('change', listener, { signal });
  }

  #begin(iceServers: IceServer[]): Session {
    const over = new AbortController();
    const base = { iceServers, over, frameWorker: this.#startWorker(over.signal) };
    const liveness = new Liveness(
      {
        connection: () => session.subscription?.connection ?? null,
        onChange: (alive) => {
          this.#emit({ event: 'remote', ...alive });
        },
      },
      over.signal,
    );
    const session: Session = {
      ...base,
      liveness,
      publication: this.#publication(base),
      subscription: null,
      tracks: new Map(),
    };
    this.#session = session;
    return session;
  }

  #publication(session: ConnectionNeeds): Publication {
    return new Publication({ ...session, ...this.#events('publish', session.over.signal) });
  }

  #subscription(session: ConnectionNeeds): Subscription {
    return new Subscription({ ...session, ...this.#events('subscribe', session.over.signal) });
  }

  #events(direction: 'publish' | 'subscribe', signal: AbortSignal) {
    return {
      onCandidate: (candidate: Extract<MediaEvent, { event: 'candidate' }>['candidate']) => {
        if (!signal.aborted) this.#emit({ event: 'candidate', direction, candidate });
      },
      onState: (state: Extract<MediaEvent, { event: 'connection' }>['state']) => {
        if (!signal.aborted) this.#emit({ event: 'connection', direction, state });
      },
    };
  }

  /** Sends a track and shows it; a call that ended meanwhile has no use for it. */
  async #use(session: Session, track: MediaStreamTrack): Promise<void> {
    const kind = track.kind as Kind;
    if (session.over.signal.aborted) {
      track.stop();
      return;
    }
    session.tracks.set(kind, track);
    track.addEventListener('ended', () => void this.#onEnded(session, track));
    if (kind === 'video') this.#show(this.localStream, [track]);
    await session.publication.send(kind, track);
  }

  async #drop(session: Session, kind: Kind): Promise<void> {
    session.tracks.get(kind)?.stop();
    session.tracks.delete(kind);
    if (kind === 'video') this.#show(this.localStream, []);
    await session.publication.send(kind, null);
  }

  /** Unplugged, or taken back by the person in the browser's own controls; stop() does not come here. */
  async #onEnded(session: Session, track: MediaStreamTrack): Promise<void> {
    const kind = track.kind as Kind;
    if (session.over.signal.aborted || session.tracks.get(kind) !== track) return;
    await this.#drop(session, kind);
    this.#emit({ event: 'ended', kind });
  }

  #startWorker(signal: AbortSignal): Worker {
    const worker = this.#spawn();
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerMessage>) => {
      if (signal.aborted) return;
      if (data.type === 'first_frame') this.#session?.liveness.opened(data.kind);
    });
    signal.addEventListener('abort', () => {
      worker.terminate();
    });
    return worker;
  }

  #open(): Session {
    if (this.#session === null) throw new ProblemError({ code: 'call_failed' });
    return this.#session;
  }

  #show(stream: MediaStream, tracks: readonly MediaStreamTrack[]): void {
    const before = stream.getTracks();
    const gone = before.filter((track) => !tracks.includes(track));
    const fresh = tracks.filter((track) => !before.includes(track));
    if (gone.length + fresh.length === 0) return;
    for (const track of gone) stream.removeTrack(track);
    for (const track of fresh) stream.addTrack(track);
    this.#streams.dispatchEvent(new Event('change'));
  }

  #emit(event: MediaEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}
