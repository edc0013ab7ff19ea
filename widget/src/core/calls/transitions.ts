/** The few things that every transition is made of. */
import type { CallId, ConversationId } from '../ids.js';
import type { IceServer } from './media-port.js';
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
  iceServers?: Call['iceServers'];
  salts?: Call['salts'];
}

export function newCall({ iceServers = [], salts = [], ...call }: NewCall): Call {
  return {
    ...call,
    iceServers,
    salts,
    microphone: 'on',
    camera: call.video ? 'on' : 'off',
    remote: { audio: false, video: false },
    answered: false,
    answerSaid: false,
    taken: false,
    openedVideo: false,
    prepared: false,
    mediaOpen: false,
    invited: false,
    connection: { publish: 'connecting', subscribe: 'connecting' },
    waitingOffer: null,
  };
}

/** What the server said, in the words of the media port: absent is absent. */
export function iceServersOf(
  said: {
    iceServers: {
      urls: string[];
      username?: string | undefined;
      credential?: string | undefined;
    }[];
  } | null,
): IceServer[] {
  return (said?.iceServers ?? []).map(({ urls, username, credential }) => ({
    urls,
    ...(username !== undefined && { username }),
    ...(credential !== undefined && { credential }),
  }));
}

export const preparation = ({ conversationId, iceServers, salts }: Call): CallEffect => ({
  type: 'prepare_media',
  conversationId,
  iceServers,
  salts,
});

/** How this device comes into a call, said inside MLS. */
export const say = (
  { id: callId, conversationId, video }: Call,
  action: 'invite' | 'answer',
): CallEffect => ({ type: 'send', conversationId, content: { callId, action, video } });
