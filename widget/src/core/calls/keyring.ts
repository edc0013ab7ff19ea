/** The SFrame keys of one call through the epochs of its conversation.
 *
 * A new epoch's key is taken for sending a moment after it is there, since the other applies the commit as late as
 * that; the old one opens late frames for some seconds more.
 *
 * Each device mixes a salt into its keys, drawn with its keyring and said inside MLS before a frame of it can be opened.
 * Neither a reload nor a copy of this profile in the same call can so come to a key that was used before, whatever
 * they remember (RFC 9605, section 9.1). */
import { fromBase64Url, randomBytes, toBase64Url } from '../bytes.js';
import type { CallId, DeviceId } from '../ids.js';
import type { Member } from '../mls/contract.js';
import { baseKeyBytes, sendersMax, suites } from '../sframe/index.js';
import type { CallKeys } from './media-port.js';
import {
  safetyCode,
  safetyCodeBytes,
  safetyCodeLabel,
  type SafetyCodeSign,
} from './safety-code.js';

const suite = suites.AES_256_GCM_SHA512_128;
const baseKeyLabel = 'SFrame 1.0 Base Key';

const saltBytes = 16;

/** What a device said inside MLS that its keys of a call are made with: 128 bits in base64url. */
export interface SaidSalt {
  device: DeviceId;
  salt: string;
}

/** What the call needs of the conversation's group, as it is now. */
export interface CallGroup {
  epoch: number;
  ownLeafIndex: number;
  members: readonly Member[];
  exporter(use: { label: string; context: Uint8Array; length: number }): Promise<Uint8Array>;
}

interface EpochKey {
  epoch: number;
  baseKey: Uint8Array;
}

export class Keyring {
  /** This device's own, to be said. */
  readonly salt = toBase64Url(randomBytes(saltBytes));
  readonly #context: Uint8Array;
  /** The others', as each said it last. */
  readonly #salts = new Map<string, string>();
  /** Oldest first; at most the current and the one before. */
  #epochs: EpochKey[] = [];
  #sending = -1;
  #group: CallGroup | undefined;

  constructor(callId: CallId) {
    this.#context = fromBase64Url(callId) ?? new Uint8Array();
  }

  /** Takes what members said; strangers' salts, and one said in this device's own name, count for nothing. */
  learn(said: readonly SaidSalt[]): void {
    const members = this.#group?.members ?? [];
    for (const { device, salt } of said) {
      if (members.some(({ deviceId }) => deviceId === device)) this.#salts.set(device, salt);
    }
  }

  /** Takes the group's epoch. @returns whether it was a new one.
   * @throws RangeError when this device's leaf does not fit a key id. */
  async take(group: CallGroup): Promise<boolean> {
    if (group.ownLeafIndex >= sendersMax)
      throw new RangeError('leaf index beyond what key ids hold');
    this.#group = group;
    if (this.#epochs.at(-1)?.epoch === group.epoch) return false;
    const length = baseKeyBytes(suite);
    const baseKey = await group.exporter({ label: baseKeyLabel, context: this.#context, length });
    this.#epochs = [...this.#epochs.slice(-1), { epoch: group.epoch, baseKey }];
    // The first one, or two new ones within the moment before the switch: what is kept longest is sent with.
    const [oldest] = this.#epochs;
    if (!this.#epochs.some(({ epoch }) => epoch === this.#sending))
      this.#sending = oldest?.epoch ?? -1;
    return true;
  }

  /** From now on frames leave under the newest epoch. */
  switchToNewest(): void {
    this.#sending = this.#epochs.at(-1)?.epoch ?? this.#sending;
  }

  /** Frames of the epoch before are dropped from now on. */
  dropOld(): void {
    for (const { baseKey } of this.#epochs.slice(0, -1)) baseKey.fill(0);
    this.#epochs = this.#epochs.slice(-1);
  }

  /** What the frame worker needs now. */
  keys(): CallKeys {
    const { members = [], ownLeafIndex: senderIndex = 0 } = this.#group ?? {};
    return {
      suite,
      senderIndex,
      epochs: this.#epochs.map(({ epoch, baseKey }) => ({
        epoch,
        baseKey: baseKey.slice(),
        send: epoch === this.#sending,
      })),
      senders: members.map(({ leafIndex, deviceId }) => ({
        senderIndex: leafIndex,
        device: deviceId,
        salt: bytesOf(leafIndex === senderIndex ? this.salt : this.#salts.get(deviceId)),
      })),
    };
  }

  async safetyCode(): Promise<SafetyCodeSign[]> {
    const use = { label: safetyCodeLabel, context: this.#context, length: safetyCodeBytes };
    return safetyCode((await this.#group?.exporter(use)) ?? new Uint8Array());
  }

  wipe(): void {
    for (const { baseKey } of this.#epochs) baseKey.fill(0);
    this.#epochs = [];
  }
}

const bytesOf = (salt: string | undefined): Uint8Array | undefined =>
  salt === undefined ? undefined : (fromBase64Url(salt) ?? undefined);
