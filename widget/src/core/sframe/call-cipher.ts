/** Encrypts and opens the frames of one call: epochs come and go, publications take their contexts. */
import { equalBytes } from '../bytes.js';
import type { CallKeys } from '../calls/media-port.js';
import { FrameCipher, isSuite, readFrameHeader, type SuiteNumber } from './cipher.js';
import { clearBytesOf, type MediaKind } from './codec.js';
import { framesPerContextMax, packKeyId, shortEpoch, unpackKeyId } from './key-id.js';
import { ReplayWindow } from './replay-window.js';

/** The owner asks for more contexts when fewer are left. */
const contextsLow = 4;
/** Key ids that may be remembered per call; an honest call has a handful of publications. */
const receiversMax = 1024;

interface Epoch {
  epoch: number;
  baseKey: Uint8Array;
}

interface Receiver {
  cipher: FrameCipher;
  window: ReplayWindow;
}

/** What one publication (microphone, camera) needs between frames. */
export interface Publication {
  readonly kind: MediaKind;
  context: number | undefined;
  /** Frames encrypted in this context. */
  counter: number;
  sending: { epoch: Epoch; cipher: FrameCipher } | undefined;
}

export const newPublication = (kind: MediaKind): Publication => ({
  kind,
  context: undefined,
  counter: 0,
  sending: undefined,
});

const isSame = (one: Epoch | undefined, other: Epoch | undefined): boolean =>
  one === other ||
  (one !== undefined &&
    other !== undefined &&
    one.epoch === other.epoch &&
    equalBytes(one.baseKey, other.baseKey));

export class CallCipher {
  #suite: SuiteNumber | undefined;
  #senderIndex = 0;
  #sending: Epoch | undefined;
  /** By epoch modulo 16; the newer one when two fall together. */
  readonly #epochs = new Map<number, Epoch>();
  readonly #devices = new Map<number, string>();
  readonly #receivers = new Map<number, Receiver>();
  #contexts: number[] = [];
  readonly #contextsTaken = new Set<number>();

  /** Replaces the keys. Contexts that were given before and taken are not taken again. */
  setKeys(keys: CallKeys): void {
    this.#suite = isSuite(keys.suite) ? keys.suite : undefined;
    this.#senderIndex = keys.senderIndex;
    this.#sending = keys.epochs.find(({ send }) => send);
    const before = new Map(this.#epochs);
    this.#epochs.clear();
    for (const epoch of [...keys.epochs].sort((a, b) => a.epoch - b.epoch)) {
      this.#epochs.set(shortEpoch(epoch.epoch), epoch);
    }
    this.#devices.clear();
    for (const { senderIndex, device } of keys.senders) this.#devices.set(senderIndex, device);
    for (const keyId of this.#receivers.keys()) {
      const short = shortEpoch(keyId);
      if (!isSame(before.get(short), this.#epochs.get(short))) this.#receivers.delete(keyId);
    }
    this.#contexts = keys.contexts.filter((context) => !this.#contextsTaken.has(context));
  }

  /** Whether the owner should give more contexts. */
  get contextsAreLow(): boolean {
    return this.#contexts.length < contextsLow;
  }

  /** Encrypts one frame of a publication. `null`: it must not leave, for want of keys, contexts or a readable head. */
  async seal(publication: Publication, frame: Uint8Array): Promise<Uint8Array<ArrayBuffer> | null> {
    const clearBytes = clearBytesOf(publication.kind, frame);
    const epoch = this.#sending;
    if (clearBytes === null || epoch === undefined || this.#suite === undefined) return null;
    if (publication.context === undefined || publication.counter >= framesPerContextMax) {
      publication.context = this.#takeContext();
      publication.counter = 0;
      publication.sending = undefined;
      if (publication.context === undefined) return null;
    }
    // Counted before anything is awaited: two frames of one publication never share a counter.
    const counter = publication.counter;
    publication.counter += 1;
    if (publication.sending === undefined || !isSame(publication.sending.epoch, epoch)) {
      const keyId = packKeyId(publication.context, this.#senderIndex, epoch.epoch);
      publication.sending = {
        epoch,
        cipher: await FrameCipher.create(this.#suite, epoch.baseKey, keyId),
      };
    }
    return publication.sending.cipher.seal(frame, clearBytes, counter);
  }

  #takeContext(): number | undefined {
    const context = this.#contexts.shift();
    if (context !== undefined) this.#contextsTaken.add(context);
    return context;
  }

  /** Opens one frame. `null`: unknown epoch or sender, another device's, seen before, or it does not authenticate. */
  async open(
    kind: MediaKind,
    frame: Uint8Array,
    device: string | undefined,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const clearBytes = clearBytesOf(kind, frame);
    const header = clearBytes === null ? null : readFrameHeader(frame, clearBytes);
    if (clearBytes === null || header === null || typeof header.counter === 'bigint') return null;
    const receiver = await this.#receiverOf(header.keyId, device);
    if (receiver === null || receiver.window.has(header.counter)) return null;
    const opened = await receiver.cipher.open(frame, clearBytes, header);
    // Asked again: the same frame may have come twice at the same time.
    if (opened === null || receiver.window.has(header.counter)) return null;
    receiver.window.add(header.counter);
    this.#remember(receiver);
    return opened;
  }

  async #receiverOf(keyId: number | bigint, device: string | undefined): Promise<Receiver | null> {
    const parts = unpackKeyId(keyId);
    if (parts === null || this.#suite === undefined) return null;
    const sender = this.#devices.get(parts.senderIndex);
    if (sender === undefined || parts.senderIndex === this.#senderIndex) return null;
    if (device !== undefined && sender !== device) return null;
    const epoch = this.#epochs.get(parts.epochBits);
    if (epoch === undefined) return null;
    const known = this.#receivers.get(Number(keyId));
    if (known !== undefined) return known;
    const cipher = await FrameCipher.create(this.#suite, epoch.baseKey, Number(keyId));
    return this.#receivers.get(Number(keyId)) ?? { cipher, window: new ReplayWindow() };
  }

  /** Only key ids that authenticated are kept: forged ones cost a derivation each and no memory. */
  #remember(receiver: Receiver): void {
    const keyId = Number(receiver.cipher.keyId);
    if (this.#receivers.size < receiversMax || this.#receivers.has(keyId))
      this.#receivers.set(keyId, receiver);
  }
}
