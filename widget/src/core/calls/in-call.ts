/** A call between its start and its end: tickets, media, connections. */
import type { CallContent } from '../content/index.js';
import type { Problem } from '../snapshot.js';
import type { SaidSalt } from './keyring.js';
import type { IceServer, MediaEvent } from './media-port.js';
import type { Call, CallEffect, Machine, Step } from './state.js';
import { preparation, say, stay, withCall } from './transitions.js';

/** From an answer to the first frame. */
export const connectMs = 30_000;
/** From the server's word that the other answered to the other's own. */
const wordMs = 10_000;
/** How long a connection may be gone before the call is given up. */
const reconnectMs = 30_000;
/** When another way is looked for: short breaks mend by themselves. */
const renewMs = { first: 2_000, next: 6_000 };

/** The server took the start: connections and devices may open. Nobody rings before the microphone is there: the
 * invitation follows only then. */
export function onTicket(state: Machine, call: Call, iceServers: IceServer[]): Step {
  if (call.taken) return stay(state);
  const video = call.camera === 'on';
  const taken = { ...call, taken: true, openedVideo: video, iceServers };
  return withCall(state, taken, [preparation(taken), { type: 'open_devices', video }]);
}

/** The camera does not open: the call goes on with the voice alone, and what was wrong is said. */
export function openVoiceOnly(state: Machine, call: Call, problem: Problem): Step {
  return withCall(state, { ...call, camera: 'off', openedVideo: false, problem }, [
    { type: 'open_devices', video: false },
  ]);
}

/** Nothing is received before this side has called or answered, whatever the server offers. */
export function onOffer(
  state: Machine,
  call: Call,
  event: NonNullable<Call['waitingOffer']>,
): Step {
  const isWanted = call.direction === 'out' || call.answered;
  return call.prepared && isWanted
    ? withCall(state, call, [{ type: 'take_offer', event }])
    : stay({ ...state, call: { ...call, waitingOffer: event } });
}

export function prepared(state: Machine, call: Call): Step {
  const ready = { ...call, prepared: true, waitingOffer: null };
  return call.waitingOffer === null
    ? withCall(state, ready, [])
    : onOffer(state, ready, call.waitingOffer);
}

/** The devices are open. A caller publishes at once: who answers finds the picture there. */
export function opened(state: Machine, call: Call): Step {
  const effects: CallEffect[] = [];
  if (call.microphone === 'off') effects.push({ type: 'set_microphone', on: false });
  const isOut = call.direction === 'out';
  if (isOut) effects.push(say(call, 'invite'), { type: 'publish', fresh: false });
  const phase = call.phase === 'outgoing' ? 'ringing' : call.phase;
  return withCall(state, { ...call, phase, mediaOpen: true, invited: isOut }, effects);
}

export function onMedia(
  state: Machine,
  call: Call,
  { event, now }: { event: MediaEvent; now: number },
): Step {
  switch (event.event) {
    case 'candidate':
      return withCall(state, call, [{ type: 'server_candidate', event }]);
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

const connectTimer = (isSaid: boolean): CallEffect => ({
  type: 'timer',
  name: 'connect',
  ms: isSaid ? connectMs : wordMs,
});

/** The server let the other in. Without the other's own word no frame can be opened, and the server alone can have
 * nobody wait long for it. */
export function letIn(state: Machine, call: Call, now: number): Step {
  if (call.direction !== 'out' || call.answered) return stay(state);
  const answered: Call = { ...call, answered: true, phase: 'connecting' };
  const { state: next, effects } = withCall(state, answered, [
    { type: 'timer', name: 'ring', ms: null },
    connectTimer(call.answerSaid),
  ]);
  // The picture may be quicker than the server's word.
  const shown = onRemote(next, answered, { event: { event: 'remote', ...call.remote }, now });
  return { state: shown.state, effects: [...effects, ...shown.effects] };
}

/** The other said inside MLS that it answered, and what its frames are to be opened with. */
export function onAnswerSaid(state: Machine, call: Call, said: SaidSalt): Step {
  const waits = call.direction === 'out' && call.phase === 'connecting';
  return withCall(state, { ...call, answerSaid: true }, [
    { type: 'learn_salt', said },
    ...(waits ? [connectTimer(true)] : []),
  ]);
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
      { type: 'timer', name: 'renew', ms: null },
      { type: 'make_safety_code', conversationId: call.conversationId },
    ],
  );
}

function onConnection(state: Machine, call: Call): Step {
  const states = Object.values(call.connection);
  const isBroken = states.includes('failed');
  const isLost = isBroken || states.includes('disconnected');
  const { phase } = call;
  if (isBroken || (isLost && phase === 'active')) {
    const ms = isBroken ? 0 : renewMs.first;
    return phase === 'active'
      ? reconnecting(state, call, [{ type: 'timer', name: 'renew', ms }])
      : withCall(state, call, [{ type: 'timer', name: 'renew', ms }]);
  }
  if (phase === 'reconnecting' && states.every((one) => one === 'connected')) {
    return withCall(state, { ...call, phase: 'active' }, [
      { type: 'timer', name: 'reconnect', ms: null },
      { type: 'timer', name: 'renew', ms: null },
    ]);
  }
  return withCall(state, call, []);
}

function reconnecting(state: Machine, call: Call, effects: CallEffect[]): Step {
  return withCall(state, { ...call, phase: 'reconnecting' }, [
    { type: 'timer', name: 'reconnect', ms: reconnectMs },
    ...effects,
  ]);
}

/** The server has opened another room: everything is made anew, under the same keys. */
export function onMoved(state: Machine, call: Call): Step {
  if (!call.mediaOpen && !call.taken) return stay(state);
  const renewed: Call = { ...call, connection: { publish: 'connecting', subscribe: 'connecting' } };
  const effects: CallEffect[] = [
    { type: 'publish', fresh: true },
    { type: 'timer', name: 'renew', ms: renewMs.next },
  ];
  return call.phase === 'active'
    ? reconnecting(state, renewed, effects)
    : withCall(state, renewed, effects);
}

/** A new way through the network is looked for, again and again until the call is given up. */
export function renew(state: Machine, call: Call): Step {
  const isPublished = call.mediaOpen && call.taken && call.phase !== 'active';
  if (!isPublished) return stay(state);
  return withCall(state, call, [
    { type: 'publish', fresh: false },
    { type: 'timer', name: 'renew', ms: renewMs.next },
  ]);
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
  const effects: CallEffect[] = (['ring', 'connect', 'reconnect', 'renew', 'busy'] as const).map(
    (name) => ({
      type: 'timer',
      name,
      ms: null,
    }),
  );
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
