/** The outer loop of calls: gives inputs to the machine and does what it asks, one effect after the other. */
import { randomBytes, toBase64Url } from '../bytes.js';
import type { Clock, Log } from '../context.js';
import type { CallContent } from '../content/index.js';
import type { CallId, ConversationId } from '../ids.js';
import { ProblemError, type Problem } from '../snapshot.js';
import type { Store } from '../store/contract.js';
import type { CallEvent, Connection } from '../transport/contract.js';
import { Keyring, type CallGroup } from './keyring.js';
import { step } from './machine.js';
import type { IceServer, MediaPort } from './media-port.js';
import {
  idle,
  type AddressedEffect,
  type Call,
  type CallInput,
  type CallTimer,
  type CallView,
  type Machine,
  type Speaker,
} from './state.js';

/** A new epoch's key is used for sending after so long, */
const switchMs = 1_000;
/** and the old one opens late frames for so long. */
const oldKeyMs = 10_000;

export interface CallPorts {
  media: MediaPort;
  /** The connection of the moment. @throws when there is none */
  server: () => Pick<
    Connection,
    | 'startCall'
    | 'answerCall'
    | 'declineCall'
    | 'hangUpCall'
    | 'publishMedia'
    | 'answerMedia'
    | 'candidate'
  >;
  /** The conversation's group as it is now. `null`: this device is not in it. */
  group: (conversationId: ConversationId) => Promise<CallGroup | null>;
  /** Puts it into the outbox; id and time are the outbox's. */
  sendContent: (
    conversationId: ConversationId,
    content: Omit<CallContent, 'id' | 'at' | 'type'>,
  ) => Promise<void>;
  store: Pick<Store, 'get' | 'commit'>;
  /** `now` as the server's clock has it, as far as it is known. */
  clock: Clock;
  log: Log;
  /** The call on the screen, whenever it changes. `null`: none. */
  onCall: (call: CallView | null) => void;
  /** Turns whatever a port threw into something that can be said. */
  problemOf: (error: unknown) => Problem;
  /** Aborts when the client closes. */
  signal: AbortSignal;
}

export interface Calls {
  /** @throws ProblemError `call_busy`: this device is in a call. */
  start(conversationId: ConversationId, video: boolean): CallId;
  answer(callId: CallId, video: boolean): void;
  decline(callId: CallId): void;
  hangUp(callId: CallId): void;
  setMicrophone(on: boolean): void;
  setCamera(on: boolean): void;
  dismiss(): void;
  /** From the live stream. */
  serverEvent(event: CallEvent): void;
  /** From a conversation, decrypted; also what this account's other devices said. */
  content(content: CallContent, speaker: Speaker): void;
  /** The conversation's group has changed. */
  epochChanged(conversationId: ConversationId): void;
}

export function createCalls(ports: CallPorts): Calls {
  return new Runner(ports);
}

class Runner implements Calls {
  readonly #ports: CallPorts;
  #machine: Machine = idle;
  /** Effects that wait for those before them. */
  #queue: Promise<void> = Promise.resolve();
  readonly #timers = new Map<CallTimer | 'switch' | 'old_key', AbortController>();
  #keyring: { callId: CallId; conversationId: ConversationId; keys: Keyring } | undefined;

  constructor(ports: CallPorts) {
    this.#ports = ports;
    ports.media.onEvent((event) => {
      this.#take({ type: 'media', event });
    });
    ports.signal.addEventListener('abort', () => {
      for (const timer of this.#timers.values()) timer.abort();
      this.#keyring?.keys.wipe();
      void ports.media.close().catch(() => undefined);
    });
  }

  start(conversationId: ConversationId, video: boolean): CallId {
    const { call } = this.#machine;
    if (call !== null && call.phase !== 'ended') throw new ProblemError({ code: 'call_busy' });
    const callId = toBase64Url(randomBytes(16)) as CallId;
    this.#take({ type: 'start', callId, conversationId, video });
    return this.#machine.call?.id ?? callId;
  }

  answer = (callId: CallId, video: boolean): void => {
    this.#take({ type: 'answer', callId, video });
  };
  decline = (callId: CallId): void => {
    this.#take({ type: 'decline', callId });
  };
  hangUp = (callId: CallId): void => {
    this.#take({ type: 'hang_up', callId });
  };
  setMicrophone = (on: boolean): void => {
    this.#take({ type: 'microphone', on });
  };
  setCamera = (on: boolean): void => {
    this.#take({ type: 'camera', on });
  };
  dismiss = (): void => {
    this.#take({ type: 'dismiss' });
  };
  serverEvent = (event: CallEvent): void => {
    this.#take({ type: 'server', event });
  };
  content = (content: CallContent, speaker: Speaker): void => {
    this.#take({ type: 'content', content, speaker });
  };

  epochChanged(conversationId: ConversationId): void {
    if (this.#keyring?.conversationId !== conversationId) return;
    const { callId } = this.#keyring;
    this.#enqueue(callId, () => this.#rekey(callId, conversationId));
  }

  #take(input: CallInput): void {
    const before = this.#machine.call;
    const { state, effects } = step(this.#machine, input, this.#ports.clock.now());
    this.#machine = state;
    if (state.call !== before) this.#ports.onCall(state.call === null ? null : viewOf(state.call));
    for (const effect of effects) this.#start(effect);
  }

  /** Timers at once; all else in order, since offers, answers and candidates depend on what came before them. */
  #start(effect: AddressedEffect): void {
    if (effect.type === 'timer') this.#setTimer(effect);
    else this.#enqueue(effect.callId, () => this.#do(effect));
  }

  #enqueue(callId: CallId, work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work).catch((error: unknown) => {
      this.#ports.log('warn', 'call_effect_failed', {
        call: callId,
        code: this.#ports.problemOf(error).code,
      });
    });
  }

  /** Whether the call that an effect belongs to still goes on. */
  #goesOn(callId: CallId): boolean {
    const { call } = this.#machine;
    return call?.id === callId && call.phase !== 'ended';
  }

  async #do(effect: Exclude<AddressedEffect, { type: 'timer' }>): Promise<void> {
    const { callId } = effect;
    const { media, server } = this.#ports;
    switch (effect.type) {
      case 'server_decline':
        return server().declineCall(callId);
      case 'server_hang_up':
        return server().hangUpCall(callId);
      case 'send':
        return this.#ports.sendContent(effect.conversationId, effect.content);
      case 'close_media':
        return this.#closeMedia();
      default:
    }
    if (!this.#goesOn(callId)) return;
    switch (effect.type) {
      case 'server_start':
        return this.#try(callId, 'start', async () => {
          const { conversationId, video } = effect;
          this.#ticket(callId, await server().startCall({ callId, conversationId, video }));
        });
      case 'server_answer':
        return this.#try(callId, 'answer', async () => {
          this.#ticket(callId, await server().answerCall(callId));
        });
      case 'open_media':
        return this.#try(callId, 'media', () => this.#openMedia(effect));
      case 'publish':
        return this.#try(callId, 'publish', async () => {
          const { sdp } = await server().publishMedia({ callId, sdp: await media.offer() });
          if (this.#goesOn(callId)) await media.acceptAnswer(sdp);
        });
      case 'take_offer':
        return this.#try(callId, 'publish', async () => {
          const sdp = await media.answer(effect.event.sdp, effect.event.feeds);
          if (this.#goesOn(callId)) await server().answerMedia({ callId, sdp });
        });
      case 'server_candidate': {
        const { direction, candidate } = effect.event;
        return server().candidate({ callId, direction, candidate });
      }
      case 'set_microphone':
        return media.setMicrophone(effect.on);
      case 'set_camera':
        this.#take({
          type: 'camera_set',
          callId,
          on: effect.on,
          problem: await media.setCamera(effect.on),
        });
        return;
      case 'more_contexts':
        return this.#moreContexts();
      case 'make_safety_code': {
        const code = await this.#keyring?.keys.safetyCode();
        if (code !== undefined) this.#take({ type: 'safety_code', callId, code });
        return;
      }
    }
  }

  /** What fails ends the call, or changes it; the machine decides. */
  async #try(
    callId: CallId,
    at: Extract<CallInput, { type: 'failed' }>['at'],
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#take({ type: 'failed', callId, at, problem: this.#ports.problemOf(error) });
    }
  }

  #ticket(
    callId: CallId,
    ticket: {
      iceServers: {
        urls: string[];
        username?: string | undefined;
        credential?: string | undefined;
      }[];
    },
  ): void {
    const iceServers: IceServer[] = ticket.iceServers.map(({ urls, username, credential }) => ({
      urls,
      ...(username !== undefined && { username }),
      ...(credential !== undefined && { credential }),
    }));
    this.#take({ type: 'ticket', callId, iceServers });
  }

  async #openMedia({
    callId,
    conversationId,
    video,
    iceServers,
  }: Extract<AddressedEffect, { type: 'open_media' }>): Promise<void> {
    const group = await this.#ports.group(conversationId);
    if (group === null) throw new ProblemError({ code: 'call_failed' });
    const keys = new Keyring({ callId, conversationId, store: this.#ports.store });
    await keys.take(group);
    await keys.takeContexts();
    this.#keyring?.keys.wipe();
    this.#keyring = { callId, conversationId, keys };
    await this.#ports.media.open({ video, iceServers, keys: keys.keys() });
    this.#take({ type: 'media_opened', callId });
  }

  async #closeMedia(): Promise<void> {
    this.#keyring?.keys.wipe();
    this.#keyring = undefined;
    for (const name of ['switch', 'old_key'] as const) this.#stopTimer(name);
    await this.#ports.media.close();
  }

  async #moreContexts(): Promise<void> {
    if (this.#keyring === undefined) return;
    await this.#keyring.keys.takeContexts();
    await this.#ports.media.setKeys(this.#keyring.keys.keys());
  }

  async #rekey(callId: CallId, conversationId: ConversationId): Promise<void> {
    const group = await this.#ports.group(conversationId);
    const keyring = this.#keyring;
    if (group === null || keyring?.callId !== callId) return;
    const { keys } = keyring;
    const isNew = await keys.take(group);
    await this.#ports.media.setKeys(keys.keys());
    if (!isNew) return;
    const later = (name: 'switch' | 'old_key', ms: number, change: () => void) => {
      this.#after(name, ms, () => {
        this.#enqueue(callId, async () => {
          if (this.#keyring !== keyring) return;
          change();
          await this.#ports.media.setKeys(keys.keys());
        });
      });
    };
    later('switch', switchMs, () => {
      keys.switchToNewest();
    });
    later('old_key', oldKeyMs, () => {
      keys.dropOld();
    });
    this.#enqueue(callId, () => this.#do({ type: 'make_safety_code', callId, conversationId }));
  }

  #setTimer({ callId, name, ms }: Extract<AddressedEffect, { type: 'timer' }>): void {
    if (ms === null) this.#stopTimer(name);
    else
      this.#after(name, ms, () => {
        this.#take({ type: 'timer', callId, name });
      });
  }

  #stopTimer(name: CallTimer | 'switch' | 'old_key'): void {
    this.#timers.get(name)?.abort();
    this.#timers.delete(name);
  }

  #after(name: CallTimer | 'switch' | 'old_key', ms: number, done: () => void): void {
    this.#stopTimer(name);
    const timer = new AbortController();
    this.#timers.set(name, timer);
    void this.#ports.clock.sleep(ms, timer.signal).then(() => {
      if (timer.signal.aborted || this.#ports.signal.aborted) return;
      this.#timers.delete(name);
      done();
    });
  }
}

function viewOf(call: Call): CallView {
  const {
    answered: _answered,
    openedVideo: _openedVideo,
    mediaOpen: _mediaOpen,
    invited: _invited,
    connection: _connection,
    waitingOffer: _waitingOffer,
    iceServers: _iceServers,
    ...view
  } = call;
  return view;
}
