import { expect, test } from 'vitest';
import { toHex } from '../bytes.js';
import { commit, open } from '../mls/index.js';
import { CallCipher, newPublication } from '../sframe/index.js';
import type { CallEvent } from '../transport/contract.js';
import type { CallKeys } from './media-port.js';
import { settle, world, type Side, type World } from './test/world.js';

async function connected(video = false): Promise<World> {
  const made = await world();
  const callId = made.a.calls.start(made.conversationId, video);
  await settle();
  made.b.calls.answer(callId, video);
  await settle();
  for (const side of [made.a, made.b]) side.media.emit({ event: 'remote', audio: true, video });
  await settle();
  return made;
}

const lastKeys = ({ media }: Side) => {
  const keys = media.keys.at(-1);
  if (keys === undefined) throw new Error('no keys');
  return keys;
};

const ownSalt = ({ senders, senderIndex }: CallKeys): string =>
  toHex(senders.find((sender) => sender.senderIndex === senderIndex)?.salt ?? new Uint8Array());

/** Whether a frame that one side encrypts with its keys opens with those of the other. */
async function hears(speaker: Side, listener: Side): Promise<boolean> {
  const [sending, receiving] = [new CallCipher(), new CallCipher()];
  sending.setKeys(lastKeys(speaker));
  receiving.setKeys(lastKeys(listener));
  const sealed = await sending.seal(newPublication('audio'), new Uint8Array(50));
  return sealed !== null && (await receiving.open('audio', sealed, undefined)) !== null;
}

test('one calls, the other answers, both hear each other and read the same code', async () => {
  const { a, b } = await connected();
  expect(a.asked.slice(0, 2)).toEqual(['start', 'publish']);
  expect(a.asked.slice(2).sort()).toEqual(['answer media', 'candidate']);
  expect(b.asked[0]).toBe('answer');
  expect(b.asked.slice(1).sort()).toEqual(['answer media', 'candidate']);
  expect(a.media.did.slice(0, 3)).toEqual(['prepare', 'open', 'offer']);
  // Made ready while it rings; no device before the answer.
  expect(b.media.did.slice(0, 3)).toEqual(['prepare', 'open', 'offer']);
  expect(a.shown).toMatchObject({ phase: 'active', direction: 'out' });
  expect(b.shown).toMatchObject({ phase: 'active', direction: 'in' });
  expect(a.shown?.safetyCode).toHaveLength(4);
  expect(b.shown?.safetyCode).toEqual(a.shown?.safetyCode);
  expect(await hears(a, b)).toBe(true);
  expect(await hears(b, a)).toBe(true);
});

test('candidates follow the offer that they belong to', async () => {
  const { a } = await connected();
  expect(a.asked.indexOf('candidate')).toBeGreaterThan(a.asked.indexOf('publish'));
});

test('what is shown holds nothing but what the screens need', async () => {
  const { a } = await connected();
  expect(Object.keys(a.shown ?? {}).sort()).toEqual([
    'activeSince',
    'camera',
    'conversationId',
    'direction',
    'id',
    'microphone',
    'phase',
    'remote',
    'safetyCode',
    'video',
  ]);
});

test('hanging up ends it on both sides, closes the media, and is said once', async () => {
  const { a, b, clock } = await connected();
  await clock.pass(5_000);
  if (a.shown === null) throw new Error('no call');
  a.calls.hangUp(a.shown.id);
  await settle();
  for (const side of [a, b]) {
    expect(side.shown).toMatchObject({ phase: 'ended', outcome: 'ended' });
    expect(side.media.did.at(-1)).toBe('close');
  }
  expect([...a.said, ...b.said].filter(({ action }) => action === 'end')).toMatchObject([
    { outcome: 'ended', seconds: 5 },
  ]);
  a.calls.dismiss();
  expect(a.shown).toBeNull();
});

test('declining is heard by the caller', async () => {
  const { a, b, conversationId } = await world();
  const callId = a.calls.start(conversationId, false);
  await settle();
  expect(b.shown?.phase).toBe('incoming');
  b.calls.decline(callId);
  await settle();
  expect(a.shown).toMatchObject({ phase: 'ended', outcome: 'declined' });
  expect(b.media.did).toEqual(['prepare', 'close']);
});

test('nobody answers: both sides end by themselves, even if the server says nothing', async () => {
  const { a, b, clock, conversationId } = await world();
  a.calls.start(conversationId, false);
  await settle();
  await clock.pass(45_001);
  expect(b.shown).toMatchObject({ phase: 'ended', outcome: 'missed' });
  await clock.pass(5_000);
  expect(a.shown).toMatchObject({ phase: 'ended', outcome: 'missed' });
});

test('nothing waits for a person who is still asked for the microphone', async () => {
  const { a, b, conversationId } = await world();
  const callId = a.calls.start(conversationId, false);
  await settle();
  b.media.question = new Promise(() => undefined);
  b.calls.answer(callId, false);
  await settle();
  expect(a.shown?.phase).toBe('connecting');
  b.calls.hangUp(callId);
  await settle();
  expect(b.asked).toContain('hang up');
  expect(a.shown).toMatchObject({ phase: 'ended', outcome: 'ended' });
  expect(b.media.did.at(-1)).toBe('close');
  // The next call is not held back either.
  const next = a.calls.start(conversationId, false);
  await settle();
  expect(b.shown).toMatchObject({ id: next, phase: 'incoming' });
});

test('hanging up waits for the server to know of the call', async () => {
  const { a, b, conversationId } = await world();
  const callId = a.calls.start(conversationId, false);
  a.calls.hangUp(callId);
  await settle();
  expect(a.asked).toEqual(['start', 'hang up']);
  expect(b.shown).toBeNull();
});

test('a call that moves is published anew, with the same salt', async () => {
  const { a, b } = await connected();
  for (const { calls, shown } of [a, b])
    calls.serverEvent({ event: 'moved', callId: shown?.id } as CallEvent);
  await settle();
  for (const { media } of [a, b]) {
    expect(media.did).toContain('fresh offer');
    expect(new Set(media.keys.map(ownSalt)).size).toBe(1);
  }
  expect(a.shown?.phase).toBe('reconnecting');
});

test('a refused microphone rings nowhere', async () => {
  const { a, b, conversationId } = await world();
  a.media.refuses = 'microphone_denied';
  a.calls.start(conversationId, false);
  await settle();
  expect(a.shown).toMatchObject({ phase: 'ended', problem: { code: 'microphone_denied' } });
  expect(b.shown).toBeNull();
  expect(a.asked).toEqual(['start', 'hang up']);
});

test('a refused camera leaves a voice call', async () => {
  const { a, conversationId } = await world();
  a.media.refuses = 'camera_denied';
  a.calls.start(conversationId, true);
  await settle();
  expect(a.media.did.slice(0, 3)).toEqual(['prepare', 'open video', 'open']);
  expect(a.shown).toMatchObject({
    phase: 'ringing',
    camera: 'off',
    problem: { code: 'camera_denied' },
  });
});

test('without a connection a call fails with that reason, and a second one may be tried', async () => {
  const { a, conversationId } = await world();
  a.offline = true;
  a.calls.start(conversationId, false);
  await settle();
  expect(a.shown).toMatchObject({
    phase: 'ended',
    outcome: 'failed',
    problem: { code: 'offline' },
  });
  a.offline = false;
  a.calls.start(conversationId, false);
  await settle();
  expect(a.shown?.phase).toBe('ringing');
  expect(() => a.calls.start(conversationId, false)).toThrow('call_busy');
});

test('a change of the group changes the keys: not at once, and the old ones do not stay', async () => {
  const { a, b, clock, trust, conversationId } = await connected();
  const [before] = lastKeys(a).epochs;
  const update = await commit(a.group, { trust });
  a.group = update.group;
  a.calls.epochChanged(conversationId);
  await settle();
  expect(lastKeys(a).epochs.map(({ send }) => send)).toEqual([true, false]);
  expect(await hears(a, b)).toBe(true);

  b.group = (await open(b.group, update.commit, trust)).group;
  b.calls.epochChanged(conversationId);
  await clock.pass(1_000);
  expect(lastKeys(a).epochs.map(({ send }) => send)).toEqual([false, true]);
  expect(await hears(a, b)).toBe(true);
  expect(await hears(b, a)).toBe(true);
  await clock.pass(9_000);
  expect(lastKeys(a).epochs).toHaveLength(1);
  expect(lastKeys(a).epochs[0]).not.toEqual(before);
  expect(b.shown?.safetyCode).toEqual(a.shown?.safetyCode);
});

test('whatever is made ready anew, for the same call too, has a salt of its own', async () => {
  const { a, b, conversationId } = await world();
  for (let count = 0; count < 3; count += 1) {
    // Now and then it fails while it rings, and is made ready again with the answer.
    b.media.prepareFails = count > 0;
    const callId = a.calls.start(conversationId, false);
    await settle();
    b.media.prepareFails = false;
    b.calls.answer(callId, false);
    await settle();
    expect(await hears(b, a)).toBe(true);
    a.calls.hangUp(callId);
    await settle();
  }
  const made = [a, b].flatMap(({ media }) => media.prepared.map(ownSalt));
  expect(made.length).toBe(3 + 5);
  expect(new Set(made).size).toBe(made.length);
  expect(made).not.toContain('');
});

test('an answer whose word the server withholds is heard by nobody, and is not waited for long', async () => {
  const { a, b, clock, conversationId } = await world();
  const callId = a.calls.start(conversationId, false);
  await settle();
  b.mute = true;
  b.calls.answer(callId, false);
  await settle();
  expect(a.shown?.phase).toBe('connecting');
  expect(await hears(a, b)).toBe(true);
  expect(await hears(b, a)).toBe(false);
  await clock.pass(10_001);
  expect(a.shown).toMatchObject({ phase: 'ended', outcome: 'failed' });
});

test('closing the client closes the media and wakes no timer', async () => {
  const { a, clock } = await connected();
  a.stop.abort();
  await settle();
  expect(a.media.did.at(-1)).toBe('close');
  const shown = a.shown;
  await clock.pass(100_000);
  expect(a.shown).toBe(shown);
});

test('a server that says without end that the call moved has one new attempt wait at a time', async () => {
  const { a } = await connected();
  const callId = a.shown?.id;
  const before = a.media.did.filter((what) => what.endsWith('offer')).length;
  for (let count = 0; count < 500; count += 1)
    a.calls.serverEvent({ event: 'moved', callId } as CallEvent);
  await settle();
  const offers = a.media.did.filter((what) => what.endsWith('offer')).slice(before);
  expect(offers).toEqual(['fresh offer']);
});

test('of offers without end, eight wait at a time', async () => {
  const { a } = await connected();
  const callId = a.shown?.id;
  const before = a.media.did.filter((what) => what === 'answer').length;
  const offer = { event: 'offer', callId, sdp: 'offer', feeds: [] };
  for (let count = 0; count < 500; count += 1) a.calls.serverEvent(offer as unknown as CallEvent);
  await settle();
  const answers = () => a.media.did.filter((what) => what === 'answer').length - before;
  expect(answers()).toBe(8);
  a.calls.serverEvent(offer as unknown as CallEvent);
  await settle();
  expect(answers()).toBe(9);
});
