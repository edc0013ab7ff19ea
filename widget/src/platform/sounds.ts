/** Short, soft sounds, made on the spot: no file is loaded. Below speech; nothing plays where the page may not. */

/** One note: frequency in Hz, start and length in seconds. */
interface Note {
  hz: number;
  at: number;
  seconds: number;
}

const volume = 0.12;

const sounds = {
  message: [
    { hz: 659, at: 0, seconds: 0.18 },
    { hz: 880, at: 0.07, seconds: 0.28 },
  ],
  ring: [
    { hz: 523, at: 0, seconds: 0.5 },
    { hz: 659, at: 0.16, seconds: 0.5 },
    { hz: 784, at: 0.32, seconds: 0.9 },
    { hz: 659, at: 0.95, seconds: 0.5 },
    { hz: 784, at: 1.11, seconds: 1 },
  ],
  ringBack: [{ hz: 440, at: 0, seconds: 1.1 }],
  end: [
    { hz: 523, at: 0, seconds: 0.2 },
    { hz: 392, at: 0.12, seconds: 0.35 },
  ],
} satisfies Record<string, Note[]>;

const periodMs = { ring: 3_000, ringBack: 3_500 };

export class Sounds {
  #context: AudioContext | null = null;
  #loop: { sound: keyof typeof periodMs; timer: ReturnType<typeof setInterval> } | null = null;

  play(sound: keyof typeof sounds): void {
    this.#context ??= new AudioContext();
    const context = this.#context;
    // Where the person has not touched the page the browser keeps it suspended: then it is silent, not late.
    void context.resume();
    if (context.state === 'suspended' && sound === 'message') return;
    for (const note of sounds[sound]) strike(context, note);
  }

  /** Repeats a sound while `audible` says so, until another loop or `null` is asked for. */
  loop(sound: keyof typeof periodMs | null, audible: () => boolean): void {
    if (this.#loop?.sound === sound) return;
    clearInterval(this.#loop?.timer);
    this.#loop = null;
    if (sound === null) return;
    const once = (): void => {
      if (audible()) this.play(sound);
    };
    once();
    this.#loop = { sound, timer: setInterval(once, periodMs[sound]) };
  }

  close(): void {
    this.loop(null, () => false);
    void this.#context?.close();
    this.#context = null;
  }
}

/** A sine with a soft attack and a long fall: between a marimba and a bell. */
function strike(context: AudioContext, { hz, at, seconds }: Note): void {
  const start = context.currentTime + at;
  const gain = context.createGain();
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(volume, start + 0.012);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + seconds);
  gain.connect(context.destination);
  const tone = context.createOscillator();
  tone.frequency.value = hz;
  tone.connect(gain);
  tone.start(start);
  tone.stop(start + seconds);
}
