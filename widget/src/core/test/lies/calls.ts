/** Lies about calls: rings that nobody made, other calls' tickets and rooms, devices that are in no call; those about
 * their keys are in `call-keys.ts`. What becomes of the media themselves is shown in
 * `platform/media/lying-media.test.ts`. */
import { expect } from 'vitest';
import { addressOf, until } from '../person.js';
import { callKeyLies, keysOf } from './call-keys.js';
import {
  call,
  callOf,
  deviceOf,
  hangUp,
  hasRung,
  invent,
  onCalls,
  outcomeOf,
  over,
  rings,
  someId,
  type CallLie,
} from './call-stage.js';
import { showed, type Stage } from './stage.js';

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
    sees: {
      harmless:
        'the call waits ten seconds for the word of the other, inside MLS, and one new attempt waits at a time',
    },
    async tell(stage) {
      const { asha, bo, conversation, media } = stage;
      const callId = await call(bo, conversation);
      await until('it rings there', () => callOf(asha)?.phase === 'incoming');
      await until('it is published', () => media.bo.answers.length > 0);
      invent(stage, { event: 'answered', callId, by: '@mallory@shop.example', device: someId() });
      for (let count = 0; count < 300; count += 1) invent(stage, { event: 'moved', callId });
      await stage.goesOn();
      expect(callOf(bo)?.phase).toBe('connecting');
      const members = keysOf(media.bo).senders.map(({ device }) => device);
      expect(members.sort()).toEqual([deviceOf(asha), deviceOf(bo)].sort());
      await hangUp(bo);
      await over(asha);
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
  ...callKeyLies,
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
