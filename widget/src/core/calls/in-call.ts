/** A call between its start and its end: tickets, media, connections. */
import type { CallContent } from '../content/index.js';
import type { Problem } from '../snapshot.js';
import type { IceServer, MediaEvent } from './media-port.js';
import type { Call, CallEffect, Machine, Step } from './state.js';
import { stay, withCall } from './transitions.js';

/** How long a connection may be gone before the call is given up. */
const reconnectMs = 30_000;

/** The server took the start or the answer: devices and connections may open. Nobody rings before the microphone is
 * there: the invitation follows only then. */
export function onTicket(state: Machine, call: Call, iceServers: IceServer[]): Step {
  if (call.mediaOpen) return stay(state);
  const { conversationId } = call;
  const video = call.camera === 'on';
  return withCall(state, { ...call, openedVideo: video, iceServers }, [
    { type: 'open_media', conversationId, video, iceServers },
  ]);
}

/** The camera does not open: the call goes on with the voice alone, and what was wrong is said. */
export function openVoiceOnly(state: Machine, call: Call, problem: Problem): Step {
  const { conversationId, iceServers } = call;
  return withCall(state, { ...call, camera: 'off', openedVideo: false, problem }, [
    { type: 'open_media', conversationId, video: false, iceServers },
  ]);
}

export function opened(state: Machine, call: Call): Step {
  const effects: CallEffect[] = [];
  if (call.microphone === 'off') effects.push({ type: 'set_microphone', on: false });
  if (call.direction === 'out') effects.push(invitation(call));
  if (call.answered) effects.push({ type: 'publish' });
  if (call.waitingOffer !== null) effects.push({ type: 'take_offer', event: call.waitingOffer });
  const phase = call.phase === 'outgoing' ? 'ringing' : call.phase;
  return withCall(
    state,
    { ...call, phase, mediaOpen: true, invited: call.direction === 'out', waitingOffer: null },
    effects,
  );
}

function invitation({ id: callId, conversationId, video }: Call): CallEffect {
  return { type: 'send', conversationId, content: { callId, action: 'invite', video } };
}

export function onMedia(
  state: Machine,
  call: Call,
  { event, now }: { event: MediaEvent; now: number },
): Step {
  switch (event.event) {
    case 'candidate':
      return withCall(state, call, [{ type: 'server_candidate', event }]);
    case 'contexts_low':
      return withCall(state, call, [{ type: 'more_contexts' }]);
    case 'remote':
      return onRemote(state, call, { event, now });
    case 'connection':
      return onConnection(state, {
        ...call,
        connection: { ...call.connection, [event.direction]: event.state },
      });
    case 'ended':
      // The device was pulled out, or taken away by the browser.
      return withCall(
        state,
        {
          ...call,
          problem: { code: 'device_missing' },
          ...(event.kind === 'audio' ? { microphone: 'off' } : { camera: 'off' }),
        },
        event.kind === 'video'
          ? [{ type: 'set_camera', on: false }]
          : [{ type: 'set_microphone', on: false }],
      );
  }
}

function onRemote(
  state: Machine,
  call: Call,
  { event, now }: { event: Extract<MediaEvent, { event: 'remote' }>; now: number },
): Step {
  const remote = { audio: event.audio, video: event.video };
  const isFirst = call.activeSince === undefined && call.answered && (event.audio || event.video);
  if (!isFirst) return withCall(state, { ...call, remote, video: call.video || event.video }, []);
  return withCall(
    state,
    { ...call, remote, phase: 'active', activeSince: now, video: call.video || event.video },
    [
      { type: 'timer', name: 'connect', ms: null },
      { type: 'make_safety_code', conversationId: call.conversationId },
    ],
  );
}

function onConnection(state: Machine, call: Call): Step {
  const states = Object.values(call.connection);
  const isLost = states.some(
    (connection) => connection === 'disconnected' || connection === 'failed',
  );
  if (call.phase === 'active' && isLost) {
    return withCall(state, { ...call, phase: 'reconnecting' }, [
      { type: 'timer', name: 'reconnect', ms: reconnectMs },
    ]);
  }
  if (call.phase === 'reconnecting' && !isLost) {
    return withCall(state, { ...call, phase: 'active' }, [
      { type: 'timer', name: 'reconnect', ms: null },
    ]);
  }
  return withCall(state, call, []);
}

export interface Ending {
  outcome: NonNullable<CallContent['outcome']>;
  /** Whether this device says so inside MLS. */
  tell: boolean;
  /** What the server must hear, if anything. */
  server: 'server_hang_up' | 'server_decline' | null;
  now: number;
}

/** Ends the call. It stays on the screen as `ended` until it is dismissed. */
export function end(state: Machine, call: Call, { outcome, tell, server, now }: Ending): Step {
  const { id: callId, conversationId, video, activeSince } = call;
  const seconds =
    activeSince === undefined ? 0 : Math.max(0, Math.round((now - activeSince) / 1000));
  const { safetyCode: _over, ...rest } = call;
  const ended: Call = { ...rest, phase: 'ended', outcome, mediaOpen: false, waitingOffer: null };
  const effects: CallEffect[] = (['ring', 'connect', 'reconnect', 'busy'] as const).map((name) => ({
    type: 'timer',
    name,
    ms: null,
  }));
  if (server !== null) effects.push({ type: server });
  effects.push({ type: 'close_media' });
  // A call that never rang anywhere needs no end.
  if (tell && (call.invited || call.direction === 'in')) {
    effects.push({
      type: 'send',
      conversationId,
      content: { callId, action: 'end', video, outcome, seconds },
    });
  }
  return withCall(state, ended, effects);
}
