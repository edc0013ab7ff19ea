import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountId, Address, CallId, ConversationId, DeviceId } from '../ids.js';
import {
  beginCall,
  ringingEvent,
  step,
  type CallEffect,
  type CallInput,
  type CallState,
  type Party,
} from './call-state.js';

const times = { ringMs: 45_000, ringGraceMs: 8_000, graceMs: 30_000, silenceMs: 20_000 };
const start = 1_000_000;
const at = (ms: number) => ({ now: start + ms, ...times });

const party = (name: string, device = 1): Party => ({
  accountId: name as AccountId,
  address: `@${name}@bazaar.localhost` as Address,
  deviceId: `${name}-${String(device)}` as DeviceId,
});
const asha = party('asha');
const bilal = party('bilal');
const bilalsPhone = party('bilal', 2);
const chitra = party('chitra');
const callId = 'call' as CallId;

const ring = (...callees: Party[]): CallState =>
  beginCall(
    {
      callId,
      conversationId: 'conversation' as ConversationId,
      video: true,
      caller: asha,
      callees: callees.map(({ accountId }) => accountId),
    },
    at(0),
  );
const after = (state: CallState, input: CallInput, ms = 0) => step(state, input, at(ms));
const answered = () => after(ring(bilal), { type: 'answer', party: bilal }).state;
const ended = (reason: string) => ({ event: 'ended', callId, reason });
const tell = (to: object, event: object) => ({ type: 'tell', to, event });

describe('a call that rings', () => {
  it('says who calls, from which device, and until when', () => {
    const iceServers = [{ urls: ['stun:stun.test'] }];
    expect(ringingEvent(ring(bilal), iceServers)).toEqual({
      iceServers,
      event: 'ringing',
      callId,
      conversationId: 'conversation',
      caller: asha.address,
      callerDevice: asha.deviceId,
      video: true,
      expiresAt: start + times.ringMs,
    });
  });

  it('is taken by the first device that answers; the others fall silent', () => {
    const { state, effects } = after(ring(bilal), { type: 'answer', party: bilalsPhone });
    expect(state.phase).toBe('active');
    expect(state.participants.map(({ deviceId }) => deviceId)).toEqual([
      asha.deviceId,
      bilalsPhone.deviceId,
    ]);
    expect(effects).toEqual([
      { type: 'join', deviceId: bilalsPhone.deviceId },
      tell(
        { deviceId: asha.deviceId },
        { event: 'answered', callId, by: bilal.address, device: bilalsPhone.deviceId },
      ),
      tell(
        { accountId: bilal.accountId, except: bilalsPhone.deviceId },
        ended('answered_elsewhere'),
      ),
    ]);
  });

  it('is not answered twice, nor by somebody whom it does not ring', () => {
    const { state } = after(ring(bilal), { type: 'answer', party: bilal });
    expect(after(state, { type: 'answer', party: bilalsPhone })).toEqual({ state, effects: [] });
    expect(after(ring(bilal), { type: 'answer', party: chitra }).effects).toEqual([]);
    expect(after(ring(bilal), { type: 'answer', party: asha }).effects).toEqual([]);
  });

  it('ends when declined, for the caller and for all devices of the callee', () => {
    const { state, effects } = after(ring(bilal), { type: 'decline', accountId: bilal.accountId });
    expect(state.phase).toBe('ended');
    expect(effects).toEqual([
      tell({ deviceId: asha.deviceId }, ended('declined')),
      tell({ accountId: bilal.accountId }, ended('declined')),
      { type: 'close' },
    ]);
  });

  it('is not declined by its caller or a stranger', () => {
    for (const { accountId } of [asha, chitra]) {
      expect(after(ring(bilal), { type: 'decline', accountId }).effects).toEqual([]);
    }
  });

  it('goes on ringing at the others when one of several declines', () => {
    const first = after(ring(bilal, chitra), { type: 'decline', accountId: bilal.accountId });
    expect(first.effects).toEqual([tell({ accountId: bilal.accountId }, ended('declined'))]);
    const second = after(first.state, { type: 'decline', accountId: chitra.accountId });
    expect(second.effects.at(-1)).toEqual({ type: 'close' });
  });

  it('is taken back by its caller', () => {
    const { effects } = after(ring(bilal), { type: 'hang_up', deviceId: asha.deviceId });
    expect(effects).toEqual([
      tell({ accountId: bilal.accountId }, ended('cancelled')),
      { type: 'close' },
    ]);
  });

  it('ends unanswered when its time is over, and not a millisecond before', () => {
    expect(after(ring(bilal), { type: 'tick' }, times.ringMs - 1).effects).toEqual([]);
    const { effects } = after(ring(bilal), { type: 'tick' }, times.ringMs);
    expect(effects).toEqual([
      tell({ deviceId: asha.deviceId }, ended('unanswered')),
      tell({ accountId: bilal.accountId }, ended('unanswered')),
      { type: 'close' },
    ]);
  });
});

describe('a call that runs', () => {
  it('does not end when the ringing would have', () => {
    expect(after(answered(), { type: 'tick' }, times.ringMs + 1).effects).toEqual([]);
  });

  it('is not declined any more', () => {
    expect(after(answered(), { type: 'decline', accountId: bilal.accountId }).effects).toEqual([]);
  });

  it.each([
    [asha, bilal],
    [bilal, asha],
  ])('ends for both when one hangs up', (one, other) => {
    const { state, effects } = after(answered(), { type: 'hang_up', deviceId: one.deviceId });
    expect(state.phase).toBe('ended');
    expect(effects).toEqual([
      tell({ deviceId: other.deviceId }, ended('hung_up')),
      { type: 'close' },
    ]);
  });

  it('does not end because a device outside of it hangs up', () => {
    expect(after(answered(), { type: 'hang_up', deviceId: bilalsPhone.deviceId }).effects).toEqual(
      [],
    );
  });

  it('goes on among the others when one of three leaves', () => {
    const two = after(ring(bilal, chitra), { type: 'answer', party: bilal }).state;
    const three = after(two, { type: 'answer', party: chitra }).state;
    const { state, effects } = after(three, { type: 'hang_up', deviceId: asha.deviceId });
    expect(state.phase).toBe('active');
    expect(effects).toEqual([{ type: 'leave', deviceId: asha.deviceId }]);
  });

  it('moves once when its room is lost, and everyone is to publish anew', () => {
    const lost = after(answered(), { type: 'media_lost' });
    expect(lost.effects).toEqual([{ type: 'move' }]);
    expect(after(lost.state, { type: 'media_lost' }).effects).toEqual([]);
    const { state, effects } = after(lost.state, { type: 'media_moved' }, 5_000);
    expect(effects).toEqual([
      tell({ deviceId: asha.deviceId }, { event: 'moved', callId }),
      tell({ deviceId: bilal.deviceId }, { event: 'moved', callId }),
    ]);
    // Who never publishes again is not waited for.
    expect(after(state, { type: 'tick' }, 5_000 + times.silenceMs - 1).effects).toEqual([]);
    expect(after(state, { type: 'tick' }, 5_000 + times.silenceMs).state.phase).toBe('ended');
    const { deviceId } = asha;
    const flows = [asha, bilal].reduce(
      (before, one) => after(before, { type: 'flow', deviceId: one.deviceId, flowing: true }).state,
      state,
    );
    expect(after(flows, { type: 'tick' }, 100_000).effects).toEqual([]);
    expect(after(flows, { type: 'flow', deviceId, flowing: false }).state.participants).toEqual([
      expect.objectContaining({ deviceId, silentSince: start }),
      expect.objectContaining({ silentSince: null }),
    ]);
  });

  it('counts nobody as silent while it moves', () => {
    const { deviceId } = asha;
    const silent = after(answered(), { type: 'flow', deviceId, flowing: false }).state;
    const moving = after(silent, { type: 'media_lost' }, 1_000).state;
    expect(after(moving, { type: 'tick' }, times.silenceMs).effects).toEqual([]);
    expect(after(silent, { type: 'tick' }, times.silenceMs).state.phase).toBe('ended');
  });

  it('fails for everyone when there is no other room', () => {
    const { effects } = after(answered(), { type: 'media_gone' });
    expect(effects).toEqual([
      tell({ deviceId: asha.deviceId }, ended('failed')),
      tell({ deviceId: bilal.deviceId }, ended('failed')),
      { type: 'close' },
    ]);
  });

  it('waits for a device that is away, and gives it up after its grace', () => {
    const away = after(answered(), {
      type: 'presence',
      deviceId: bilal.deviceId,
      present: false,
    }).state;
    expect(after(away, { type: 'tick' }, times.graceMs - 1).effects).toEqual([]);
    expect(after(away, { type: 'tick' }, times.graceMs).effects).toEqual([
      tell({ deviceId: asha.deviceId }, ended('failed')),
      { type: 'close' },
    ]);
  });

  it('forgets an absence when the device is back, and counts the first look of one', () => {
    const { deviceId } = bilal;
    const away = after(answered(), { type: 'presence', deviceId, present: false }).state;
    const stillAway = after(away, { type: 'presence', deviceId, present: false }, 20_000).state;
    expect(after(stillAway, { type: 'tick' }, times.graceMs).state.phase).toBe('ended');
    const back = after(stillAway, { type: 'presence', deviceId, present: true }, 25_000).state;
    expect(after(back, { type: 'tick' }, times.graceMs).state.phase).toBe('active');
  });

  it.each<CallInput & { deviceId: DeviceId }>([
    { type: 'presence', deviceId: asha.deviceId, present: false },
    { type: 'flow', deviceId: asha.deviceId, flowing: false },
  ])('is taken back soon when the caller is gone while it rings: %o', (gone) => {
    const away = after(ring(bilal), gone).state;
    expect(after(away, { type: 'tick' }, times.ringGraceMs - 1).effects).toEqual([]);
    expect(after(away, { type: 'tick' }, times.ringGraceMs).effects).toEqual([
      tell({ accountId: bilal.accountId }, ended('cancelled')),
      { type: 'close' },
    ]);
    // Answered in time it is a call, whose people have longer to come back.
    const taken = after(away, { type: 'answer', party: bilal }, times.ringGraceMs - 1).state;
    expect(after(taken, { type: 'tick' }, times.ringGraceMs).state.phase).toBe('active');
  });

  it('goes on ringing when the caller is back in time', () => {
    const { deviceId } = asha;
    const away = after(ring(bilal), { type: 'presence', deviceId, present: false }).state;
    const back = after(away, { type: 'presence', deviceId, present: true }, 7_000).state;
    expect(after(back, { type: 'tick' }, 20_000).state.phase).toBe('ringing');
  });
});

describe('whatever happens', () => {
  const parties = [asha, bilal, bilalsPhone, chitra];
  const input: fc.Arbitrary<CallInput> = fc.oneof(
    fc.constantFrom(...parties).map((one): CallInput => ({ type: 'answer', party: one })),
    fc.constantFrom(...parties).map(({ accountId }): CallInput => ({ type: 'decline', accountId })),
    fc.constantFrom(...parties).map(({ deviceId }): CallInput => ({ type: 'hang_up', deviceId })),
    fc
      .tuple(fc.constantFrom(...parties), fc.boolean())
      .map(([{ deviceId }, present]): CallInput => ({ type: 'presence', deviceId, present })),
    fc
      .tuple(fc.constantFrom(...parties), fc.boolean())
      .map(([{ deviceId }, flowing]): CallInput => ({ type: 'flow', deviceId, flowing })),
    fc.constantFrom('tick', 'media_lost', 'media_moved').map((type): CallInput => ({ type })),
  );

  it('closes exactly once, lets in only who answered, and leaves nobody alone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(input, fc.nat(20_000)), { maxLength: 40 }),
        fc.boolean(),
        (inputs, three) => {
          let state = three ? ring(bilal, chitra) : ring(bilal);
          const effects: CallEffect[] = [];
          let now = start;
          for (const [next, later] of inputs) {
            now += later;
            const result = step(state, next, { now, ...times });
            state = result.state;
            effects.push(...result.effects);
            if (state.phase === 'active')
              expect(state.participants.length).toBeGreaterThanOrEqual(2);
          }
          const closes = effects.filter(({ type }) => type === 'close').length;
          expect(closes).toBe(state.phase === 'ended' ? 1 : 0);
          const joined = effects.flatMap((effect) =>
            effect.type === 'join' ? [effect.deviceId] : [],
          );
          const answers = inputs.flatMap(([one]) =>
            one.type === 'answer' ? [one.party.deviceId] : [],
          );
          for (const device of joined) expect(answers).toContain(device);
          if (closes === 1) expect(effects.at(-1)).toEqual({ type: 'close' });
        },
      ),
    );
  });
});
