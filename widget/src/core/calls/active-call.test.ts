import { describe, expect, test } from 'vitest';
import type { CallId } from '../ids.js';
import type { CallInput } from './state.js';
import {
  now,
  callId,
  bob,
  ticket,
  mediaOpened,
  answered,
  ended,
  connection,
  ringing,
  said,
  outgoing,
  ringingOut,
  active,
  type Play,
} from './test/play.js';

describe('an active call', () => {
  test.each([
    ['hung up here', { type: 'hang_up', callId }, true],
    ['hung up there, says the server', ended('hung_up'), false],
    ['hung up there, says the other', said({ action: 'end', outcome: 'ended', seconds: 5 }), false],
    ['broken off', ended('failed'), true],
  ] as [string, CallInput, boolean][])(
    'that is %s has ended, with its length',
    (_name, input, tells) => {
      const play = active();
      play.at = now + 61_400;
      play.take(input);
      expect(play.call).toMatchObject({ phase: 'ended', outcome: 'ended' });
      expect(play.call.safetyCode).toBeUndefined();
      expect(play.sent).toEqual(
        tells ? [{ callId, action: 'end', video: false, outcome: 'ended', seconds: 61 }] : [],
      );
    },
  );

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

  const renewal: CallInput = { type: 'timer', callId, name: 'renew' };
  const timersOf = (play: Play) =>
    play.asked.flatMap((effect) => (effect.type === 'timer' ? [[effect.name, effect.ms]] : []));

  test('looks for another way when its connection breaks, at once when it is broken for good', () => {
    const play = active().take(connection('disconnected'));
    expect(timersOf(play)).toContainEqual(['renew', 2_000]);
    expect(play.look()).toEqual([]);
    expect(play.take(renewal).look()).toEqual(['publish']);
    // It is tried again for as long as the call waits.
    expect(play.take(renewal).look()).toEqual(['publish']);
    play.take(connection('connected'));
    expect(timersOf(play)).toContainEqual(['renew', null]);
    expect(play.take(renewal).look()).toEqual([]);
    expect(timersOf(active().take(connection('failed')))).toContainEqual(['renew', 0]);
  });

  test('publishes with new connections when the call moves to another room', () => {
    const play = active().take({ type: 'server', event: { event: 'moved', callId } });
    expect(play.asked).toContainEqual({ type: 'publish', fresh: true, callId });
    expect(play.call.phase).toBe('reconnecting');
    play.take(connection('connected', 'publish'));
    expect(play.call.phase).toBe('reconnecting');
    play.take(connection('connected'));
    expect(play.call.phase).toBe('active');
  });

  test.each(['offline', 'calls_unavailable', 'server_error'] as const)(
    'waits when the server says %s, and is over when it says that it is',
    (code) => {
      const play = active().take(connection('failed'));
      play.look();
      play.take({ type: 'failed', callId, at: 'publish', problem: { code } });
      expect(timersOf(play)).toContainEqual(['renew', 2_000]);
      expect(play.call.phase).toBe('reconnecting');
      play.take({ type: 'failed', callId, at: 'publish', problem: { code: 'call_failed' } });
      expect(play.call).toMatchObject({ phase: 'ended', outcome: 'ended' });
      expect(play.call.problem).toEqual({ code: 'call_failed' });
    },
  );

  test('never gets its first frame: it fails', () => {
    const play = ringingOut().take(...answered, { type: 'timer', callId, name: 'connect' });
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

  test('candidates and the safety code pass through', () => {
    const play = active();
    const candidate: CallInput = {
      type: 'media',
      event: { event: 'candidate', direction: 'publish', candidate: null },
    };
    expect(play.take(candidate).look()).toEqual(['server_candidate']);
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
