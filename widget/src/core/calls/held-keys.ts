/** The keys of the present call, and its connections made ready with them: once for each call. */
import type { CallId, ConversationId } from '../ids.js';
import { createSerial, type Serial } from '../serial.js';
import { ProblemError } from '../snapshot.js';
import { Keyring, type SaidSalt } from './keyring.js';
import type { CallPorts } from './ports.js';
import type { SafetyCodeSign } from './safety-code.js';
import type { AddressedEffect } from './state.js';
import { Timers } from './timers.js';

/** A new epoch's key is used for sending after so long, */
const switchMs = 1_000;
/** and the old one opens late frames for so long. */
const oldKeyMs = 10_000;

type Preparation = Extract<AddressedEffect, { type: 'prepare_media' }>;

interface Held {
  callId: CallId;
  conversationId: ConversationId;
  keys: Keyring;
  /** One change of the keys at a time. */
  serial: Serial;
  ready: Promise<void>;
}

export class HeldKeys {
  readonly #ports: CallPorts;
  readonly #timers: Timers<'switch' | 'old_key'>;
  #held: Held | undefined;

  constructor(ports: CallPorts) {
    this.#ports = ports;
    this.#timers = new Timers(ports.clock, ports.signal);
  }

  /** Makes keys, and connections with them. Asked again for the same call it answers the same, unless that failed.
   * @throws ProblemError */
  prepare(effect: Preparation): Promise<void> {
    if (this.#held?.callId === effect.callId) return this.#held.ready;
    this.wipe();
    const { callId, conversationId } = effect;
    const keys = new Keyring(callId);
    const serial = createSerial();
    const held: Held = { callId, conversationId, keys, serial, ready: Promise.resolve() };
    this.#held = held;
    held.ready = serial.run(() => this.#prepare(held, effect));
    held.ready.catch(() => {
      if (this.#held === held) this.wipe();
    });
    return held.ready;
  }

  /** Resolves when the call's connections are ready. @throws ProblemError when they cannot be. */
  async ready(callId: CallId): Promise<void> {
    if (this.#held?.callId !== callId) throw new ProblemError({ code: 'call_failed' });
    await this.#held.ready;
  }

  wipe(): void {
    this.#held?.keys.wipe();
    this.#held = undefined;
    this.#timers.stop('switch');
    this.#timers.stop('old_key');
  }

  /** What this device has to say for its frames to be opened. `undefined`: it has no keys for that call. */
  saltFor(callId: CallId): string | undefined {
    return this.#held?.callId === callId ? this.#held.keys.salt : undefined;
  }

  learn(callId: CallId, said: readonly SaidSalt[]): Promise<void> {
    return this.#change(callId, (keys) => {
      keys.learn(said);
    });
  }

  /** @returns `undefined` when the call is over. */
  async safetyCode(callId: CallId): Promise<SafetyCodeSign[] | undefined> {
    return this.#held?.callId === callId ? this.#held.keys.safetyCode() : undefined;
  }

  /** The conversation's group has changed. @returns the call whose keys are other ones now, if there is one. */
  async rekey(conversationId: ConversationId): Promise<CallId | null> {
    const held = this.#held;
    if (held?.conversationId !== conversationId) return null;
    const { callId } = held;
    const news = { isNew: false };
    await this.#change(callId, async (keys) => {
      const group = await this.#ports.group(conversationId);
      if (group !== null && this.#held === held) news.isNew = await keys.take(group);
    });
    if (!news.isNew) return null;
    this.#timers.set('switch', switchMs, () => {
      void this.#change(callId, (keys) => {
        keys.switchToNewest();
      });
    });
    this.#timers.set('old_key', oldKeyMs, () => {
      void this.#change(callId, (keys) => {
        keys.dropOld();
      });
    });
    return callId;
  }

  async #prepare(held: Held, { conversationId, iceServers, salts }: Preparation): Promise<void> {
    const { group, media } = this.#ports;
    const { keys } = held;
    const found = await group(conversationId);
    if (found === null) throw new ProblemError({ code: 'call_failed' });
    await keys.take(found);
    keys.learn(salts);
    // Over before it began: nothing may be opened that nobody closes.
    if (this.#held !== held) throw new ProblemError({ code: 'call_failed' });
    await media.prepare({ iceServers, keys: keys.keys() });
  }

  /** Changes the keys of a call that still goes on, and gives them to its frames. */
  async #change(callId: CallId, change: (keys: Keyring) => Promise<void> | void): Promise<void> {
    const held = this.#held;
    if (held?.callId !== callId) return;
    await held.serial.run(async () => {
      await change(held.keys);
      if (this.#held === held) await this.#ports.media.setKeys(held.keys.keys());
    });
  }
}
