/** Tells what of the other side really arrives: frames that were decrypted and decoded, not mere packets. */

const usualMs = 500;
const eagerMs = 50;
/** How long the eager pace lasts after the frame worker opened a first frame. */
const eagerForMs = 3_000;
/** Longer than any pause of a healthy stream. */
const silentMs = 2_000;

export interface Alive {
  audio: boolean;
  video: boolean;
}

interface Count {
  decoded: number;
  at: number;
}

export interface LivenessOptions {
  /** The receiving connection of the moment. */
  connection: () => RTCPeerConnection | null;
  onChange: (alive: Alive) => void;
}

/** Looks at the decoders' counters until the signal aborts. */
export class Liveness {
  readonly #options: LivenessOptions;
  readonly #signal: AbortSignal;
  readonly #counts: Record<keyof Alive, Count> = {
    audio: { decoded: 0, at: 0 },
    video: { decoded: 0, at: 0 },
  };
  #alive: Alive = { audio: false, video: false };
  #eagerUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LivenessOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    signal.addEventListener('abort', () => {
      clearTimeout(this.#timer);
    });
    this.#schedule(usualMs);
  }

  /** A first frame was opened: its decoding is a matter of milliseconds, and is looked after from here on. */
  opened(kind: keyof Alive): void {
    const now = performance.now();
    this.#counts[kind].at = now;
    this.#tell({ ...this.#alive, [kind]: true });
    this.#eagerUntil = now + eagerForMs;
    this.#schedule(eagerMs);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#signal.aborted) return;
    this.#timer = setTimeout(() => void this.#look(), ms);
  }

  async #look(): Promise<void> {
    const connection = this.#options.connection();
    if (connection !== null) {
      try {
        this.#count(decodedOf(await connection.getStats()));
      } catch {
        // Closed in between: the next look sees another connection or none.
      }
    }
    const waiting = !(this.#alive.audio && this.#alive.video);
    this.#schedule(waiting && performance.now() < this.#eagerUntil ? eagerMs : usualMs);
  }

  #count(decoded: Record<keyof Alive, number>): void {
    const now = performance.now();
    const next: Alive = {
      audio: this.#progress('audio', decoded, now),
      video: this.#progress('video', decoded, now),
    };
    this.#tell(next);
  }

  #tell(next: Alive): void {
    if (
      this.#signal.aborted ||
      (next.audio === this.#alive.audio && next.video === this.#alive.video)
    )
      return;
    this.#alive = next;
    this.#options.onChange(next);
  }

  #progress(kind: keyof Alive, decoded: Record<keyof Alive, number>, now: number): boolean {
    const before = this.#counts[kind];
    if (decoded[kind] !== before.decoded) {
      // A new connection counts from nought again: only a rise is a frame.
      const rose = decoded[kind] > before.decoded;
      this.#counts[kind] = { decoded: decoded[kind], at: rose ? now : before.at };
    }
    const { at } = this.#counts[kind];
    return at > 0 && now - at < silentMs;
  }
}

/** Video frames, and audio samples that were not made up to conceal a loss. */
function decodedOf(report: RTCStatsReport): Record<keyof Alive, number> {
  const decoded = { audio: 0, video: 0 };
  report.forEach((entry: RTCInboundRtpStreamStats) => {
    if (entry.type !== 'inbound-rtp') return;
    if (entry.kind === 'video') decoded.video += entry.framesDecoded ?? 0;
    else decoded.audio += (entry.totalSamplesReceived ?? 0) - (entry.concealedSamples ?? 0);
  });
  return decoded;
}
