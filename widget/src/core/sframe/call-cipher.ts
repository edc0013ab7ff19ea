/** Encrypts and opens the frames of one call: epochs come and go, publications take their contexts. */
import { equalBytes } from '../bytes.js';
import type { CallKeys } from '../calls/media-port.js';
import {
  FrameCipher,
  isSuite,
  readFrameHeader,
  saltedBaseKey,
  type SuiteNumber,
} from './cipher.js';
import { clearBytesOf, type MediaKind } from './codec.js';
import { contextsMax, framesPerContextMax, packKeyId, shortEpoch, unpackKeyId } from './key-id.js';
import { ReplayWindow } from './replay-window.js';

/** Key ids that may be remembered per call; an honest call has a handful of publications. */
const receiversMax = 1024;

interface Epoch {
  epoch: number;
  baseKey: Uint8Array;
}

type Sender = CallKeys['senders'][number];

interface Receiver {
  cipher: FrameCipher;
  /** What its key is made of. */
  epoch: Epoch;
  salt: Uint8Array;
  senderIndex: number;
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

/** One for each worker, and one worker for each salt: its contexts count from 0. */
export class CallCipher {
  #suite: SuiteNumber | undefined;
  #senderIndex = 0;
  /** With this sender's own base key. */
  #sending: Epoch | undefined;
  /** By epoch modulo 16; the newer one when two fall together. */
  readonly #epochs = new Map<number, Epoch>();
  readonly #senders = new Map<number, Sender>();
  readonly #receivers = new Map<number, Receiver>();
  #contextsTaken = 0;

  /** Replaces the keys. */
  setKeys(keys: CallKeys): void {
    this.#suite = isSuite(keys.suite) ? keys.suite : undefined;
    this.#senderIndex = keys.senderIndex;
    this.#epochs.clear();
    for (const epoch of [...keys.epochs].sort((a, b) => a.epoch - b.epoch)) {
      this.#epochs.set(shortEpoch(epoch.epoch), epoch);
    }
    this.#senders.clear();
    for (const sender of keys.senders) this.#senders.set(sender.senderIndex, sender);
    for (const [keyId, receiver] of this.#receivers) {
      if (!this.#isCurrent(receiver)) this.#receivers.delete(keyId);
    }
    this.#sending = this.#ownEpoch(keys.epochs.find(({ send }) => send));
  }

  /** The epoch with the base key that this sender has in it. */
  #ownEpoch(epoch: Epoch | undefined): Epoch | undefined {
    const salt = this.#senders.get(this.#senderIndex)?.salt;
    if (epoch === undefined || salt === undefined || this.#suite === undefined) return undefined;
    return { ...epoch, baseKey: saltedBaseKey(this.#suite, epoch.baseKey, salt) };
  }

  #isCurrent({ epoch, salt, senderIndex }: Receiver): boolean {
    const now = this.#senders.get(senderIndex)?.salt;
    return (
      isSame(epoch, this.#epochs.get(shortEpoch(epoch.epoch))) &&
      now !== undefined &&
      equalBytes(salt, now)
    );
  }

  /** Whether a member has not said yet what its frames are opened with. */
  lacksSalt(device: string): boolean {
    return [...this.#senders.values()].some(
      (sender) => sender.device === device && sender.salt === undefined,
    );
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
    if (this.#contextsTaken >= contextsMax) return undefined;
    this.#contextsTaken += 1;
    return this.#contextsTaken - 1;
  }

  /** Opens one frame. `null`: unknown epoch or sender, one whose salt is not known, another device's, seen before,
   * or it does not authenticate. */
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
    const { senderIndex } = parts;
    const sender = this.#senders.get(senderIndex);
    if (sender?.salt === undefined || senderIndex === this.#senderIndex) return null;
    if (device !== undefined && sender.device !== device) return null;
    const epoch = this.#epochs.get(parts.epochBits);
    if (epoch === undefined) return null;
    const known = this.#receivers.get(Number(keyId));
    if (known !== undefined) return known;
    const { salt } = sender;
    const baseKey = saltedBaseKey(this.#suite, epoch.baseKey, salt);
    const cipher = await FrameCipher.create(this.#suite, baseKey, Number(keyId));
    const window = new ReplayWindow();
    return this.#receivers.get(Number(keyId)) ?? { cipher, epoch, salt, senderIndex, window };
  }

  /** Only key ids that authenticated are kept: forged ones cost a derivation each and no memory. Keys may have changed
   * while the frame was opened: what is of the old ones is not kept. */
  #remember(receiver: Receiver): void {
    const keyId = Number(receiver.cipher.keyId);
    if (this.#receivers.has(keyId) || this.#receivers.size >= receiversMax) return;
    if (this.#isCurrent(receiver)) this.#receivers.set(keyId, receiver);
  }
}
