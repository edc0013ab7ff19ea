/** Lies on the way back into a group. The pauses between two tries end when a test says so, and not before. */
import { expect } from 'vitest';
import { systemClock } from '../../client/ports.js';
import { newMessageId } from '../../conversations/message-id.js';
import type { Clock } from '../../index.js';
import type { Envelope } from '../../transport/contract.js';
import { until, type Person } from '../person.js';
import { hasTexts } from '../world.js';
import type { Lies, Question } from './proxy.js';
import { onEnvelopes, recordOf, rowsOf, showed, type Lie, type Stage } from './stage.js';

/** From the shortest pause between two tries to the longest. */
const [pauseMinMs, pauseMaxMs] = [9_000, 600_000];

export interface Pauses {
  clock: Clock;
  /** Ends those that began so far. */
  end(): void;
}

export interface RejoinStage extends Stage {
  readonly pauses: Pauses;
}
export type RejoinLie = Omit<Lie, 'tell'> & { tell(stage: RejoinStage): Promise<unknown> };

export function createPauses(): Pauses {
  let held = new AbortController();
  return {
    clock: {
      ...systemClock,
      sleep: (ms, signal) =>
        ms < pauseMinMs || ms > pauseMaxMs
          ? systemClock.sleep(ms, signal)
          : systemClock.sleep(2 ** 30, AbortSignal.any([signal, held.signal])),
    },
    end() {
      held.abort();
      held = new AbortController();
    },
  };
}

export const askedSince = ({ proxy }: Stage, before: number, path: string): Question[] =>
  proxy.asked.slice(before).filter((question) => question.path === path);

/** Bo has to join again at whatever Asha says. */
export const disguised = (): Lies => onEnvelopes((envelope) => [{ ...envelope, kind: 'commit' }]);

/** One after the other, each of them heard by Bo. */
async function saysOften({ bo, asha, conversation }: Stage, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const heard = () => bo.logged.filter((line) => line.includes('not_followed')).length;
    const before = heard();
    await asha.say(conversation, `again ${String(index)}`);
    await until('Bo hears of it', () => heard() > before);
  }
}

/** The honest server again; the next try is made when the pause is over, without another connection or message. */
export async function isBack({ proxy, pauses, bo, conversation }: RejoinStage): Promise<void> {
  proxy.lies = {};
  await until('Bo is back', async () => {
    pauses.end();
    return (await recordOf(bo, conversation)).state === 'ready';
  });
}

const isShown = (bo: Person, state: string): boolean =>
  bo.client.snapshot.conversations.every((conversation) => conversation.state === state);

/** A question on the way is never answered. */
function hangsAt(path: string): RejoinLie {
  return {
    name: `${path} is never answered`,
    sees: { harmless: 'what is written meanwhile is shown at once, and sent afterwards' },
    async tell({ proxy, asha, bo, conversation }) {
      const written = ['written', 'meanwhile'];
      const { length: before } = proxy.asked;
      proxy.lies = {
        ...disguised(),
        instead: (question) => (question.path === path ? 'silence' : undefined),
      };
      await asha.say(conversation, 'disguised');
      await until('it is asked', () =>
        proxy.asked.slice(before).some((question) => question.path === path),
      );
      const { length: seen } = bo.events;
      for (const text of written) await bo.say(conversation, text);
      const rows = (await rowsOf(bo, conversation)).slice(-2);
      expect(rows.map(({ body }) => 'text' in body && body.text)).toEqual(written);
      expect(rows.map(({ status }) => status)).toEqual(['sending', 'sending']);
      // A way back that goes on is not one that failed.
      expect(isShown(bo, 'ready')).toBe(true);
      // Before the question was given up, which costs the connection.
      const isLost = bo.events
        .slice(seen)
        .some((event) => event.type === 'snapshot' && event.snapshot.connection !== 'online');
      expect(isLost).toBe(false);
      proxy.lies = {};
      proxy.cut();
      await bo.client.run<'reconnect'>({ type: 'reconnect' });
      await until('it goes out in its order', () =>
        hasTexts(asha, conversation, ['hello Bo', 'hello Asha', 'disguised', ...written]),
      );
      await until('and nothing is missing', async () =>
        (await bo.texts(conversation)).includes('disguised'),
      );
    },
  };
}

/** The commit was taken, and its place is named wrongly. */
function placed(where: string, seqOf: (seq: number) => number): RejoinLie {
  return {
    name: `the commit by which one joins is said to stand ${where}`,
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      const { proxy, asha, bo, conversation } = stage;
      const before = await rowsOf(bo, conversation);
      const { answer, ...lies } = disguised();
      proxy.lies = {
        ...lies,
        answer: (question, data) =>
          question.path === 'conversations.commit'
            ? { ...(data as object), seq: seqOf((data as { seq: number }).seq) }
            : answer?.(question, data),
      };
      await asha.say(conversation, 'disguised');
      await until('it is told', () => showed(bo, 'answer_malformed'));
      expect(await rowsOf(bo, conversation)).toEqual(before);
      await isBack(stage);
      await until('nothing is missing', async () =>
        (await bo.texts(conversation)).includes('disguised'),
      );
      expect((await rowsOf(bo, conversation)).slice(0, before.length)).toEqual(before);
    },
  };
}

/** The server fails at a question on the way, and nobody knows how often.
 * @param onwards what happens before it works again. */
function fails(name: string, onwards: (stage: RejoinStage) => Promise<unknown>): RejoinLie {
  return {
    name,
    sees: { notice: 'rejoined' },
    async tell(stage) {
      const { proxy, asha, conversation } = stage;
      const before = proxy.asked.length;
      const failing: Lies['instead'] = ({ path }) =>
        path === 'conversations.groupInfo' ? { error: 'internal' } : undefined;
      proxy.lies = { ...disguised(), instead: failing };
      await asha.say(conversation, 'disguised');
      const fail = () => askedSince(stage, before, 'conversations.groupInfo').length;
      await until('it fails', () => fail() > 0);
      await until('it is shown', () => isShown(stage.bo, 'broken'));
      await stage.bo.say(conversation, 'written meanwhile');
      // From here on the server tells the truth, but for that question: the log alone would show nothing any more.
      proxy.lies = { instead: failing };
      await saysOften(stage, 2);
      expect(fail()).toBe(1);
      await onwards(stage);
      await until('it fails again', () => {
        stage.pauses.end();
        return fail() > 1;
      });
      expect((await rowsOf(stage.bo, conversation)).at(-1)?.status).toBe('sending');
      expect(isShown(stage.bo, 'broken')).toBe(true);
      await isBack(stage);
      await until('it is shown to be over', () => isShown(stage.bo, 'ready'));
      await until('it goes out', async () =>
        (await asha.texts(conversation)).includes('written meanwhile'),
      );
      await until('and nothing is missing', async () => {
        const texts = await stage.bo.texts(conversation);
        return ['disguised', 'again 0', 'again 1'].every((text) => texts.includes(text));
      });
      // Under no keys but those of the new leaf.
      const asked = proxy.asked.slice(before).map(({ path }) => path);
      expect(asked.indexOf('conversations.send')).toBeGreaterThan(
        asked.lastIndexOf('conversations.commit'),
      );
      return stage.bo;
    },
  };
}

/** Bo says something, and has the server's answer before he has it from the log. */
async function isAnswered({ proxy, asha, bo, conversation }: Stage, text: string): Promise<void> {
  proxy.lies = { event: () => [] };
  await bo.say(conversation, text);
  await until(
    'it is answered',
    async () => (await rowsOf(bo, conversation)).at(-1)?.status === 'stored',
  );
  proxy.lies = {};
  await asha.say(conversation, 'heard');
  await until('the log is heard', async () => (await bo.texts(conversation)).includes('heard'));
}

/** What is asked on the way, in this order. */
const paths = ['conversations.pull', 'conversations.groupInfo'];

/** What Bo writes on the way is said to stand in the log, where something else stands at the next try.
 * @param behind how far behind what he has: Asha's message is the first there, and the commit that he joins by the next. */
function saidToStand(where: string, behind: number): RejoinLie {
  return {
    name: `what is written meanwhile is said to stand ${where}`,
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      const { proxy, asha, bo, conversation } = stage;
      await isAnswered(stage, 'sent');
      const { cursor } = await recordOf(bo, conversation);
      const own = bo.client.snapshot.self?.deviceId;
      const { answer, ...lies } = disguised();
      const failing: Lies = {
        instead: ({ path }) =>
          path === 'conversations.groupInfo' ? { error: 'internal' } : undefined,
      };
      proxy.lies = { ...lies, ...failing };
      await asha.say(conversation, 'disguised');
      await until('he is out', async () => (await recordOf(bo, conversation)).state === 'out');
      const id = await bo.say(conversation, 'never sent');
      await bo.say(conversation, 'written after it');
      const forged = (entry: Envelope): Envelope => ({
        ...entry,
        id,
        seq: cursor + behind,
        kind: 'message',
        senderDevice: own ?? entry.senderDevice,
      });
      proxy.lies = {
        ...lies,
        ...failing,
        answer: (question, data) => {
          if (question.path !== 'conversations.pull') return answer?.(question, data);
          const { entries } = data as { entries: Envelope[] };
          const told = entries.slice(0, behind - 1);
          const [first] = entries;
          return { entries: first ? [...told, forged(first)] : told, head: cursor + behind };
        },
      };
      const rowOf = async () => (await rowsOf(bo, conversation)).find((row) => row.id === id);
      await until('it is said to be there', async () => {
        stage.pauses.end();
        return (await rowOf())?.status === 'stored';
      });
      // A way back for which the log was lied about comes to nothing: else that log would be the one to go on from.
      await until('that way back has failed', () => {
        const ways = proxy.asked.filter(({ path }) => paths.includes(path));
        return ways.at(-1)?.path === 'conversations.groupInfo';
      });
      await isBack(stage);
      await until('it can be said again', async () => (await rowOf())?.status === 'failed');
      await until('what else was said is there', () =>
        hasTexts(bo, conversation, [
          'hello Bo',
          'hello Asha',
          'sent',
          'heard',
          'disguised',
          'written after it',
          'never sent',
        ]),
      );
    },
  };
}

export const rejoinLies: RejoinLie[] = [
  hangsAt('conversations.groupInfo'),
  hangsAt('conversations.commit'),
  placed('where one has been', () => 2),
  placed('further behind', (seq) => seq + 3),
  fails('it fails for a while', () => Promise.resolve()),
  fails('it fails, and the page is reloaded', async (stage) => {
    await stage.again();
  }),
  fails('it fails, and after a reload the conversation is named no more', async (stage) => {
    stage.proxy.lies.answer = ({ path }, data) =>
      path === 'conversations.heads' ? { heads: [], more: false } : data;
    await stage.again();
  }),
  fails('it fails, and the connection is lost', async ({ proxy, bo }) => {
    proxy.cut();
    await until('it is noticed', () => bo.client.snapshot.connection !== 'online');
    await bo.client.run<'reconnect'>({ type: 'reconnect' });
  }),
  saidToStand('where the other’s message does', 1),
  saidToStand('where one’s commit does', 2),
  {
    name: 'what one sent is said to stand far behind, and to be somebody else’s where it stands',
    sees: { notice: 'copied' },
    async tell(stage) {
      const { proxy, asha, bo, conversation } = stage;
      const id = newMessageId();
      const renamed = (envelope: Envelope): Envelope => ({
        ...envelope,
        id: envelope.id === id ? (`${'x'.repeat(21)}A` as Envelope['id']) : envelope.id,
      });
      const { answer } = onEnvelopes((envelope) => [renamed(envelope)]);
      proxy.lies = {
        event: () => [],
        answer: (question, data) =>
          question.path === 'conversations.send'
            ? { ...(data as object), seq: 2 ** 39 }
            : answer?.(question, data),
      };
      const command = { type: 'send_text', conversationId: conversation, text: 'sent' } as const;
      await bo.client.run<'send_text'>({ ...command, messageId: id });
      const rowOf = async () => (await rowsOf(bo, conversation)).find((row) => row.id === id);
      await until('it is answered', async () => (await rowOf())?.status === 'stored');
      delete proxy.lies.event;
      await asha.say(conversation, 'and then');
      await until(
        'it is known that it was not so',
        async () => (await rowOf())?.status === 'failed',
      );
      await until(
        'what was said is in its order',
        async () =>
          JSON.stringify((await bo.texts(conversation)).slice(-2)) === '["and then","sent"]',
      );
    },
  },
  {
    name: 'somebody else’s commit is said to have come first, each time',
    sees: { problem: 'answer_malformed' },
    async tell(stage) {
      const before = stage.proxy.asked.length;
      const commits = () => askedSince(stage, before, 'conversations.commit').length;
      stage.proxy.lies = {
        ...disguised(),
        instead: ({ path }) =>
          path === 'conversations.commit' ? { error: 'epoch_conflict' } : undefined,
      };
      await stage.asha.say(stage.conversation, 'disguised');
      await until('it is told of', () => showed(stage.bo, 'answer_malformed'));
      expect(commits()).toBe(10);
      await saysOften(stage, 4);
      expect(commits()).toBe(10);
      stage.pauses.end();
      await until('it is tried again', () => commits() === 20);
      await isBack(stage);
    },
  },
  {
    name: 'the state to join by is of another epoch than it is said to be',
    sees: { problem: 'key_unverifiable' },
    async tell(stage) {
      const before = stage.proxy.asked.length;
      const { answer, ...lies } = disguised();
      stage.proxy.lies = {
        ...lies,
        answer: (question, data) =>
          question.path === 'conversations.groupInfo'
            ? { ...(data as object), epoch: (data as { epoch: number }).epoch + 1 }
            : answer?.(question, data),
      };
      await saysOften(stage, 4);
      await until('it is told of', () => showed(stage.bo, 'key_unverifiable'));
      expect(askedSince(stage, before, 'conversations.groupInfo')).toHaveLength(1);
      expect(askedSince(stage, before, 'conversations.commit')).toHaveLength(0);
    },
  },
];
