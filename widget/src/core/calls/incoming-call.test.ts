import { describe, expect, test } from 'vitest';
import type { CallInput } from './state.js';
import {
  now,
  callId,
  bob,
  Play,
  ticket,
  mediaOpened,
  offer,
  ended,
  remote,
  ringing,
  said,
  incoming,
} from './test/play.js';

describe('a call that comes in', () => {
  test('rings when the server and an invitation agree, in either order', () => {
    expect(incoming().call).toMatchObject({ phase: 'incoming', direction: 'in', video: false });
    expect(new Play().take(said(), ringing()).call.phase).toBe('incoming');
  });

  test.each([
    ['the server alone', [ringing()]],
    ['an invitation alone', [said()]],
    ['another call', [ringing(), said({ callId: 'other' })]],
    ['another conversation', [ringing({ conversationId: 'elsewhere' }), said()]],
    ['another caller', [ringing({ caller: '@eve@shop.example' }), said()]],
    ['another device', [ringing({ callerDevice: 'eves' }), said()]],
    ['an old invitation', [ringing(), said({ at: now - 61_000 })]],
    ['an invitation of the future', [ringing(), said({ at: now + 61_000 })]],
    ['a ring that is over', [ringing({ expiresAt: now }), said()]],
    ['an own invitation, from another device', [ringing(), said({}, { ...bob, isSelf: true })]],
    ['a ring that ended before the invitation came', [ringing(), ended('cancelled'), said()]],
    [
      'an invitation that was taken back',
      [said(), said({ action: 'end', outcome: 'cancelled' }), ringing()],
    ],
  ] as [string, CallInput[]][])('does not ring by %s', (_name, inputs) => {
    expect(new Play().take(...inputs).machine.call).toBeNull();
  });

  test('the invitation says whether it is a video call, not the server', () => {
    expect(new Play().take(ringing({ video: true }), said({ video: false })).call.video).toBe(
      false,
    );
  });

  test('halves are forgotten after a while, and never pile up', () => {
    const play = new Play().take(ringing({ expiresAt: now + 1e9 }));
    play.at = now + 60_000;
    expect(play.take(said({ at: play.at })).machine.call).toBeNull();
    const flood = new Play();
    for (let index = 0; index < 100; index += 1) flood.take(ringing({ callId: String(index) }));
    expect(flood.machine.rings.length).toBeLessThanOrEqual(16);
  });

  test('is answered: the server first, then the media, then it is published', () => {
    const play = incoming();
    play.look();
    expect(play.take({ type: 'answer', callId, video: false }).look()).toEqual(['server_answer']);
    expect(play.take(ticket()).look()).toEqual(['open_media']);
    expect(play.take(mediaOpened()).look()).toEqual(['publish']);
    expect(play.take(offer, remote()).look()).toEqual(['take_offer', 'make_safety_code']);
    expect(play.call.phase).toBe('active');
  });

  test('a video call may be answered with the voice alone', () => {
    const play = new Play().take(
      ringing(),
      said({ video: true }),
      { type: 'answer', callId, video: false },
      ticket(),
    );
    expect(play.asked.at(-1)).toMatchObject({ type: 'open_media', video: false });
    expect(play.call).toMatchObject({ video: true, camera: 'off' });
  });

  test('is declined, and both the server and the caller hear it', () => {
    const play = incoming();
    play.asked = [];
    play.take({ type: 'decline', callId });
    expect(play.sent).toMatchObject([{ action: 'end', outcome: 'declined' }]);
    expect(play.look()).toEqual(['server_decline', 'close_media', 'send']);
  });

  test.each([
    ['cancelled', ended('cancelled'), 'missed'],
    ['unanswered', ended('unanswered'), 'missed'],
    ['taken back', said({ action: 'end', outcome: 'cancelled' }), 'missed'],
    ['timed out', { type: 'timer', callId, name: 'ring' }, 'missed'],
  ] as [string, CallInput, string][])(
    'that is %s is missed, without a word from here',
    (_name, input, outcome) => {
      const play = incoming();
      play.asked = [];
      play.take(input);
      expect(play.call).toMatchObject({ phase: 'ended', outcome });
      expect(play.sent).toEqual([]);
    },
  );

  test('answered on another device, it disappears', () => {
    expect(incoming().take(ended('answered_elsewhere')).machine.call).toBeNull();
  });

  test('an answer that comes too late says nothing inside MLS: another device has the call', () => {
    const play = incoming().take({ type: 'answer', callId, video: false });
    play.asked = [];
    play.take({ type: 'failed', callId, at: 'answer', problem: { code: 'call_failed' } });
    expect(play.sent).toEqual([]);
    expect(play.call.phase).toBe('ended');
  });
});
