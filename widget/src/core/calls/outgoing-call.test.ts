import { describe, expect, test } from 'vitest';
import type { CallId } from '../ids.js';
import type { CallInput } from './state.js';
import {
  now,
  conversationId,
  callId,
  Play,
  start,
  ticket,
  mediaOpened,
  mediaPrepared,
  answered,
  bob,
  letIn,
  saysAnswer,
  salt,
  offer,
  ended,
  remote,
  said,
  outgoing,
  ringingOut,
} from './test/play.js';

describe('a call that goes out', () => {
  test('asks the server, opens the microphone, invites, and only then rings', () => {
    const play = outgoing();
    expect(play.call.phase).toBe('outgoing');
    expect(play.look()).toEqual(['server_start']);
    expect(play.take(ticket()).look()).toEqual(['prepare_media', 'open_devices']);
    expect(play.take(mediaPrepared()).look()).toEqual([]);
    expect(play.call.phase).toBe('outgoing');
    play.take(mediaOpened());
    expect(play.sent).toEqual([{ callId, action: 'invite', video: false }]);
    expect(play.call.phase).toBe('ringing');
  });

  test('publishes while it rings, and is active with the first frame after an answer', () => {
    const play = ringingOut();
    expect(play.look()).toContain('publish');
    expect(play.take(...answered).asked).toMatchObject([
      { type: 'learn_salt', said: { device: bob.deviceId, salt } },
      { type: 'timer', name: 'ring', ms: null },
      { type: 'timer', name: 'connect' },
    ]);
    play.asked = [];
    expect(play.call.phase).toBe('connecting');
    expect(play.take(offer).look()).toEqual(['take_offer']);
    expect(play.take(remote()).look()).toEqual(['make_safety_code']);
    expect(play.call).toMatchObject({
      phase: 'active',
      activeSince: now,
      remote: { audio: true, video: false },
    });
    // A second answer changes nothing but the keys.
    expect(play.take(...answered).look()).toEqual(['learn_salt']);
  });

  const waitsFor = (play: Play): unknown =>
    play.asked.findLast((effect) => 'name' in effect && effect.name === 'connect');
  const waiting = (ms: number): unknown => expect.objectContaining({ ms });

  test.each([
    ['nobody says so', [letIn]],
    ['a member in another call says so', [letIn, said({ action: 'answer', callId: 'x' })]],
    [
      'a member in another conversation says so',
      [letIn, said({ action: 'answer' }, { ...bob, conversationId: 'x' as never })],
    ],
    ['this account says so', [letIn, said({ action: 'answer' }, { ...bob, isSelf: true })]],
    ['it is said without a salt', [letIn, said({ action: 'answer', salt: undefined })]],
  ])('waits ten seconds where the server lets the other in and %s', (_name, inputs) => {
    const play = ringingOut().take(...inputs);
    expect(play.call).toMatchObject({ phase: 'connecting', answerSaid: false });
    expect(waitsFor(play)).toEqual(waiting(10_000));
    play.take({ type: 'timer', callId, name: 'connect' });
    expect(play.call).toMatchObject({ phase: 'ended', outcome: 'failed' });
  });

  test.each([
    ['the server lets it in', [saysAnswer, letIn]],
    ['it says so', [letIn, saysAnswer]],
  ])('waits half a minute for the picture of who answered once %s', (_name, inputs) => {
    const play = ringingOut().take(...inputs);
    expect(play.call).toMatchObject({ phase: 'connecting', answerSaid: true });
    expect(waitsFor(play)).toEqual(waiting(30_000));
  });

  test('rings on while the server lets nobody in who says it answered', () => {
    const play = ringingOut().take(saysAnswer, remote());
    expect(play.call).toMatchObject({ phase: 'ringing', answered: false });
    play.take({ type: 'timer', callId, name: 'ring' });
    expect(play.call).toMatchObject({ phase: 'ended', outcome: 'missed' });
  });

  test("is active at once when its picture is quicker than the server's word", () => {
    const play = ringingOut().take(saysAnswer, remote(true, true), letIn);
    expect(play.call).toMatchObject({ phase: 'active', activeSince: now });
    expect(play.look()).toContain('make_safety_code');
  });

  test('an offer that comes before the connections are ready is kept until then', () => {
    const play = outgoing().take(ticket(), ...answered, offer);
    play.look();
    expect(play.take(mediaPrepared()).look()).toEqual(['take_offer']);
    expect(play.take(mediaOpened()).look()).toEqual(['send', 'publish']);
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
    expect(play.asked.at(-1)).toMatchObject({ type: 'open_devices', video: false });
    expect(play.call).toMatchObject({
      camera: 'off',
      problem: { code: 'camera_denied' },
      phase: 'outgoing',
    });
    play.take({ type: 'failed', callId, at: 'media', problem: { code: 'device_missing' } });
    expect(play.call.phase).toBe('ended');
  });

  const endings: { name: string; input: CallInput; outcome: string; tells: boolean }[] = [
    { name: 'hung up', input: { type: 'hang_up', callId }, outcome: 'cancelled', tells: true },
    {
      name: 'timer',
      input: { type: 'timer', callId, name: 'ring' },
      outcome: 'missed',
      tells: true,
    },
    { name: 'declined', input: ended('declined'), outcome: 'declined', tells: false },
    { name: 'busy', input: ended('busy'), outcome: 'busy', tells: true },
    { name: 'unanswered', input: ended('unanswered'), outcome: 'missed', tells: true },
    { name: 'failed', input: ended('failed'), outcome: 'failed', tells: true },
    {
      name: 'said',
      input: said({ action: 'end', outcome: 'declined' }),
      outcome: 'declined',
      tells: false,
    },
  ];
  test.each(endings)(
    'that is not answered ($name) ends as it should, and is told once',
    ({ input, outcome, tells }) => {
      const play = ringingOut();
      play.asked = [];
      play.take(input);
      expect(play.call).toMatchObject({ phase: 'ended', outcome });
      expect(play.sent).toEqual(
        tells ? [{ callId, action: 'end', video: false, outcome, seconds: 0 }] : [],
      );
      expect(play.asked.map(({ type }) => type)).toContain('close_media');
      play.asked = [];
      expect(play.take(input, ...answered, mediaOpened(), remote()).look()).toEqual([]);
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
