/** Lies about where things stand: which conversation, which place of the log, which order. */
import { expect } from 'vitest';
import type { Envelope, LiveEvent } from '../../transport/contract.js';
import { addressOf, open, until, type Person } from '../person.js';
import { hasTexts } from '../world.js';
import { Repeated, type Question } from './proxy.js';
import { isMessage, recordOf, showed, type Lie, type Stage } from './stage.js';

/** Bo as one who came later, or has counted nothing before this version: he expects no first number. */
async function cameLater({ bo, conversation }: Stage): Promise<void> {
  await bo.client.close();
  const { heard: _heard, whole: _whole, ...value } = await recordOf(bo, conversation);
  await bo.store.commit([{ table: 'conversations', key: [conversation], value }]);
}

const burst = ['one', 'two', 'three', 'four'];

const isSend = ({ path }: Question): boolean => path === 'conversations.send';

/** Which message a question sends, counted in the order of sending. */
function counting(): (question: Question) => number {
  const ids: unknown[] = [];
  return ({ input }) => {
    const { id } = input as Envelope;
    if (!ids.includes(id)) ids.push(id);
    return ids.indexOf(id);
  };
}

const bothHave = async ({ asha, bo, conversation }: Stage, ...texts: string[]): Promise<void> => {
  for (const person of [asha, bo])
    await until('each stands once, where it was said', () =>
      hasTexts(person, conversation, ['hello Bo', 'hello Asha', ...texts]),
    );
};

/** Bo says several things at once, and is told of places where they do not stand. */
function misplaced(
  name: string,
  place: (seq: number, index: number, first: number) => number,
): Lie {
  return {
    name,
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      const { proxy, asha, bo, conversation } = stage;
      const indexOf = counting();
      const placed = new Set<number>();
      let first: number | undefined;
      proxy.lies = {
        // The answers come before the log is heard.
        event: (event) => (isMessage(event) ? [] : [event]),
        answer: (question, data) => {
          if (!isSend(question)) return data;
          const sent = data as { seq: number };
          first ??= sent.seq;
          placed.add(indexOf(question));
          return { ...sent, seq: place(sent.seq, indexOf(question), first) };
        },
      };
      await Promise.all(burst.map((text) => bo.say(conversation, text)));
      await until('all of it is answered', () => placed.size === burst.length);
      delete proxy.lies.event;
      await asha.say(conversation, 'and then');
      await until('it is told of', () => showed(bo, 'answer_malformed'));
      await bothHave(stage, ...burst, 'and then');
      await stage.goesOn();
    },
  };
}

export const placeLies: Lie[] = [
  {
    name: 'the first two messages change places for one who came later',
    sees: { notice: 'disordered' },
    async tell(stage) {
      await cameLater(stage);
      const held: Extract<LiveEvent, { type: 'envelope' }>[] = [];
      let isHeard = false;
      stage.proxy.lies = {
        answer: ({ path }, data) => {
          isHeard ||= path === 'conversations.heads';
          return data;
        },
        event: (event) => {
          if (!isMessage(event)) return [event];
          held.push(event);
          const [first, second] = held;
          if (first === undefined || second === undefined || held.length > 2) return [];
          const [one, other] = [first.envelope, second.envelope];
          return [
            { ...second, envelope: { ...other, seq: one.seq } },
            { ...first, envelope: { ...one, seq: other.seq } },
          ];
        },
      };
      const bo = await stage.again();
      // Or what is said now is pulled.
      await until('he has heard where the log ends', () => isHeard);
      await stage.asha.say(stage.conversation, 'first');
      await stage.asha.say(stage.conversation, 'second');
      await until('both are there', async () => (await bo.texts(stage.conversation)).length === 4);
      return bo;
    },
  },
  misplaced('a message is said to stand where another one stands', () => 1),
  misplaced('a burst is said to stand in one place', (_seq, _index, first) => first),
  misplaced('two of a burst are said to stand in one place', (seq, index) =>
    index === 2 ? seq - 1 : seq,
  ),
  misplaced(
    'a burst is said to stand in the other order',
    (_seq, index, first) => first + burst.length - index,
  ),
  misplaced('the last of a burst is said to stand far behind', (seq, index) =>
    index === burst.length - 1 ? 2 ** 39 : seq,
  ),
  {
    name: 'some of a burst get no answer, or are never heard',
    sees: { harmless: 'they are sent again as they are, and nothing is said twice' },
    async tell(stage) {
      const { proxy, asha, bo, conversation } = stage;
      const indexOf = counting();
      proxy.lies = {
        instead: (question) =>
          isSend(question) && indexOf(question) === 2 ? 'silence' : undefined,
        answer: (question, data) =>
          isSend(question) && indexOf(question) === 0 ? new Repeated([]) : data,
      };
      await Promise.all(burst.map((text) => bo.say(conversation, text)));
      await until('one of them is stored', async () =>
        (await asha.texts(conversation)).includes('two'),
      );
      proxy.lies = {};
      proxy.cut();
      await bo.client.run<'reconnect'>({ type: 'reconnect' });
      await bothHave(stage, ...burst);
    },
  },
  {
    name: 'the conversation with somebody else is named as that of the two',
    // What was written for one person goes to nobody else.
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      const { proxy, world, asha, conversation } = stage;
      const carol = await world.somebody('carol');
      proxy.lies = {
        instead: ({ path }) =>
          path === 'conversations.create' ? { error: 'unavailable' } : undefined,
      };
      const withCarol = await open(stage.bo, carol);
      await stage.bo.say(withCarol, 'for Carol alone');
      proxy.lies = {
        instead: ({ path }) =>
          path === 'conversations.create'
            ? { data: { status: 'exists', conversationId: conversation } }
            : undefined,
      };
      const again = await stage.again();
      await until('it is told of', () => showed(again, 'answer_malformed'));
      expect(await asha.texts(conversation)).not.toContain('for Carol alone');
      expect(await again.texts(withCarol)).toEqual(['for Carol alone']);
      proxy.lies = {};
      proxy.cut();
      await again.client.run<'reconnect'>({ type: 'reconnect' });
      await until('Carol has it', () => hasTexts(carol, withCarol, ['for Carol alone']));
      const peers = ({ client }: Person) =>
        client.snapshot.conversations.map(({ peer }) => peer.address).sort();
      expect(peers(again)).toEqual([addressOf(asha), addressOf(carol)].sort());
      return again;
    },
  },
];
