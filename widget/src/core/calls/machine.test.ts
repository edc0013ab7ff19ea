import { describe, expect, test } from 'vitest';
import type { Address, CallId, ConversationId, DeviceId, MessageId } from '../ids.js';
import { step } from './machine.js';
import { idle, type AddressedEffect, type CallInput, type Machine, type Speaker } from './state.js';

const now = 1_000_000;
const conversationId = 'conversation' as ConversationId;
const callId = 'mmmm' as CallId;
const bob: Speaker = {
  conversationId,
  address: '@bob@shop.example' as Address,
  deviceId: 'bobs' as DeviceId,
  isSelf: false,
};

/** Runs inputs one after the other and remembers what was asked for. */
class Play {
  machine: Machine = idle;
  asked: AddressedEffect[] = [];
  at = now;

  take(...inputs: CallInput[]): this {
    for (const input of inputs) {
      const { state, effects } = step(this.machine, input, this.at);
      this.machine = state;
      this.asked.push(...effects);
    }
    return this;
  }

  /** What was asked for since the last look, timers aside. */
  look(): string[] {
    const names = this.asked.filter(({ type }) => type !== 'timer').map(({ type }) => type);
    this.asked = [];
    return names;
  }

  get call() {
    if (this.machine.call === null) throw new Error('no call');
    return this.machine.call;
  }

  get sent() {
    return this.asked.flatMap((effect) => (effect.type === 'send' ? [effect.content] : []));
  }
}

const start = (video = false): CallInput => ({ type: 'start', callId, conversationId, video });
const ticket = (id = callId): CallInput => ({
  type: 'ticket',
  callId: id,
  iceServers: [{ urls: ['stun:x'] }],
});
const mediaOpened = (id = callId): CallInput => ({ type: 'media_opened', callId: id });
const answered: CallInput = {
  type: 'server',
  event: { event: 'answered', callId, by: bob.address, device: bob.deviceId } as never,
};
const offer: CallInput = {
  type: 'server',
  event: { event: 'offer', callId, sdp: 'offer', feeds: [] },
};
const ended = (reason: string, id = callId): CallInput => ({
  type: 'server',
  event: { event: 'ended', callId: id, reason } as never,
});
const remote = (audio = true, video = false): CallInput => ({
  type: 'media',
  event: { event: 'remote', audio, video },
});
const connection = (state: 'connected' | 'disconnected' | 'failed'): CallInput => ({
  type: 'media',
  event: { event: 'connection', direction: 'subscribe', state },
});
const ringing = (change: object = {}): CallInput => ({
  type: 'server',
  event: {
    event: 'ringing',
    callId,
    conversationId,
    caller: bob.address,
    callerDevice: bob.deviceId,
    video: false,
    expiresAt: now + 45_000,
    ...change,
  } as never,
});
const said = (change: object = {}, speaker: Speaker = bob): CallInput => ({
  type: 'content',
  content: {
    type: 'call',
    id: 'id' as MessageId,
    at: now,
    callId,
    action: 'invite',
    video: false,
    ...change,
  },
  speaker,
});

const outgoing = () => new Play().take(start());
const ringingOut = () => outgoing().take(ticket(), mediaOpened());
const incoming = () => new Play().take(ringing(), said());
const active = () => {
  const play = ringingOut().take(answered, remote());
  play.asked = [];
  return play;
};

describe('a call that goes out', () => {
  test('asks the server, opens the microphone, invites, and only then rings', () => {
    const play = outgoing();
    expect(play.call.phase).toBe('outgoing');
    expect(play.look()).toEqual(['server_start']);
    expect(play.take(ticket()).look()).toEqual(['open_media']);
    expect(play.call.phase).toBe('outgoing');
    play.take(mediaOpened());
    expect(play.sent).toEqual([{ callId, action: 'invite', video: false }]);
    expect(play.call.phase).toBe('ringing');
  });

  test('publishes once it is answered, and is active with the first frame', () => {
    const play = ringingOut();
    play.look();
    expect(play.take(answered).look()).toEqual(['publish']);
    expect(play.call.phase).toBe('connecting');
    expect(play.take(offer).look()).toEqual(['take_offer']);
    expect(play.take(remote()).look()).toEqual(['make_safety_code']);
    expect(play.call).toMatchObject({
      phase: 'active',
      activeSince: now,
      remote: { audio: true, video: false },
    });
    // A second answer changes nothing.
    expect(play.take(answered).look()).toEqual([]);
  });

  test('an answer and an offer that come before the media are kept until then', () => {
    const play = outgoing().take(ticket(), answered, offer);
    play.look();
    expect(play.take(mediaOpened()).look()).toEqual(['send', 'publish', 'take_offer']);
  });

  test('a frame before an answer makes nothing active', () => {
    expect(ringingOut().take(remote()).call.phase).toBe('ringing');
  });

  test('rings nowhere when the microphone is refused', () => {
    const play = outgoing().take(ticket());
    play.look();
    play.take({ type: 'failed', callId, at: 'media', problem: { code: 'microphone_denied' } });
    expect(play.sent).toEqual([]);
    expect(play.call).toMatchObject({
      phase: 'ended',
      outcome: 'failed',
      problem: { code: 'microphone_denied' },
    });
    expect(play.look()).toEqual(['server_hang_up', 'close_media']);
  });

  test('goes on with the voice when the camera is refused', () => {
    const play = new Play().take(start(true), ticket());
    play.take({ type: 'failed', callId, at: 'media', problem: { code: 'camera_denied' } });
    expect(play.asked.at(-1)).toMatchObject({
      type: 'open_media',
      video: false,
      iceServers: [{ urls: ['stun:x'] }],
    });
    expect(play.call).toMatchObject({
      camera: 'off',
      problem: { code: 'camera_denied' },
      phase: 'outgoing',
    });
    play.take({ type: 'failed', callId, at: 'media', problem: { code: 'device_missing' } });
    expect(play.call.phase).toBe('ended');
  });

  test.each([
    ['hang_up', { type: 'hang_up', callId } as CallInput, 'cancelled', true],
    ['timer', { type: 'timer', callId, name: 'ring' } as CallInput, 'missed', true],
    ['declined', ended('declined'), 'declined', false],
    ['busy', ended('busy'), 'busy', true],
    ['unanswered', ended('unanswered'), 'missed', true],
    ['failed', ended('failed'), 'failed', true],
    ['said', said({ action: 'end', outcome: 'declined' }), 'declined', false],
  ])(
    'that is not answered (%s) ends as it should, and is told once',
    (_name, input, outcome, tells) => {
      const play = ringingOut();
      play.asked = [];
      play.take(input);
      expect(play.call).toMatchObject({ phase: 'ended', outcome });
      expect(play.sent).toEqual(
        tells ? [{ callId, action: 'end', video: false, outcome, seconds: 0 }] : [],
      );
      expect(play.asked.map(({ type }) => type)).toContain('close_media');
      play.asked = [];
      expect(play.take(input, answered, mediaOpened(), remote()).look()).toEqual([]);
    },
  );

  test('that the server refuses ends with its problem, and without a word inside MLS', () => {
    const play = outgoing();
    play.look();
    play.take({ type: 'failed', callId, at: 'start', problem: { code: 'calls_unavailable' } });
    expect(play.call).toMatchObject({ outcome: 'failed', problem: { code: 'calls_unavailable' } });
    expect(play.look()).toEqual(['close_media']);
  });

  test('there is one call at a time', () => {
    const play = ringingOut();
    const before = play.machine;
    play.take({ type: 'start', callId: 'other' as CallId, conversationId, video: true });
    expect(play.machine).toEqual(before);
  });
});

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
    ['timed out', { type: 'timer', callId, name: 'ring' } as CallInput, 'missed'],
  ])('that is %s is missed, without a word from here', (_name, input, outcome) => {
    const play = incoming();
    play.asked = [];
    play.take(input);
    expect(play.call).toMatchObject({ phase: 'ended', outcome });
    expect(play.sent).toEqual([]);
  });

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

describe('an active call', () => {
  test.each([
    ['hung up here', { type: 'hang_up', callId } as CallInput, true],
    ['hung up there, says the server', ended('hung_up'), false],
    ['hung up there, says the other', said({ action: 'end', outcome: 'ended', seconds: 5 }), false],
    ['broken off', ended('failed'), true],
  ])('that is %s has ended, with its length', (_name, input, tells) => {
    const play = active();
    play.at = now + 61_400;
    play.take(input);
    expect(play.call).toMatchObject({ phase: 'ended', outcome: 'ended' });
    expect(play.call.safetyCode).toBeUndefined();
    expect(play.sent).toEqual(
      tells ? [{ callId, action: 'end', video: false, outcome: 'ended', seconds: 61 }] : [],
    );
  });

  test('a word for another call or in another conversation ends nothing', () => {
    const play = active();
    play.take(
      said({ action: 'end', callId: 'other' }),
      said({ action: 'end' }, { ...bob, conversationId: 'x' as never }),
    );
    play.take(ended('hung_up', 'other' as CallId), { type: 'hang_up', callId: 'other' as CallId });
    expect(play.call.phase).toBe('active');
  });

  test('reconnects, and gives up after a while', () => {
    const play = active();
    expect(play.take(connection('disconnected')).call.phase).toBe('reconnecting');
    expect(play.take(connection('connected')).call.phase).toBe('active');
    expect(play.take({ type: 'timer', callId, name: 'reconnect' }).call.phase).toBe('active');
    play.take(connection('failed'), { type: 'timer', callId, name: 'reconnect' });
    expect(play.call).toMatchObject({ phase: 'ended', problem: { code: 'call_failed' } });
  });

  test('never gets its first frame: it fails', () => {
    const play = ringingOut().take(answered, { type: 'timer', callId, name: 'connect' });
    expect(play.call).toMatchObject({ phase: 'ended', outcome: 'failed' });
  });

  test('microphone and camera', () => {
    const play = active();
    expect(play.take({ type: 'microphone', on: false }).look()).toEqual(['set_microphone']);
    expect(play.call.microphone).toBe('off');
    expect(play.take({ type: 'camera', on: true }).look()).toEqual(['set_camera']);
    expect(play.call.camera).toBe('off');
    play.take({ type: 'camera_set', callId, on: true, problem: { code: 'camera_denied' } });
    expect(play.call).toMatchObject({ camera: 'off', problem: { code: 'camera_denied' } });
    play.take({ type: 'camera_set', callId, on: true, problem: null });
    expect(play.call).toMatchObject({ camera: 'on', video: true });
    expect(play.call.problem).toBeUndefined();
    play.take({ type: 'media', event: { event: 'ended', kind: 'audio' } });
    expect(play.call).toMatchObject({
      microphone: 'off',
      problem: { code: 'device_missing' },
      phase: 'active',
    });
  });

  test('a microphone that was muted while it rang opens muted', () => {
    const play = outgoing().take({ type: 'microphone', on: false }, ticket(), mediaOpened());
    expect(play.look()).toContain('set_microphone');
  });

  test('more contexts, candidates and the safety code pass through', () => {
    const play = active();
    const candidate: CallInput = {
      type: 'media',
      event: { event: 'candidate', direction: 'publish', candidate: null },
    };
    expect(
      play.take({ type: 'media', event: { event: 'contexts_low' } }, candidate).look(),
    ).toEqual(['more_contexts', 'server_candidate']);
    play.take({ type: 'safety_code', callId, code: [{ emoji: 'x', name: 'y' }] });
    expect(play.call.safetyCode).toEqual([{ emoji: 'x', name: 'y' }]);
  });

  test('the end stays on the screen until it is dismissed, or another call comes', () => {
    const play = active().take({ type: 'dismiss' });
    expect(play.machine.call).not.toBeNull();
    play.take(ended('hung_up'), { type: 'dismiss' });
    expect(play.machine.call).toBeNull();
    const other = { callId: 'other' };
    expect(active().take(ended('hung_up'), ringing(other), said(other)).call.phase).toBe(
      'incoming',
    );
  });
});

describe('both call at once', () => {
  const theirs = (id: string): CallInput[] => [ringing({ callId: id }), said({ callId: id })];

  test('one whose start is refused as busy takes the call that rings', () => {
    const busy: CallInput = { type: 'failed', callId, at: 'start', problem: { code: 'call_busy' } };
    for (const inputs of [
      [...theirs('zzzz'), busy],
      [busy, ...theirs('zzzz')],
    ]) {
      const play = outgoing().take(...inputs);
      expect(play.call).toMatchObject({
        id: 'zzzz',
        direction: 'in',
        phase: 'connecting',
        answered: true,
      });
      expect(play.look()).toContain('server_answer');
    }
  });

  test('refused as busy, and nothing rings: the other is busy', () => {
    const play = outgoing().take({
      type: 'failed',
      callId,
      at: 'start',
      problem: { code: 'call_busy' },
    });
    play.take({ type: 'timer', callId, name: 'busy' });
    expect(play.call).toMatchObject({ phase: 'ended', outcome: 'busy' });
    expect(play.sent).toEqual([]);
  });

  test('of two that both ring, the one with the lower id stays', () => {
    const losing = ringingOut().take(...theirs('aaaa'));
    expect(losing.call).toMatchObject({ id: 'aaaa', phase: 'connecting' });
    expect(losing.asked.filter(({ callId: id }) => id === callId).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['server_hang_up', 'close_media']),
    );
    expect(ringingOut().take(...theirs('zzzz')).call).toMatchObject({
      id: callId,
      phase: 'ringing',
    });
  });

  test('calling one whose call rings here already takes that call', () => {
    const play = active().take(...theirs('bbbb'), ended('hung_up'));
    play.asked = [];
    play.take({ type: 'start', callId: 'cccc' as CallId, conversationId, video: true });
    expect(play.call).toMatchObject({ id: 'bbbb', phase: 'connecting', camera: 'on' });
  });

  test('a ring from another conversation changes nothing in a call', () => {
    const elsewhere = { callId: 'aaaa', conversationId: 'elsewhere' };
    const play = ringingOut().take(
      ringing(elsewhere),
      said(elsewhere, { ...bob, conversationId: 'elsewhere' as never }),
    );
    expect(play.call.id).toBe(callId);
  });
});

test('random inputs never leave a call half over, and every end closes the media', () => {
  const inputs: CallInput[] = [
    start(), ticket(), mediaOpened(), answered, offer, remote(), connection('disconnected'), connection('connected'),
    ringing(), said(), said({ action: 'end' }), ended('hung_up'), ended('declined'), ended('busy'), ended('failed'),
    { type: 'answer', callId, video: true }, { type: 'hang_up', callId }, { type: 'decline', callId }, { type: 'dismiss' },
    { type: 'timer', callId, name: 'ring' }, { type: 'timer', callId, name: 'connect' },
    { type: 'failed', callId, at: 'media', problem: { code: 'microphone_denied' } },
  ]; // prettier-ignore
  let seed = 1;
  for (let run = 0; run < 2_000; run += 1) {
    const play = new Play();
    for (let length = 0; length < 25; length += 1) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      const input = inputs[(seed >>> 8) % inputs.length];
      if (input === undefined) throw new Error('no input');
      const before = play.machine.call;
      play.asked = [];
      play.take(input);
      const { call } = play.machine;
      if (before !== null && before.phase !== 'ended' && call?.phase === 'ended') {
        expect(play.asked.map(({ type }) => type)).toContain('close_media');
        expect(call.outcome).toBeDefined();
      }
      if (call?.phase === 'active')
        expect(call).toMatchObject({ answered: true, activeSince: now });
      if (call?.phase === 'ended') expect(call.mediaOpen).toBe(false);
    }
  }
});
