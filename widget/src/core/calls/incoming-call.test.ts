import { describe, expect, test } from 'vitest';
import type { CallInput } from './state.js';
import {
  now,
  callId,
  bob,
  salt,
  Play,
  mediaOpened,
  mediaPrepared,
  offer,
  ended,
  remote,
  ringing,
  said,
  incoming,
} from './test/play.js';

const answer = (video = false): CallInput => ({ type: 'answer', callId, video });
const decline: CallInput = { type: 'decline', callId };
const taken: CallInput = { type: 'taken', callId };

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
    ['an invitation without a salt', [ringing(), said({ salt: undefined })]],
    ['an answer', [ringing(), said({ action: 'answer' })]],
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

  test('rings no longer than rings last, whatever the server says', () => {
    const play = new Play().take(ringing({ expiresAt: now + 1e9 }), said());
    expect(play.asked).toContainEqual(
      expect.objectContaining({ type: 'timer', name: 'ring', ms: 50_000 }),
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

  test('makes its connections ready while it rings, and opens no device before the answer', () => {
    const play = incoming();
    expect(play.asked).toContainEqual(
      expect.objectContaining({
        type: 'prepare_media',
        iceServers: [{ urls: ['stun:x'] }],
        salts: [{ device: bob.deviceId, salt }],
      }),
    );
    expect(play.look()).toEqual(['prepare_media']);
    expect(play.take(mediaPrepared()).look()).toEqual([]);
  });

  test('is answered with an offer, while the devices open', () => {
    const play = incoming().take(mediaPrepared());
    play.look();
    expect(play.take(answer()).sent).toEqual([{ callId, action: 'answer', video: false }]);
    expect(play.look()).toEqual(['send', 'server_answer', 'open_devices']);
    expect(play.take(taken, mediaOpened()).look()).toEqual([]);
    expect(play.take(offer, remote()).look()).toEqual(['take_offer', 'make_safety_code']);
    expect(play.call.phase).toBe('active');
  });

  test('is made ready again on the answer when that failed, or takes long', () => {
    const play = incoming();
    play.look();
    const all = ['prepare_media', 'send', 'server_answer', 'open_devices'];
    expect(play.take(answer()).look()).toEqual(all);
  });

  test('receives nothing before it is answered, whatever the server offers', () => {
    const play = incoming().take(mediaPrepared());
    play.look();
    expect(play.take(offer).look()).toEqual([]);
    expect(incoming().take(offer, mediaPrepared()).look()).toEqual(['prepare_media']);
  });

  test('a second one that waited rings when the first is over', () => {
    const other = { callId: 'other', conversationId: 'elsewhere' };
    const eve = { ...bob, conversationId: 'elsewhere' as never };
    for (const over of [ended('cancelled'), ended('answered_elsewhere'), decline]) {
      const play = incoming().take(ringing(other), said(other, eve));
      expect(play.call.id).toBe(callId);
      play.take(over);
      expect(play.call).toMatchObject({ id: 'other', phase: 'incoming' });
      expect(play.look().filter((type) => type === 'prepare_media')).toHaveLength(2);
    }
  });

  test('a video call may be answered with the voice alone', () => {
    const play = new Play().take(ringing(), said({ video: true }), answer());
    expect(play.asked.at(-1)).toMatchObject({ type: 'open_devices', video: false });
    expect(play.call).toMatchObject({ video: true, camera: 'off' });
  });

  test('is declined, and both the server and the caller hear it', () => {
    const play = incoming();
    play.asked = [];
    play.take(decline);
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

  test('answered on another device, it disappears, and its connections with it', () => {
    const play = incoming();
    play.look();
    expect(play.take(ended('answered_elsewhere')).machine.call).toBeNull();
    expect(play.look()).toEqual(['close_media']);
  });

  test('a microphone that is refused tells the caller, whether or not the server took the answer', () => {
    const refused: CallInput = {
      type: 'failed',
      callId,
      at: 'media',
      problem: { code: 'microphone_denied' },
    };
    for (const [before, leaving] of [
      [[answer()], 'server_decline'],
      [[answer(), taken], 'server_hang_up'],
    ] as const) {
      const play = incoming().take(mediaPrepared(), ...before);
      play.look();
      expect(play.take(refused).look()).toEqual([leaving, 'close_media', 'send']);
    }
  });

  test('an answer that comes too late ends nothing inside MLS: another device has the call', () => {
    const play = incoming().take(answer());
    play.asked = [];
    play.take({ type: 'failed', callId, at: 'answer', problem: { code: 'call_failed' } });
    expect(play.sent).toEqual([]);
    expect(play.call.phase).toBe('ended');
  });
});
