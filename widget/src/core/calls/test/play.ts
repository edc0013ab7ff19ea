/** A call's story as inputs to the machine, and what it asks for. */
import type { Address, CallId, ConversationId, DeviceId, MessageId } from '../../ids.js';
import { step } from '../machine.js';
import {
  idle,
  type AddressedEffect,
  type CallInput,
  type Machine,
  type Speaker,
} from '../state.js';

export const now = 1_000_000;
export const conversationId = 'conversation' as ConversationId;
export const callId = 'mmmm' as CallId;
export const salt = 'AAAAAAAAAAAAAAAAAAAAAA';
export const bob: Speaker = {
  conversationId,
  address: '@bob@shop.example' as Address,
  deviceId: 'bobs' as DeviceId,
  isSelf: false,
};

/** Runs inputs one after the other and remembers what was asked for. */
export class Play {
  machine: Machine = idle;
  asked: AddressedEffect[] = [];
  at = now;

  take(...inputs: CallInput[]): this {
    for (const input of inputs) {
      const { state, effects } = step(this.machine, input, this.at);
      this.machine = state;
      this.asked.push(...effects);
    }
    return this;
  }

  /** What was asked for since the last look, timers aside. */
  look(): string[] {
    const names = this.asked.filter(({ type }) => type !== 'timer').map(({ type }) => type);
    this.asked = [];
    return names;
  }

  get call() {
    if (this.machine.call === null) throw new Error('no call');
    return this.machine.call;
  }

  get sent() {
    return this.asked.flatMap((effect) => (effect.type === 'send' ? [effect.content] : []));
  }
}

export const start = (video = false): CallInput => ({
  type: 'start',
  callId,
  conversationId,
  video,
});
export const ticket = (id = callId): CallInput => ({
  type: 'ticket',
  callId: id,
  iceServers: [{ urls: ['stun:x'] }],
});
export const mediaPrepared = (id = callId): CallInput => ({ type: 'media_prepared', callId: id });
export const mediaOpened = (id = callId): CallInput => ({ type: 'media_opened', callId: id });
/** Half an answer: the server's. */
export const letIn: CallInput = {
  type: 'server',
  event: { event: 'answered', callId, by: bob.address, device: bob.deviceId } as never,
};
export const offer: CallInput = {
  type: 'server',
  event: { event: 'offer', callId, sdp: 'offer', feeds: [] },
};
export const ended = (reason: string, id = callId): CallInput => ({
  type: 'server',
  event: { event: 'ended', callId: id, reason } as never,
});
export const remote = (audio = true, video = false): CallInput => ({
  type: 'media',
  event: { event: 'remote', audio, video },
});
export const connection = (
  state: 'connected' | 'disconnected' | 'failed',
  direction: 'publish' | 'subscribe' = 'subscribe',
): CallInput => ({ type: 'media', event: { event: 'connection', direction, state } });
export const ringing = (change: object = {}): CallInput => ({
  type: 'server',
  event: {
    event: 'ringing',
    callId,
    conversationId,
    caller: bob.address,
    callerDevice: bob.deviceId,
    video: false,
    expiresAt: now + 45_000,
    iceServers: [{ urls: ['stun:x'] }],
    ...change,
  } as never,
});
export const said = (change: object = {}, speaker: Speaker = bob): CallInput => ({
  type: 'content',
  content: {
    type: 'call',
    id: 'id' as MessageId,
    at: now,
    callId,
    action: 'invite',
    video: false,
    salt,
    ...change,
  },
  speaker,
});

/** The other half. */
export const saysAnswer: CallInput = said({ action: 'answer' });
export const answered = [saysAnswer, letIn];

export const outgoing = () => new Play().take(start());
export const ringingOut = () => outgoing().take(ticket(), mediaPrepared(), mediaOpened());
export const incoming = () => new Play().take(ringing(), said());
export const active = () => {
  const play = ringingOut().take(
    ...answered,
    connection('connected', 'publish'),
    connection('connected'),
    remote(),
  );
  play.asked = [];
  return play;
};
