/** One call at a time, as a state machine: `step(state, input, now) -> { state, effects }`. `runner.ts` does the I/O. */
import {
  connectMs,
  end,
  letIn,
  onMedia,
  onMoved,
  onOffer,
  onTicket,
  opened,
  openVoiceOnly,
  prepared,
  renew,
} from './in-call.js';
import { forgetOldRings, onContent, onRinging, ring, ringingIn } from './ringing.js';
import type { Call, CallEffect, CallInput, CallTimer, Machine, Step } from './state.js';
import { newCall, preparation, say, stay, withCall } from './transitions.js';

/** The server rings for 45 s; the caller gives up by itself a little later. */
const ringMs = 50_000;
/** Between two attempts to publish while the server cannot take it. */
const retryMs = 2_000;
/** How long one whose start was refused as busy waits for the other's call to ring here: both called at once. */
const busyMs = 3_000;

/** What happens next. An input that does not apply (any more) changes nothing.
 * @param now milliseconds since 1970, by the server's clock as far as it is known. */
export function step(state: Machine, input: CallInput, now: number): Step {
  const next = stepOnce(state, input, now);
  const wasFree = isFree(state);
  if (wasFree || !isFree(next.state)) return next;
  // A call is over: what waited meanwhile rings now.
  const waiting = ring(next.state, now);
  return { state: waiting.state, effects: [...next.effects, ...waiting.effects] };
}

const isFree = ({ call }: Machine): boolean => call === null || call.phase === 'ended';

function stepOnce(state: Machine, input: CallInput, now: number): Step {
  const fresh = forgetOldRings(state, now);
  switch (input.type) {
    case 'start':
      return start(fresh, input);
    case 'content':
      return considerGlare(onContent(fresh, input, now));
    case 'server':
      return onServer(fresh, input.event, now);
    case 'dismiss':
      return fresh.call?.phase === 'ended' ? stay({ ...fresh, call: null }) : stay(fresh);
    default: {
      const { call } = fresh;
      if (call === null || call.phase === 'ended') return stay(fresh);
      if ('callId' in input && input.callId !== call.id) return stay(fresh);
      return inCall(fresh, call, { input, now });
    }
  }
}

function start(state: Machine, input: Extract<CallInput, { type: 'start' }>): Step {
  if (state.call !== null && state.call.phase !== 'ended') return stay(state);
  const { callId: id, conversationId, video } = input;
  return withCall(
    state,
    newCall({ id, conversationId, video, direction: 'out', phase: 'outgoing' }),
    [
      { type: 'server_start', conversationId, video },
      { type: 'timer', name: 'ring', ms: ringMs },
    ],
  );
}

type InCallInput = Exclude<CallInput, { type: 'start' | 'content' | 'server' | 'dismiss' }>;

function inCall(
  state: Machine,
  call: Call,
  { input, now }: { input: InCallInput; now: number },
): Step {
  switch (input.type) {
    case 'answer':
      return call.phase === 'incoming' ? answer(state, call, input.video) : stay(state);
    case 'decline':
      return call.phase === 'incoming'
        ? end(state, call, { outcome: 'declined', tell: true, server: 'server_decline', now })
        : stay(state);
    case 'hang_up':
      return hangUp(state, call, now);
    case 'microphone':
      return withCall(
        state,
        { ...call, microphone: input.on ? 'on' : 'off' },
        call.mediaOpen ? [{ type: 'set_microphone', on: input.on }] : [],
      );
    case 'camera':
      return call.mediaOpen
        ? withCall(state, call, [{ type: 'set_camera', on: input.on }])
        : stay(state);
    case 'camera_set':
      return withCall(state, cameraSet(call, input), []);
    case 'media':
      return onMedia(state, call, { event: input.event, now });
    case 'ticket':
      return onTicket(state, call, input.iceServers);
    case 'taken':
      return withCall(state, { ...call, taken: true }, []);
    case 'media_prepared':
      return prepared(state, call);
    case 'media_opened':
      return opened(state, call);
    case 'safety_code':
      return withCall(state, { ...call, safetyCode: input.code }, []);
    case 'failed':
      return onFailed(state, call, { input, now });
    case 'timer':
      return onTimer(state, call, { name: input.name, now });
  }
}

function answer(state: Machine, call: Call, video: boolean): Step {
  return withCall(
    state,
    {
      ...call,
      phase: 'connecting',
      answered: true,
      camera: video ? 'on' : 'off',
      openedVideo: video,
    },
    [
      { type: 'timer', name: 'ring', ms: null },
      { type: 'timer', name: 'connect', ms: connectMs },
      ...(call.prepared ? [] : [preparation(call)]),
      say(call, 'answer'),
      { type: 'server_answer' },
      { type: 'open_devices', video },
    ],
  );
}

function cameraSet(call: Call, { on, problem }: Extract<CallInput, { type: 'camera_set' }>): Call {
  if (problem !== null) return { ...call, problem };
  const { problem: _solved, ...rest } = call;
  return { ...rest, camera: on ? 'on' : 'off', video: call.video || on };
}

function hangUp(state: Machine, call: Call, now: number): Step {
  if (call.phase === 'incoming')
    return end(state, call, { outcome: 'declined', tell: true, server: 'server_decline', now });
  const outcome = call.answered ? 'ended' : 'cancelled';
  return end(state, call, { outcome, tell: true, server: 'server_hang_up', now });
}

function onFailed(
  state: Machine,
  call: Call,
  { input, now }: { input: Extract<CallInput, { type: 'failed' }>; now: number },
): Step {
  const { at, problem } = input;
  if (at === 'start' && problem.code === 'call_busy') {
    const waiting = ringingIn(state, call.conversationId);
    if (waiting !== null) return crossOver(state, call, waiting);
    // The other's ring may still be on its way.
    return withCall(state, { ...call, problem }, [{ type: 'timer', name: 'busy', ms: busyMs }]);
  }
  if (at === 'media' && call.openedVideo && isAboutCamera(problem.code)) {
    return openVoiceOnly(state, call, problem);
  }
  // The server is away for a moment, or opens another room: it is tried again as long as the call waits.
  if (at === 'publish' && passing.has(problem.code))
    return withCall(state, call, [{ type: 'timer', name: 'renew', ms: retryMs }]);
  const outcome = call.activeSince === undefined ? 'failed' : 'ended';
  const leaving = call.taken ? 'server_hang_up' : 'server_decline';
  const server = at === 'media' || at === 'publish' ? leaving : null;
  return end(state, { ...call, problem }, { outcome, tell: server !== null, server, now });
}

/** What may be over a moment later. */
const passing = new Set<string>(['offline', 'server_error', 'calls_unavailable', 'too_many']);

/** A camera that another program holds comes as `device_in_use`, one that is not there as `device_missing`; whether
 * the microphone is the cause shows when it is tried without the camera. */
const isAboutCamera = (code: string): boolean =>
  code === 'camera_denied' || code === 'device_missing' || code === 'device_in_use';

function onTimer(
  state: Machine,
  call: Call,
  { name, now }: { name: CallTimer; now: number },
): Step {
  const failed = { outcome: 'failed', tell: true, server: 'server_hang_up', now } as const;
  switch (name) {
    case 'ring':
      if (call.answered) return stay(state);
      return end(state, call, {
        outcome: 'missed',
        tell: call.direction === 'out',
        server: 'server_hang_up',
        now,
      });
    case 'busy':
      return call.phase === 'outgoing' && call.problem?.code === 'call_busy'
        ? end(state, call, { outcome: 'busy', tell: false, server: null, now })
        : stay(state);
    case 'connect':
      return call.phase === 'connecting'
        ? end(state, { ...call, problem: { code: 'call_failed' } }, failed)
        : stay(state);
    case 'renew':
      return renew(state, call);
    case 'reconnect':
      return call.phase === 'reconnecting'
        ? end(state, { ...call, problem: { code: 'call_failed' } }, failed)
        : stay(state);
  }
}

type Waiting = NonNullable<ReturnType<typeof ringingIn>>;

/** Its row would say for ever that it goes on, here and there. */
const saysOver = ({ id: callId, conversationId, video }: Call): CallEffect => ({
  type: 'send',
  conversationId,
  content: { callId, action: 'end', video, outcome: 'ended', seconds: 0 },
});

/** Both called at once: this device's own call gives way to the other's, which counts as answered. */
export function crossOver(state: Machine, call: Call, waiting: Waiting): Step {
  const given: CallEffect[] = [
    { type: 'timer', name: 'ring', ms: null },
    { type: 'timer', name: 'busy', ms: null },
    { type: 'server_hang_up' },
    { type: 'close_media' },
  ];
  if (call.invited) given.push(saysOver(call));
  const taken = answer(
    state,
    newCall({ ...waiting, direction: 'in', phase: 'incoming' }),
    call.video,
  );
  return {
    state: taken.state,
    effects: [...given.map((effect) => ({ ...effect, callId: call.id })), ...taken.effects],
  };
}

function onServer(
  state: Machine,
  event: Extract<CallInput, { type: 'server' }>['event'],
  now: number,
): Step {
  if (event.event === 'ringing') {
    return considerGlare(onRinging(state, event, now));
  }
  const { call } = state;
  if (call?.id !== event.callId || call.phase === 'ended') {
    // A ring that is over before it was whole.
    const rings =
      event.event === 'ended'
        ? state.rings.filter(({ callId }) => callId !== event.callId)
        : state.rings;
    return stay({ ...state, rings });
  }
  switch (event.event) {
    case 'answered':
      return letIn(state, call, now);
    case 'offer':
      return onOffer(state, call, event);
    case 'moved':
      return onMoved(state, call);
    case 'ended':
      return serverEnded(state, call, { reason: event.reason, now });
  }
}

/** Two calls in one conversation that cross: the one with the lower id is kept on both sides. */
function considerGlare(ring: Step): Step {
  const { call } = ring.state;
  if (
    call === null ||
    call.direction !== 'out' ||
    (call.phase !== 'outgoing' && call.phase !== 'ringing')
  )
    return ring;
  const waiting = ringingIn(ring.state, call.conversationId);
  const refused = call.problem?.code === 'call_busy';
  return waiting !== null && (refused || waiting.id < call.id)
    ? crossOver(ring.state, call, waiting)
    : ring;
}

type EndReason = Extract<
  Extract<CallInput, { type: 'server' }>['event'],
  { event: 'ended' }
>['reason'];

/** The server's word can end a call, as it could cut its media; it cannot make one. Who ended it says so inside MLS;
 * for what nobody did, the caller does, and one who was in a call that broke off. */
function serverEnded(
  state: Machine,
  call: Call,
  { reason, now }: { reason: EndReason; now: number },
): Step {
  const isCaller = call.direction === 'out';
  const wasActive = call.activeSince !== undefined;
  switch (reason) {
    case 'hung_up':
      return end(state, call, {
        outcome: call.answered ? 'ended' : 'missed',
        tell: false,
        server: null,
        now,
      });
    case 'declined':
      return end(state, call, { outcome: 'declined', tell: false, server: null, now });
    case 'busy':
      return end(state, call, { outcome: 'busy', tell: isCaller, server: null, now });
    case 'unanswered':
      return end(state, call, { outcome: 'missed', tell: isCaller, server: null, now });
    case 'cancelled':
      return end(state, call, {
        outcome: isCaller ? 'cancelled' : 'missed',
        tell: false,
        server: null,
        now,
      });
    case 'answered_elsewhere':
      // Another device of this account has it: nothing is to be shown here.
      return {
        state: { ...state, call: null },
        effects: [
          { type: 'timer', name: 'ring', ms: null, callId: call.id },
          { type: 'close_media', callId: call.id },
        ],
      };
    case 'failed':
      return end(
        state,
        { ...call, problem: { code: 'call_failed' } },
        { outcome: wasActive ? 'ended' : 'failed', tell: isCaller || wasActive, server: null, now },
      );
  }
}
