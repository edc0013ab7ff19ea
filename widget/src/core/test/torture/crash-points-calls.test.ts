/** The process dies at every write while a call rings, is answered, declined, taken back and missed: in the end no row
 * says that it goes on, none is there twice, and the next call rings. */
import { describe, expect, it } from 'vitest';
import type { CallId, ConversationId } from '../../index.js';
import { agree, ahead, crashAndReturn, crashRounds, everyPointMs, goOn } from '../crashes.js';
import { until, type Person } from '../person.js';
import { hasJanus, withJanus, scriptedMedia } from '../scripted-media.js';
import { createWorld } from '../world.js';

const world = createWorld(withJanus());
const { seed, points } = crashRounds('crash-points-calls');

/** Whoever comes back finds what rang before long over. */
const clock = ahead(120_000);

const canCall = ({ client: { snapshot } }: Person): boolean =>
  snapshot.connection === 'online' && snapshot.calls === 'available';
const isDone = ({ client: { snapshot } }: Person): boolean =>
  snapshot.call === null || snapshot.call.phase === 'ended';

async function outcomesOf(person: Person, id: ConversationId): Promise<[CallId, string][]> {
  return (await person.history(id)).flatMap(({ body }) =>
    body.type === 'call' ? [[body.callId, body.outcome] as [CallId, string]] : [],
  );
}

async function call({ client }: Person, conversationId: ConversationId): Promise<void> {
  await client.run<'start_call'>({ type: 'start_call', conversationId, video: true });
}

async function untilRings({ client }: Person): Promise<CallId> {
  await until('it rings', () => client.snapshot.call?.phase === 'incoming');
  return client.snapshot.call?.id ?? ('' as CallId);
}

const hangUp = async ({ client }: Person): Promise<void> => {
  const callId = client.snapshot.call?.id;
  if (callId !== undefined) await client.run<'hang_up'>({ type: 'hang_up', callId });
};

const declineIncoming = async ({ client }: Person): Promise<void> => {
  const { call: open } = client.snapshot;
  if (open?.phase === 'incoming')
    await client.run<'decline_call'>({ type: 'decline_call', callId: open.id });
};

const endsAt = (person: Person, id: ConversationId) => async (): Promise<boolean> =>
  isDone(person) &&
  (await person.history(id)).every(({ status }) => status === 'stored') &&
  (await outcomesOf(person, id)).every(([, outcome]) => outcome !== 'ongoing');

interface Pair {
  asha: Person;
  boris: Person;
  id: ConversationId;
}

async function pair(): Promise<Pair> {
  const [asha, boris, id] = await world.couple([
    { media: scriptedMedia(), clock },
    // Nothing that Janus would take: a call gets as far as its answer and no further.
    { media: scriptedMedia('v=0'), clock },
  ]);
  await until('calls can be made', () => canCall(asha) && canCall(boris), 40_000);
  return { asha, boris, id };
}

/** After a crash of either: nothing rings or goes on for ever, and both know the same calls, once. */
async function settle({ asha, boris, id }: Pair): Promise<Pair> {
  await until('both can be called', () => canCall(asha) && canCall(boris), 40_000);
  await hangUp(asha);
  await goOn(asha, boris, id);
  // A row that the dead process left open is closed by whoever starts anew.
  const again = await Promise.all([asha, boris].map((person) => person.reload()));
  for (const person of again) {
    world.keep(person);
    await until('calls can be made', () => canCall(person), 40_000);
    await until(
      'nothing goes on',
      async () => {
        // The server rings on for a caller who is away for a moment: whoever hears that declines.
        await declineIncoming(person);
        return endsAt(person, id)();
      },
      40_000,
    );
  }
  const [one = asha, other = boris] = again;
  await agree(one, other, id);
  const callsOf = async (person: Person): Promise<CallId[]> =>
    (await outcomesOf(person, id)).map(([callId]) => callId);
  // What closes a row may still be on its way to the other.
  await until('both know the same calls', async () => {
    const [ones, others] = [await callsOf(one), await callsOf(other)];
    return JSON.stringify(ones) === JSON.stringify(others);
  });
  const calls = await callsOf(one);
  expect(new Set(calls).size).toBe(calls.length);
  await until('calls can be made', () => canCall(one) && canCall(other), 40_000);
  return { asha: one, boris: other, id };
}

describe.skipIf(!hasJanus)(
  `a crash from seed ${String(seed)}, at every write`,
  { timeout: everyPointMs },
  () => {
    it('of who calls and takes it back', async () => {
      let two = await pair();
      await points(async (point) => {
        const { crashed, returned } = await crashAndReturn(two.asha, point, async (doomed) => {
          await until('calls can be made', () => canCall(doomed));
          await call(doomed, two.id);
          await untilRings(two.boris);
          await hangUp(doomed);
          await until('it is over', endsAt(doomed, two.id));
        });
        two = await settle({ ...two, asha: returned });
        return { crashed };
      });
    });

    it.each([
      [
        'answers, and looks around in it',
        async ({ client }: Person, callId: CallId) => {
          await client.run<'answer_call'>({ type: 'answer_call', callId, video: false });
          await client.run<'set_microphone'>({ type: 'set_microphone', on: false });
          await client.run<'set_camera'>({ type: 'set_camera', on: false });
          await until('it has ended', () => client.snapshot.call?.phase === 'ended');
          await client.run<'dismiss_call'>({ type: 'dismiss_call' });
        },
      ],
      [
        'declines',
        async ({ client }: Person, callId: CallId) => {
          await client.run<'decline_call'>({ type: 'decline_call', callId });
        },
      ],
      ['misses it', null],
    ])('of whom it rings at, who %s', async (_how, act) => {
      let two = await pair();
      await points(async (point) => {
        const { asha, id } = two;
        const { crashed, returned } = await crashAndReturn(two.boris, point, async (doomed) => {
          await until('he can be called', () => canCall(doomed));
          await call(asha, id);
          const callId = await untilRings(doomed);
          if (act === null) await hangUp(asha);
          else await act(doomed, callId);
          await until('it is over', endsAt(doomed, id));
        });
        two = await settle({ ...two, boris: returned });
        return { crashed };
      });
    });
  },
);
