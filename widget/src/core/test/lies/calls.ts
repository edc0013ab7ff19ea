/** Lies about calls: rings that nobody made, other calls' tickets and rooms, devices that are in no call, keys that the
 * server would name. What becomes of the media themselves is shown in `platform/media/lying-media.test.ts`. */
import { expect } from 'vitest';
import { randomBytes, toBase64Url } from '../../bytes.js';
import type { CallKeys } from '../../calls/media-port.js';
import type { CallId, ConversationId, DeviceId } from '../../ids.js';
import { CallCipher, contextsMax, newPublication, suites } from '../../sframe/index.js';
import type { CallEvent, LiveEvent } from '../../transport/contract.js';
import { addressOf, until, type Person } from '../person.js';
import type { ScriptedMedia } from '../scripted-media.js';
import { rowsOf, showed, type Lie, type Stage } from './stage.js';

/** A stage whose people can call each other, as far as Node can: their media remember what they were given. */
export interface CallStage extends Stage {
  readonly media: { asha: ScriptedMedia; bo: ScriptedMedia };
}
export type CallLie = Omit<Lie, 'tell'> & { tell(stage: CallStage): Promise<unknown> };

const someId = () => toBase64Url(randomBytes(16));
const callOf = ({ client }: Person) => client.snapshot.call;
const deviceOf = ({ client }: Person) => client.snapshot.self?.deviceId as DeviceId;

/** Changes what the server says of calls. */
const onCalls = (change: (event: CallEvent) => object[]): ((event: LiveEvent) => unknown[]) => {
  return (event) =>
    event.type === 'call' ? change(event.call).map((call) => ({ type: 'call', call })) : [event];
};
const invent = ({ proxy }: Stage, call: object): void => {
  proxy.invent({ type: 'call', call } as LiveEvent);
};

const hasRung = ({ events }: Person): boolean =>
  events.some((event) => event.type === 'snapshot' && event.snapshot.call?.direction === 'in');

async function call(person: Person, conversationId: ConversationId): Promise<CallId> {
  await person.client.run<'start_call'>({ type: 'start_call', conversationId, video: false });
  const id = callOf(person)?.id;
  if (id === undefined) throw new Error('no call');
  return id;
}

async function rings({ asha, bo, conversation }: Stage): Promise<CallId> {
  const id = await call(asha, conversation);
  await until('it rings', () => callOf(bo)?.phase === 'incoming');
  return id;
}

const over = (person: Person): Promise<void> =>
  until('the call is over', () => {
    const now = callOf(person);
    return now === null || now.phase === 'ended';
  });

async function hangUp(person: Person): Promise<void> {
  const callId = callOf(person)?.id;
  if (callId !== undefined) await person.client.run<'hang_up'>({ type: 'hang_up', callId });
  await over(person);
}

const outcomeOf = async (person: Person, conversation: ConversationId) => {
  const row = (await rowsOf(person, conversation)).findLast(({ body }) => body.type === 'call');
  return row?.body.type === 'call' ? row.body.outcome : undefined;
};

/** Both have joined: the keys that each gave to its media. */
async function joined(stage: CallStage): Promise<{ id: CallId; asha: CallKeys; bo: CallKeys }> {
  const id = await rings(stage);
  await stage.bo.client.run<'answer_call'>({ type: 'answer_call', callId: id, video: false });
  const { asha, bo } = stage.media;
  await until('both opened', () => asha.opened > 0 && bo.opened > 0);
  return { id, asha: keysOf(asha), bo: keysOf(bo) };
}

function keysOf({ keys }: ScriptedMedia): CallKeys {
  const latest = keys.at(-1);
  if (latest === undefined) throw new Error('no keys');
  // As they were: the client wipes its own copies at the end of a call.
  return structuredClone(latest);
}

const cipherWith = (keys: CallKeys): CallCipher => {
  const cipher = new CallCipher();
  cipher.setKeys(keys);
  return cipher;
};

/** A frame that this one sends. */
async function frameOf(keys: CallKeys): Promise<Uint8Array> {
  const frame = await cipherWith(keys).seal(newPublication('audio'), randomBytes(50));
  if (frame === null) throw new Error('nothing sent');
  return frame;
}

/** A ring with one thing changed, in the place of the real one. */
const misled = (name: string, change: (stage: Stage) => object): CallLie => ({
  name: `an invitation, and a ring with ${name}`,
  sees: { harmless: 'both halves have to name the same; the call shows as missed' },
  async tell(stage) {
    const { asha, bo, conversation, media } = stage;
    stage.proxy.lies = {
      event: onCalls((event) => [
        event.event === 'ringing' ? { ...event, ...change(stage) } : event,
      ]),
    };
    await call(asha, conversation);
    await until(
      'the invitation is there',
      async () => (await outcomeOf(bo, conversation)) !== undefined,
    );
    await hangUp(asha);
    await until('it was missed', async () => (await outcomeOf(bo, conversation)) === 'missed');
    expect(hasRung(bo)).toBe(false);
    expect(media.bo.keys).toEqual([]);
  },
});

const ringing: CallLie[] = [
  {
    name: 'a call that nobody made',
    sees: { harmless: 'nothing rings without an invitation inside MLS' },
    async tell(stage) {
      const { asha, bo, conversation, media } = stage;
      const from = { caller: addressOf(asha), callerDevice: deviceOf(asha) };
      const rest = { video: true, expiresAt: Date.now() + 45_000, iceServers: [] };
      for (let count = 0; count < 40; count += 1)
        invent(stage, {
          event: 'ringing',
          callId: someId(),
          conversationId: conversation,
          ...from,
          ...rest,
        });
      await stage.goesOn();
      expect(hasRung(bo)).toBe(false);
      expect(media.bo.keys).toEqual([]);
    },
  },
  misled('another call', () => ({ callId: someId() })),
  misled('another conversation', () => ({ conversationId: someId() })),
  misled('another caller', ({ bo }) => ({ caller: addressOf(bo) })),
  misled('another device', ({ bo }) => ({ callerDevice: deviceOf(bo) })),
  {
    name: 'a call that has ended is rung for again, with its own invitation',
    sees: { harmless: 'an invitation that was taken back rings no more' },
    async tell(stage) {
      const { asha, bo, conversation } = stage;
      let ring: object | undefined;
      stage.proxy.lies = {
        event: onCalls((event) => {
          if (event.event === 'ringing') ring = event;
          return [event];
        }),
      };
      await rings(stage);
      await hangUp(asha);
      await over(bo);
      await until('it was missed', async () => (await outcomeOf(bo, conversation)) === 'missed');
      await bo.client.run<'dismiss_call'>({ type: 'dismiss_call' });
      const shown = bo.events.length;
      invent(stage, ring ?? {});
      await stage.goesOn();
      const since = bo.events.slice(shown);
      expect(since.some((event) => event.type === 'snapshot' && event.snapshot.call)).toBe(false);
    },
  },
  {
    name: 'a call is ended as soon as it rings, for every reason that there is',
    sees: {
      harmless: 'the call is over, as if its media were cut; the caller’s word is what is kept',
    },
    async tell(stage) {
      const { asha, bo, conversation } = stage;
      for (const reason of ['hung_up', 'declined', 'busy', 'unanswered', 'cancelled', 'failed']) {
        const callId = await rings(stage);
        invent(stage, { event: 'ended', callId, reason });
        await over(bo);
        await hangUp(asha);
        await until('it was missed', async () => (await outcomeOf(bo, conversation)) === 'missed');
        await bo.client.run<'dismiss_call'>({ type: 'dismiss_call' });
      }
    },
  },
];

/** What the server says when Bo starts a call. */
const starting = (name: string, change: object): CallLie => ({
  name,
  sees: { refused: 'answer_malformed' },
  async tell(stage) {
    const { bo, conversation, media } = stage;
    stage.proxy.lies = {
      answer: ({ path }, data) =>
        path === 'calls.start' ? { ...(data as object), ...change } : data,
    };
    await call(bo, conversation);
    await until('it failed', () => callOf(bo)?.phase === 'ended');
    expect(callOf(bo)?.problem?.code).toBe('answer_malformed');
    expect(media.bo).toMatchObject({ opened: 0, keys: [] });
    await stage.goesOn();
  },
});

const rooms: CallLie[] = [
  starting('a ticket for another call', { callId: someId() }),
  starting('ICE servers that are none', { iceServers: [{ urls: ['stun:a', 'https://evil/'] }] }),
  {
    name: 'a ring with ICE servers that are none',
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      const { asha, bo, conversation } = stage;
      stage.proxy.lies = {
        event: onCalls((event) => [{ ...event, iceServers: [{ urls: ['http://evil.example'] }] }]),
      };
      await call(asha, conversation);
      await until('it is told of', () => showed(bo, 'answer_malformed'));
      expect(hasRung(bo)).toBe(false);
      await hangUp(asha);
    },
  },
  {
    name: 'offers, moves and answers for calls that there are not',
    sees: { harmless: 'they are passed over' },
    async tell(stage) {
      const { bo, media } = stage;
      await rings(stage);
      const [callId, sdp] = [someId(), 'v=0'];
      const offer = { event: 'offer', sdp, feeds: [] };
      invent(stage, { ...offer, callId });
      invent(stage, { event: 'moved', callId });
      invent(stage, { event: 'ended', callId, reason: 'hung_up' });
      // For this one, but before it was answered.
      invent(stage, { ...offer, callId: callOf(bo)?.id });
      invent(stage, {
        event: 'answered',
        callId: callOf(bo)?.id,
        by: addressOf(bo),
        device: deviceOf(bo),
      });
      await stage.goesOn();
      expect(callOf(bo)?.phase).toBe('incoming');
      expect(media.bo).toMatchObject({ offers: [], opened: 0, offered: 0 });
      await hangUp(stage.asha);
    },
  },
  {
    name: 'the call is said to be answered, and moved without end',
    sees: { harmless: 'no frame opens but the other’s, and one new attempt waits at a time' },
    async tell(stage) {
      const { asha, bo, conversation, media } = stage;
      const callId = await call(bo, conversation);
      await until('it rings there', () => callOf(asha)?.phase === 'incoming');
      await until('it is published', () => media.bo.answers.length > 0);
      invent(stage, { event: 'answered', callId, by: '@mallory@shop.example', device: someId() });
      for (let count = 0; count < 300; count += 1) invent(stage, { event: 'moved', callId });
      await until('it waits for frames', () => callOf(bo)?.phase === 'connecting');
      await stage.goesOn();
      const members = keysOf(media.bo).senders.map(({ device }) => device);
      expect(members.sort()).toEqual([deviceOf(asha), deviceOf(bo)].sort());
      await hangUp(bo);
      await over(asha);
    },
  },
];

const keys: CallLie[] = [
  {
    name: 'the server names suites, keys and contexts, and says that nothing is encrypted',
    sees: { harmless: 'the client takes them from MLS alone: AES_256_GCM_SHA512_128' },
    async tell(stage) {
      const named = {
        suite: 1,
        e2ee: false,
        keys: { suite: 1 },
        epochs: [{ epoch: 1, baseKey: new Uint8Array(32), send: true }],
        contexts: [contextsMax],
        senders: [],
      };
      stage.proxy.lies = {
        event: onCalls((event) => [{ ...event, ...named }]),
        answer: ({ path }, data) =>
          path.startsWith('calls.') && data !== null ? { ...(data as object), ...named } : data,
      };
      const { asha, bo } = await joined(stage);
      expect(bo.suite).toBe(suites.AES_256_GCM_SHA512_128);
      expect(bo.epochs).toEqual(asha.epochs);
      expect(bo.epochs[0]?.baseKey).not.toEqual(new Uint8Array(32));
      expect(bo.contexts).not.toContain(contextsMax);
      await hangUp(stage.asha);
      await over(stage.bo);
    },
  },
  {
    name: 'the lines of a call are said to be of others',
    sees: {
      harmless: 'a line is opened with the keys of the device it is said to be of, or not at all',
    },
    async tell(stage) {
      const mallory = someId();
      const { id, asha, bo } = await joined(stage);
      const feeds = [{ mid: '0', device: mallory, kind: 'audio' }];
      invent(stage, { event: 'offer', callId: id, sdp: 'v=0', feeds });
      await until('it is offered', () => stage.media.bo.offers.some(({ sdp }) => sdp === 'v=0'));
      const hears = cipherWith(bo);
      const frame = await frameOf(asha);
      expect(await hears.open('audio', frame, mallory)).toBeNull();
      expect(await hears.open('audio', frame, deviceOf(stage.bo))).toBeNull();
      // Frames in the clear, of other suites and of other key ids, and what Bo himself sent.
      const others = [
        randomBytes(60),
        await frameOf({ ...asha, suite: suites.AES_128_GCM_SHA256_128 }),
        await frameOf({ ...asha, senderIndex: 7 }),
        await frameOf({ ...asha, epochs: [{ epoch: 0, baseKey: randomBytes(32), send: true }] }),
        await frameOf(bo),
      ];
      for (const other of others)
        expect(await hears.open('audio', other, deviceOf(stage.asha))).toBeNull();
      expect(await hears.open('audio', frame, deviceOf(stage.asha))).not.toBeNull();
      // A frame that is told twice.
      expect(await hears.open('audio', frame, deviceOf(stage.asha))).toBeNull();
      await hangUp(stage.asha);
      await over(stage.bo);
    },
  },
  {
    name: 'the rooms of two calls are changed for each other',
    sees: { harmless: 'frames of one call open in no other, in the same conversation either' },
    async tell(stage) {
      const first = await joined(stage);
      await hangUp(stage.asha);
      await over(stage.bo);
      stage.media.bo.opened = stage.media.asha.opened = 0;
      const second = await joined(stage);
      const from = deviceOf(stage.asha);
      const hears = cipherWith(second.bo);
      expect(await hears.open('audio', await frameOf(first.asha), from)).toBeNull();
      expect(await hears.open('audio', await frameOf(second.asha), from)).not.toBeNull();
      await hangUp(stage.asha);
      await over(stage.bo);
    },
  },
];

/** `e2ee` as the server hears it, when Bo answers. */
const stripped = (name: string, change: object): CallLie => ({
  name: `\`e2ee\` is ${name} on its way`,
  sees: { refused: 'server_error' },
  async tell(stage) {
    const { asha, bo, media } = stage;
    stage.proxy.lies = {
      ask: ({ path, input }) =>
        path === 'calls.answer' ? { ...(input as object), ...change } : input,
    };
    const callId = await rings(stage);
    await bo.client.run<'answer_call'>({ type: 'answer_call', callId, video: false });
    await until('it is refused', () => callOf(bo)?.problem?.code === 'server_error');
    expect(callOf(bo)).toMatchObject({ phase: 'ended', outcome: 'failed' });
    expect(media.bo).toMatchObject({ answers: [], offers: [] });
    await hangUp(asha);
    await stage.goesOn();
  },
});

export const callLies: CallLie[] = [
  ...ringing,
  ...rooms,
  ...keys,
  stripped('taken away', { e2ee: undefined }),
  stripped('denied', { e2ee: false }),
  {
    name: '`e2ee` is taken away from what is published',
    sees: { harmless: 'the room takes nothing that is not said to be encrypted' },
    async tell(stage) {
      const { asha, bo, conversation, media } = stage;
      stage.proxy.lies = {
        ask: ({ path, input }) =>
          path === 'calls.publish' ? { ...(input as object), e2ee: false } : input,
      };
      await call(bo, conversation);
      await until('it is tried again', () => media.bo.offered > 1);
      expect(media.bo.answers).toEqual([]);
      await hangUp(bo);
      await over(asha);
    },
  },
];
