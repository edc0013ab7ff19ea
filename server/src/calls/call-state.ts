/** One call as a state machine: who rings, who is in it, and what ends it. Pure; the service does what it asks. */
import type { AccountId, Address, CallId, ConversationId, DeviceId } from '../ids.js';
import type { CallEndReason, CallEvent } from './contract.js';

/** A device and the account it speaks for. */
export interface Party {
  readonly accountId: AccountId;
  readonly address: Address;
  readonly deviceId: DeviceId;
}

/** A device in the call. */
export interface Participant extends Party {
  /** Since when no connection of it is there, milliseconds since 1970; `null` while one is. */
  readonly absentSince: number | null;
  /** Since when nothing of its media arrives any more; `null` while some does, and before any did. */
  readonly silentSince: number | null;
}

export interface Callee {
  readonly accountId: AccountId;
  readonly state: 'ringing' | 'answered' | 'declined';
}

export interface CallState {
  readonly callId: CallId;
  readonly conversationId: ConversationId;
  readonly video: boolean;
  readonly caller: Party;
  readonly phase: 'ringing' | 'active' | 'ended';
  readonly callees: readonly Callee[];
  readonly participants: readonly Participant[];
  /** When the ringing ends by itself, milliseconds since 1970. */
  readonly ringsUntil: number;
  /** Its room is lost, and another one is being opened. */
  readonly moving: boolean;
}

export type CallInput =
  | { type: 'answer'; party: Party }
  | { type: 'decline'; accountId: AccountId }
  | { type: 'hang_up'; deviceId: DeviceId }
  | { type: 'presence'; deviceId: DeviceId; present: boolean }
  /** A participant's media arrive on Janus, or do so no more. */
  | { type: 'flow'; deviceId: DeviceId; flowing: boolean }
  /** A participant's seat or the whole room is lost on Janus. */
  | { type: 'media_lost' }
  /** Everyone has a seat in another room. */
  | { type: 'media_moved' }
  /** There is no other room. */
  | { type: 'media_gone' }
  | { type: 'tick' };

/** Whom an event goes to: one device, or the devices of an account but one. */
export type Recipient = { deviceId: DeviceId } | { accountId: AccountId; except?: DeviceId };

export type CallEffect =
  | { type: 'tell'; to: Recipient; event: CallEvent }
  | { type: 'join'; deviceId: DeviceId }
  | { type: 'leave'; deviceId: DeviceId }
  /** Open another room for everyone in the call. */
  | { type: 'move' }
  /** The call is over: free the room and forget the call. */
  | { type: 'close' };

export interface Step {
  readonly state: CallState;
  readonly effects: readonly CallEffect[];
}

export interface CallClock extends CallTimes {
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface CallTimes {
  readonly ringMs: number;
  /** How long a caller may be away, or send nothing, while it rings: long enough for a network that changes. Whoever
   * closed the page has nobody waiting there, and the other need not reach for the phone. */
  readonly ringGraceMs: number;
  /** How long a device in the call may be without a connection. */
  readonly graceMs: number;
  /** How long one in the call may send nothing: a page that was reloaded or killed never sends again. */
  readonly silenceMs: number;
}

export interface CallPlan {
  callId: CallId;
  conversationId: ConversationId;
  video: boolean;
  caller: Party;
  /** Accounts that are rung. */
  callees: readonly AccountId[];
}

/** A call that begins: the caller is in, everyone else is rung. */
export function beginCall(plan: CallPlan, { now, ringMs }: CallClock): CallState {
  return {
    ...plan,
    phase: 'ringing',
    callees: plan.callees.map((accountId) => ({ accountId, state: 'ringing' })),
    participants: [{ ...plan.caller, absentSince: null, silentSince: null }],
    ringsUntil: now + ringMs,
    moving: false,
  };
}

type IceServers = Extract<CallEvent, { event: 'ringing' }>['iceServers'];

/** The event that makes a callee's devices ring. */
export function ringingEvent(state: CallState, iceServers: IceServers): CallEvent {
  return {
    event: 'ringing',
    callId: state.callId,
    conversationId: state.conversationId,
    caller: state.caller.address,
    callerDevice: state.caller.deviceId,
    video: state.video,
    expiresAt: state.ringsUntil,
    iceServers,
  };
}

/** What happens next. An input that does not apply (any more) changes nothing and has no effects. */
export function step(state: CallState, input: CallInput, clock: CallClock): Step {
  if (state.phase === 'ended') return unchanged(state);
  switch (input.type) {
    case 'answer':
      return answer(state, input.party);
    case 'decline':
      return decline(state, input.accountId);
    case 'hang_up':
      return leave(state, input.deviceId, 'hung_up');
    case 'presence':
      return setPresence(state, input.deviceId, input.present ? null : clock.now);
    case 'flow':
      return setFlow(state, input.deviceId, input.flowing ? null : clock.now);
    case 'media_lost':
      // What is lost while the call moves is the old room.
      return state.moving
        ? unchanged(state)
        : { state: { ...state, moving: true }, effects: [{ type: 'move' }] };
    case 'media_moved':
      return moved(state, clock.now);
    case 'media_gone':
      return end(state, 'failed');
    case 'tick':
      return tick(state, clock);
  }
}

function answer(state: CallState, party: Party): Step {
  if (!isRinging(state, party.accountId)) return unchanged(state);
  const others = state.participants;
  const next: CallState = {
    ...state,
    phase: 'active',
    callees: withCallee(state, party.accountId, 'answered'),
    participants: [...others, { ...party, absentSince: null, silentSince: null }],
  };
  const { callId } = state;
  const answered: CallEvent = {
    event: 'answered',
    callId,
    by: party.address,
    device: party.deviceId,
  };
  return {
    state: next,
    effects: [
      { type: 'join', deviceId: party.deviceId },
      ...others.map(({ deviceId }): CallEffect => ({
        type: 'tell',
        to: { deviceId },
        event: answered,
      })),
      {
        type: 'tell',
        to: { accountId: party.accountId, except: party.deviceId },
        event: { event: 'ended', callId, reason: 'answered_elsewhere' },
      },
    ],
  };
}

function decline(state: CallState, accountId: AccountId): Step {
  if (!isRinging(state, accountId)) return unchanged(state);
  const next: CallState = { ...state, callees: withCallee(state, accountId, 'declined') };
  const anybody = next.callees.some((callee) => callee.state !== 'declined');
  // The last one to decline ends the call; before that only the account's own devices fall silent.
  if (!anybody) return end(state, 'declined');
  return {
    state: next,
    effects: [
      {
        type: 'tell',
        to: { accountId },
        event: { event: 'ended', callId: state.callId, reason: 'declined' },
      },
    ],
  };
}

/** A device leaves. Two are a call; whoever is left alone is told why. */
function leave(state: CallState, deviceId: DeviceId, reason: 'hung_up' | 'failed'): Step {
  if (!state.participants.some((participant) => participant.deviceId === deviceId))
    return unchanged(state);
  if (state.phase === 'ringing') return end(state, 'cancelled', deviceId);
  if (state.participants.length <= 2) return end(state, reason, deviceId);
  return {
    state: {
      ...state,
      participants: state.participants.filter((other) => other.deviceId !== deviceId),
    },
    effects: [{ type: 'leave', deviceId }],
  };
}

function setPresence(state: CallState, deviceId: DeviceId, absentSince: number | null): Step {
  const participants = state.participants.map((participant) =>
    // The first absence counts: a later one of the same stretch does not begin it anew.
    participant.deviceId === deviceId
      ? {
          ...participant,
          absentSince: absentSince === null ? null : (participant.absentSince ?? absentSince),
        }
      : participant,
  );
  return { state: { ...state, participants }, effects: [] };
}

function setFlow(state: CallState, deviceId: DeviceId, silentSince: number | null): Step {
  const participants = state.participants.map((participant) =>
    participant.deviceId === deviceId ? { ...participant, silentSince } : participant,
  );
  return { state: { ...state, participants }, effects: [] };
}

/** Everyone is to publish anew, and has as long for it as one may be silent. */
function moved(state: CallState, now: number): Step {
  if (!state.moving) return unchanged(state);
  const { callId, participants } = state;
  return {
    state: {
      ...state,
      moving: false,
      participants: participants.map((participant) => ({ ...participant, silentSince: now })),
    },
    effects: participants.map(({ deviceId }): CallEffect => ({
      type: 'tell',
      to: { deviceId },
      event: { event: 'moved', callId },
    })),
  };
}

function tick(state: CallState, clock: CallClock): Step {
  const { now } = clock;
  const rings = state.phase === 'ringing';
  const graceMs = rings ? clock.ringGraceMs : clock.graceMs;
  const silenceMs = rings ? clock.ringGraceMs : clock.silenceMs;
  const isSince = (since: number | null, ms: number) => since !== null && now - since >= ms;
  if (rings && now >= state.ringsUntil) return end(state, 'unanswered');
  const gone = state.participants.find(
    ({ absentSince, silentSince }) =>
      isSince(absentSince, graceMs) || (!state.moving && isSince(silentSince, silenceMs)),
  );
  if (gone === undefined) return unchanged(state);
  const left = leave(state, gone.deviceId, 'failed');
  if (left.state.phase === 'ended') return left;
  // Several may have gone at once.
  const more = tick(left.state, clock);
  return { state: more.state, effects: [...left.effects, ...more.effects] };
}

/** Ends the call for everyone in it and everyone still rung, except the device that ended it. */
function end(state: CallState, reason: CallEndReason, by?: DeviceId): Step {
  const event: CallEvent = { event: 'ended', callId: state.callId, reason };
  const ringing = state.callees.filter((callee) => callee.state === 'ringing');
  return {
    state: { ...state, phase: 'ended', participants: [] },
    effects: [
      ...state.participants
        .filter(({ deviceId }) => deviceId !== by)
        .map(({ deviceId }): CallEffect => ({ type: 'tell', to: { deviceId }, event })),
      ...ringing.map(({ accountId }): CallEffect => ({ type: 'tell', to: { accountId }, event })),
      { type: 'close' },
    ],
  };
}

function isRinging(state: CallState, accountId: AccountId): boolean {
  return state.callees.some(
    (callee) => callee.accountId === accountId && callee.state === 'ringing',
  );
}

function withCallee(state: CallState, accountId: AccountId, to: Callee['state']): Callee[] {
  return state.callees.map((callee) =>
    callee.accountId === accountId ? { ...callee, state: to } : callee,
  );
}

function unchanged(state: CallState): Step {
  return { state, effects: [] };
}
