/** The outer loop of calls: gives inputs to the machine, and has done what it asks. */
import { randomBytes, toBase64Url } from '../bytes.js';
import type { CallContent } from '../content/index.js';
import type { CallId, ConversationId } from '../ids.js';
import { ProblemError } from '../snapshot.js';
import type { CallEvent } from '../transport/contract.js';
import { Effects } from './effects.js';
import { step } from './machine.js';
import type { CallPorts } from './ports.js';
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
import { Timers } from './timers.js';

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
  readonly #effects: Effects;
  readonly #timers: Timers<CallTimer>;
  #machine: Machine = idle;

  constructor(ports: CallPorts) {
    this.#ports = ports;
    this.#timers = new Timers(ports.clock, ports.signal);
    this.#effects = new Effects({
      ports,
      take: (input) => {
        this.#take(input);
      },
      goesOn: (callId) => {
        const { call } = this.#machine;
        return call?.id === callId && call.phase !== 'ended';
      },
    });
    ports.media.onEvent((event) => {
      this.#take({ type: 'media', event });
    });
    ports.signal.addEventListener('abort', () => {
      this.#effects.keys.wipe();
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
    const { keys } = this.#effects;
    keys.rekey(conversationId).then(
      (callId) => {
        if (callId !== null)
          this.#effects.perform({ type: 'make_safety_code', callId, conversationId });
      },
      (error: unknown) => {
        this.#ports.log('warn', 'call_rekey_failed', { code: this.#ports.problemOf(error).code });
      },
    );
  }

  #take(input: CallInput): void {
    const before = this.#machine.call;
    const { state, effects } = step(this.#machine, input, this.#ports.clock.now());
    this.#machine = state;
    if (state.call !== before) this.#ports.onCall(state.call === null ? null : viewOf(state.call));
    for (const effect of effects) {
      if (effect.type === 'timer') this.#setTimer(effect);
      else this.#effects.perform(effect);
    }
  }

  #setTimer({ callId, name, ms }: Extract<AddressedEffect, { type: 'timer' }>): void {
    if (ms === null) this.#timers.stop(name);
    else
      this.#timers.set(name, ms, () => {
        this.#take({ type: 'timer', callId, name });
      });
  }
}

function viewOf(call: Call): CallView {
  const {
    answered: _answered,
    answerSaid: _answerSaid,
    salts: _salts,
    taken: _taken,
    openedVideo: _openedVideo,
    prepared: _prepared,
    mediaOpen: _mediaOpen,
    invited: _invited,
    connection: _connection,
    waitingOffer: _waitingOffer,
    iceServers: _iceServers,
    ...view
  } = call;
  return view;
}
