/** The SFrame keys of one call through the epochs of its conversation.
 *
 * A new epoch's key is taken for sending a moment after it is there, since the other applies the commit as late as
 * that; the old one opens late frames for some seconds more. Contexts are stored as used before they are given out,
 * so that no reload can use one twice (RFC 9605, section 9.1). */
import { fromBase64Url } from '../bytes.js';
import type { CallId, ConversationId } from '../ids.js';
import type { Member } from '../mls/contract.js';
import { baseKeyBytes, chooseContexts, sendersMax, suites } from '../sframe/index.js';
import type { Store } from '../store/contract.js';
import type { CallKeys } from './media-port.js';
import {
  safetyCode,
  safetyCodeBytes,
  safetyCodeLabel,
  type SafetyCodeSign,
} from './safety-code.js';

const suite = suites.AES_256_GCM_SHA512_128;
const baseKeyLabel = 'SFrame 1.0 Base Key';

/** Contexts given out at a time: microphone, camera, and some for their ends. */
const contextsAtATime = 8;

/** What the call needs of the conversation's group, as it is now. */
export interface CallGroup {
  epoch: number;
  ownLeafIndex: number;
  members: readonly Member[];
  exporter(use: { label: string; context: Uint8Array; length: number }): Promise<Uint8Array>;
}

export interface KeyringOptions {
  callId: CallId;
  conversationId: ConversationId;
  store: Pick<Store, 'get' | 'commit'>;
}

interface EpochKey {
  epoch: number;
  baseKey: Uint8Array;
}

export class Keyring {
  readonly #options: KeyringOptions;
  readonly #context: Uint8Array;
  /** Oldest first; at most the current and the one before. */
  #epochs: EpochKey[] = [];
  #sending = -1;
  #group: CallGroup | undefined;
  #contexts: number[] = [];

  constructor(options: KeyringOptions) {
    this.#options = options;
    this.#context = fromBase64Url(options.callId) ?? new Uint8Array();
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

  /** Fresh contexts, stored as used before anyone can use them. @throws StoreError */
  async takeContexts(): Promise<void> {
    const { callId, conversationId, store } = this.#options;
    const key = [conversationId, 'contexts', callId];
    const stored = await store.get('calls', key);
    const used = new Set(Array.isArray(stored) ? (stored as number[]) : []);
    const chosen = chooseContexts(used, contextsAtATime);
    await store.commit([{ table: 'calls', key, value: [...used, ...chosen] }]);
    // Those not taken yet stay good; the worker knows which were taken.
    this.#contexts = [...this.#contexts, ...chosen];
  }

  /** What the frame worker needs now. */
  keys(): CallKeys {
    const members = this.#group?.members ?? [];
    return {
      suite,
      senderIndex: this.#group?.ownLeafIndex ?? 0,
      epochs: this.#epochs.map(({ epoch, baseKey }) => ({
        epoch,
        baseKey: baseKey.slice(),
        send: epoch === this.#sending,
      })),
      senders: members.map(({ leafIndex, deviceId }) => ({
        senderIndex: leafIndex,
        device: deviceId,
      })),
      contexts: [...this.#contexts],
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
