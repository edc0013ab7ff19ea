import { describe, expect, test } from 'vitest';
import type { CallId } from '../ids.js';
import type { CallInput } from './state.js';
import {
  now,
  conversationId,
  callId,
  bob,
  Play,
  start,
  ticket,
  mediaOpened,
  answered,
  offer,
  ended,
  remote,
  connection,
  ringing,
  said,
  outgoing,
  ringingOut,
  active,
} from './test/play.js';

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
    // Its invitation is out: it is taken back, or both rows would say that it goes on.
    expect(losing.sent).toContainEqual(
      expect.objectContaining({ callId, action: 'end', outcome: 'ended' }),
    );
    expect(ringingOut().take(...theirs('zzzz')).call).toMatchObject({
      id: callId,
      phase: 'ringing',
    });
  });

  test('one who rang during a call rings at its end, and is not crossed with another call', () => {
    const play = active().take(...theirs('bbbb'), ended('hung_up'));
    expect(play.call).toMatchObject({ id: 'bbbb', phase: 'incoming' });
    play.take({ type: 'start', callId: 'cccc' as CallId, conversationId, video: true });
    expect(play.call).toMatchObject({ id: 'bbbb', phase: 'incoming' });
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
    start(), ticket(), mediaOpened(), ...answered, offer, remote(), connection('disconnected'), connection('connected'),
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
