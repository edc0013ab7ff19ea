/** Rings and their two halves. A call rings here only when the server's event and an invitation inside MLS name the
 * same call, conversation and device, and both are fresh: the server alone can make nothing ring, and an old
 * invitation rings nowhere. */
import type { ConversationId } from '../ids.js';
import { end, onAnswerSaid } from './in-call.js';
import type { Call, CallInput, Machine, Ring, Step } from './state.js';
import { iceServersOf, newCall, preparation, stay, withCall, type NewCall } from './transitions.js';

/** Halves that may wait at a time. */
const ringsMax = 16;
/** How old an invitation may be, by its sender's clock; both clocks are set by the server's. */
const inviteMs = 60_000;
/** A half whose other half does not come. */
const halfMs = 60_000;
/** How long it rings at most, whatever the server says. */
const ringMs = 50_000;

export function forgetOldRings(state: Machine, now: number): Machine {
  const rings = state.rings.filter(
    ({ since, event }) => now - since < halfMs && (event === null || event.expiresAt > now),
  );
  return rings.length === state.rings.length ? state : { ...state, rings };
}

const isWhole = ({ event, invite, conversationId, callId }: Ring): boolean =>
  event !== null &&
  invite !== null &&
  event.callId === callId &&
  event.conversationId === conversationId &&
  event.caller === invite.address &&
  event.callerDevice === invite.deviceId;

type Ringing = Omit<NewCall, 'direction' | 'phase'>;

/** A ring as the call that it would be. `null`: it is not whole. */
function callOf(ring: Ring): Ringing | null {
  const { callId: id, conversationId, invite, event } = ring;
  if (invite === null || !isWhole(ring)) return null;
  const { deviceId: device, salt, video } = invite;
  const salts = [{ device, salt }];
  return { id, conversationId, video, salts, iceServers: iceServersOf(event) };
}

/** A whole ring in a conversation, as the call that it would be. */
export function ringingIn(state: Machine, conversationId: ConversationId): Ringing | null {
  const ring = state.rings.find((one) => one.conversationId === conversationId && isWhole(one));
  return ring === undefined ? null : callOf(ring);
}

function merge(state: Machine, half: Ring): Machine {
  const known = state.rings.find(
    ({ callId, conversationId }) =>
      callId === half.callId && conversationId === half.conversationId,
  );
  const merged: Ring = {
    ...half,
    since: known?.since ?? half.since,
    event: half.event ?? known?.event ?? null,
    invite: half.invite ?? known?.invite ?? null,
  };
  const rings = [...state.rings.filter((ring) => ring !== known), merged].slice(-ringsMax);
  return { ...state, rings };
}

export function onRinging(state: Machine, event: NonNullable<Ring['event']>, now: number): Step {
  if (event.expiresAt <= now) return stay(state);
  const { callId, conversationId } = event;
  return ring(merge(state, { callId, conversationId, since: now, event, invite: null }), now);
}

/** Rings when there is a whole one and nothing else is going on; the connections are made ready meanwhile. */
export function ring(state: Machine, now: number): Step {
  if (state.call !== null && state.call.phase !== 'ended') return stay(state);
  const whole = state.rings.find(isWhole);
  const ringing = whole === undefined ? null : callOf(whole);
  if (whole?.event == null || ringing === null) return stay(state);
  const call = newCall({ ...ringing, direction: 'in', phase: 'incoming' });
  const rings = state.rings.filter((other) => other !== whole);
  return withCall({ ...state, rings }, call, [
    { type: 'timer', name: 'ring', ms: Math.min(ringMs, whole.event.expiresAt - now) },
    preparation(call),
  ]);
}

type ContentInput = Extract<CallInput, { type: 'content' }>;

export function onContent(state: Machine, { content, speaker }: ContentInput, now: number): Step {
  const { conversationId, address, deviceId } = speaker;
  const { callId, action, video, at, salt } = content;
  if (action === 'end') return onEndSaid(state, { content, speaker }, now);
  if (speaker.isSelf || salt === undefined) return stay(state);
  if (action === 'answer') {
    const call = meant(state, { content, speaker });
    return call === null ? stay(state) : onAnswerSaid(state, call, { device: deviceId, salt });
  }
  if (Math.abs(now - at) > inviteMs) return stay(state);
  const half: Ring = {
    callId,
    conversationId,
    since: now,
    event: null,
    invite: { address, deviceId, video, at, salt },
  };
  return ring(merge(state, half), now);
}

type Said = Omit<ContentInput, 'type'>;

/** The call that something was said about, in the conversation that it is in. `null`: it is over, or another one. */
function meant({ call }: Machine, { content, speaker }: Said): Call | null {
  const isMeant =
    call?.id === content.callId &&
    call.conversationId === speaker.conversationId &&
    call.phase !== 'ended';
  return isMeant ? call : null;
}

/** Said inside MLS, by the other or by another device of this account: it counts for the call it names, in the
 * conversation that it came in. */
function onEndSaid(state: Machine, { content, speaker }: Said, now: number): Step {
  const rings = state.rings.filter(
    ({ callId, conversationId }) =>
      callId !== content.callId || conversationId !== speaker.conversationId,
  );
  const call = meant(state, { content, speaker });
  if (call === null) return stay({ ...state, rings });
  // While it rings here, an end by one's own other device is that device's answer to it.
  const said = content.outcome ?? 'ended';
  const outcome = said === 'cancelled' && call.direction === 'in' ? 'missed' : said;
  // The server may not know yet, or never, when the other's last words to it were lost.
  const isIn = call.answered || call.direction === 'out';
  return end({ ...state, rings }, call, {
    outcome,
    tell: false,
    server: isIn ? 'server_hang_up' : null,
    now,
  });
}
