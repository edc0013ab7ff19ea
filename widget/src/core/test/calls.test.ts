/** Calls between two clients: a real server and a real Janus ring; the media port is a stand-in, since Node has no WebRTC. */
import { describe, expect, it } from 'vitest';
import { connectMs } from '../calls/in-call.js';
import type { CallOutcome, ConversationId } from '../index.js';
import type { LiveEvent } from '../transport/contract.js';
import { recordOf } from './crashes.js';
import { lyingTransport, type Lies } from './hostile.js';
import { createMovableClock, transportOf, until, type Person } from './person.js';
import { hasJanus, scriptedMedia, withJanus } from './scripted-media.js';
import { areAtRest, createWorld } from './world.js';

const world = createWorld(withJanus());

async function couple(): Promise<[Person, Person, ConversationId]> {
  const [asha, boris, conversation] = await world.couple([
    { media: scriptedMedia() },
    // Nothing that Janus would take: a call gets as far as its answer and no further.
    { media: scriptedMedia('v=0') },
  ]);
  await until('calls can be made', () => asha.client.snapshot.calls === 'available');
  return [asha, boris, conversation];
}

const phaseOf = ({ client }: Person) => client.snapshot.call?.phase;

async function ring(asha: Person, boris: Person, conversationId: ConversationId) {
  await asha.client.run<'start_call'>({ type: 'start_call', conversationId, video: true });
  await until('it rings', () => phaseOf(boris) === 'incoming');
  const { call } = boris.client.snapshot;
  if (call === null) throw new Error('no call');
  expect(call).toMatchObject({
    direction: 'in',
    video: true,
    peer: { address: asha.client.snapshot.self?.address },
  });
  return call.id;
}

const rowsOf = async (person: Person, conversation: ConversationId) =>
  (await person.history(conversation)).flatMap(({ author, status, body }) =>
    body.type === 'call' ? [{ author, status, outcome: body.outcome }] : [],
  );
const rowOf = async (person: Person, conversation: ConversationId) =>
  (await rowsOf(person, conversation)).at(-1) ?? null;
const shows = (person: Person, conversation: ConversationId, outcome: CallOutcome) =>
  until(
    `the row says ${outcome}`,
    async () => (await rowOf(person, conversation))?.outcome === outcome,
  );

describe.skipIf(!hasJanus)('a call', () => {
  it('rings at the other, and is declined', async () => {
    const [asha, boris, conversation] = await couple();
    const { unread } = boris.client.snapshot;
    const callId = await ring(asha, boris, conversation);
    expect(await rowOf(boris, conversation)).toMatchObject({ author: 'peer', outcome: 'ongoing' });
    await boris.client.run<'decline_call'>({ type: 'decline_call', callId });
    await until('both are done', () =>
      [asha, boris].every(
        (person) => phaseOf(person) === 'ended' || person.client.snapshot.call === null,
      ),
    );
    await shows(asha, conversation, 'declined');
    await shows(boris, conversation, 'declined');
    expect(boris.client.snapshot.unread).toBe(unread);
  });

  it('can be made once Janus is there, on a connection that began without it', async () => {
    const lies: Lies = {
      procedures: (honest) => ({
        siteInfo: async () => ({ ...(await honest.siteInfo()), callsAvailable: false }),
      }),
    };
    const transport = lyingTransport(transportOf(world.server, world.server.bazaar), lies);
    const [asha, boris, conversation] = await world.couple([
      { media: scriptedMedia(), transport },
      { media: scriptedMedia() },
    ]);
    await until('there is a Janus', () => boris.client.snapshot.calls === 'available');
    await expect(ring(asha, boris, conversation)).rejects.toMatchObject({
      problem: { code: 'calls_unavailable' },
    });
    delete lies.procedures;
    await ring(asha, boris, conversation);
    expect(asha.client.snapshot.calls).toBe('available');
  });

  it('is taken back before an answer, and shows as missed', async () => {
    const [asha, boris, conversation] = await couple();
    const { unread } = boris.client.snapshot;
    const callId = await ring(asha, boris, conversation);
    await asha.client.run<'hang_up'>({ type: 'hang_up', callId });
    await shows(asha, conversation, 'cancelled');
    await shows(boris, conversation, 'missed');
    await until('it counts as unread', () => boris.client.snapshot.unread === unread + 1);
  });

  it('that is answered opens the media on both sides, and says when they do not connect', async () => {
    const [asha, boris, conversation] = await couple();
    const callId = await ring(asha, boris, conversation);
    await boris.client.run<'answer_call'>({ type: 'answer_call', callId, video: false });
    await until('both ended', () => phaseOf(asha) === 'ended' && phaseOf(boris) === 'ended');
    for (const person of [asha, boris]) {
      await shows(person, conversation, 'failed');
      await until(
        'it is stored',
        async () => (await rowOf(person, conversation))?.status === 'stored',
      );
    }
  });

  it('that failed says so in the history of both, though the server’s word comes right behind the other’s', async () => {
    const lies: Lies = {};
    const clock = createMovableClock();
    const transport = lyingTransport(transportOf(world.server, world.server.bazaar), lies);
    const [asha, boris, conversation] = await world.couple([
      { media: scriptedMedia(), transport },
      { media: scriptedMedia(), clock },
    ]);
    await until('calls can be made', () => asha.client.snapshot.calls === 'available');
    const callId = await ring(asha, boris, conversation);
    const cursorOf = async (person: Person) => (await recordOf(person, conversation))?.cursor ?? 0;
    const invited = await cursorOf(boris);
    await boris.client.run<'answer_call'>({ type: 'answer_call', callId, video: false });
    await until('it is answered', () => phaseOf(asha) === 'connecting');
    await until('he has said so', async () => (await cursorOf(asha)) > invited);
    await until('both are at rest', () => areAtRest([asha, boris], conversation));
    const answered = await cursorOf(asha);
    const words: LiveEvent[] = [];
    lies.event = (event) => {
      const isEnd = event.type === 'call' && event.call.event === 'ended';
      const isWord = event.type === 'envelope' && event.envelope.seq > answered;
      if (!isEnd && !isWord) return [event];
      words.push(event);
      if (words.length < 2) return [];
      const isLast = ({ type }: LiveEvent): number => Number(type === 'call');
      return words.splice(0).sort((one, other) => isLast(one) - isLast(other));
    };
    // Nothing is ever seen.
    clock.advance(connectMs);
    await until('both ended', () => phaseOf(asha) === 'ended' && phaseOf(boris) === 'ended');
    delete lies.event;
    // Behind all that is still to be written.
    await asha.say(conversation, 'what was that?');
    for (const person of [asha, boris])
      expect(await rowOf(person, conversation)).toMatchObject({ outcome: 'failed' });
  });

  it('whose caller reloads is over, and the history says how', async () => {
    const [asha, boris, conversation] = await couple();
    const callId = await ring(asha, boris, conversation);
    const again = world.keep(await asha.reload());
    expect(again.client.snapshot.call).toBeNull();
    await boris.client.run<'decline_call'>({ type: 'decline_call', callId });
    await shows(again, conversation, 'declined');
  });

  it('is over in the history once another begins, though nobody has said so', async () => {
    const [asha, boris, conversation] = await couple();
    await ring(asha, boris, conversation);
    const again = world.keep(await asha.reload({ media: scriptedMedia() }));
    await until('calls can be made', () => {
      const { calls, connection } = again.client.snapshot;
      return calls === 'available' && connection === 'online';
    });
    const rows = () => rowsOf(again, conversation);
    expect(await rows()).toMatchObject([{ outcome: 'ongoing' }]);
    await again.client.run<'start_call'>({
      type: 'start_call',
      conversationId: conversation,
      video: false,
    });
    await until('it is invited to', async () => (await rows()).length === 2);
    expect(await rows()).toMatchObject([{ outcome: 'ended' }, { outcome: 'ongoing' }]);
  });

  it('is refused where nothing can carry it', async () => {
    const [asha, , conversation] = await world.couple();
    await expect(
      asha.client.run<'start_call'>({
        type: 'start_call',
        conversationId: conversation,
        video: false,
      }),
    ).rejects.toMatchObject({ problem: { code: 'encryption_unsupported' } });
  });
});
