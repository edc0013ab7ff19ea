/** The few things that every transition is made of. */
import type { CallId, ConversationId } from '../ids.js';
import type { Call, CallEffect, Machine, Step } from './state.js';

export const stay = (state: Machine): Step => ({ state, effects: [] });

/** The new call, and effects in its name. */
export function withCall(state: Machine, call: Call, effects: readonly CallEffect[]): Step {
  return {
    state: { ...state, call },
    effects: effects.map((effect) => ({ ...effect, callId: call.id })),
  };
}

export interface NewCall {
  id: CallId;
  conversationId: ConversationId;
  video: boolean;
  direction: Call['direction'];
  phase: Call['phase'];
}

export function newCall({ id, conversationId, video, direction, phase }: NewCall): Call {
  return {
    id,
    conversationId,
    video,
    direction,
    phase,
    microphone: 'on',
    camera: video ? 'on' : 'off',
    remote: { audio: false, video: false },
    answered: false,
    openedVideo: false,
    iceServers: [],
    mediaOpen: false,
    invited: false,
    connection: { publish: 'connecting', subscribe: 'connecting' },
    waitingOffer: null,
  };
}
