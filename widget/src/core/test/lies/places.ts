/** Lies about where things stand: which conversation, which place of the log, which order. */
import { expect } from 'vitest';
import type { LiveEvent } from '../../transport/contract.js';
import { addressOf, open, until, type Person } from '../person.js';
import { hasTexts } from '../world.js';
import { isMessage, recordOf, showed, type Lie, type Stage } from './stage.js';

/** Bo as one who came later, or has counted nothing before this version: he expects no first number. */
async function cameLater({ bo, conversation }: Stage): Promise<void> {
  await bo.client.close();
  const { heard: _heard, whole: _whole, ...value } = await recordOf(bo, conversation);
  await bo.store.commit([{ table: 'conversations', key: [conversation], value }]);
}

export const placeLies: Lie[] = [
  {
    name: 'the first two messages change places for one who came later',
    sees: { notice: 'disordered' },
    async tell(stage) {
      await cameLater(stage);
      const held: Extract<LiveEvent, { type: 'envelope' }>[] = [];
      stage.proxy.lies = {
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
      await until('he listens', () => bo.client.snapshot.connection === 'online');
      await stage.asha.say(stage.conversation, 'first');
      await stage.asha.say(stage.conversation, 'second');
      await until('both are there', async () => (await bo.texts(stage.conversation)).length === 4);
      return bo;
    },
  },
  {
    name: 'a message is said to stand where another one stands',
    sees: { harmless: 'nothing is stored over anything else' },
    async tell({ proxy, asha, bo, conversation }) {
      proxy.lies = {
        answer: ({ path }, data) =>
          path === 'conversations.send' ? { ...(data as object), seq: 1 } : data,
      };
      await bo.say(conversation, 'in your place');
      for (const person of [asha, bo])
        await until('it stands behind the others', () =>
          hasTexts(person, conversation, ['hello Bo', 'hello Asha', 'in your place']),
        );
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
