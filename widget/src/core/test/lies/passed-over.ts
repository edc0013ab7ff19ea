/** Lies about the part of the log that is passed over on the way back into a group. */
import { expect } from 'vitest';
import { newMessageId } from '../../conversations/message-id.js';
import type { DeviceId, MessageId } from '../../ids.js';
import { until } from '../person.js';
import { hasTexts } from '../world.js';
import type { Lies, Said } from './proxy.js';
import { askedSince, disguised, isBack, type RejoinLie } from './rejoin.js';
import { isStored, onEnvelopes, recordOf, rowsOf, type Stage } from './stage.js';

/** The answer to what is under way is held back until the log was looked at, and then it is not so. */
const answeredLate: RejoinLie = {
  name: 'what was under way is said to stand where the log was looked at already, and thrown away',
  sees: { harmless: 'it waits, and is sent once the device is back' },
  async tell({ proxy, asha, bo, conversation }) {
    const { cursor } = await recordOf(bo, conversation);
    const { length: before } = proxy.asked;
    let answer: (said: Said) => void = () => undefined;
    const late = new Promise<Said>((resolve) => (answer = resolve));
    proxy.lies = {
      event: disguised().event,
      instead: ({ path }) => {
        if (path === 'conversations.send') return late;
        if (path !== 'conversations.groupInfo') return undefined;
        // From here on the server tells the truth.
        proxy.lies = {};
        answer({ data: { seq: cursor + 1, storedAt: Date.now() } });
        return undefined;
      },
    };
    await bo.say(conversation, 'under way');
    await until('it is sent', () =>
      proxy.asked.slice(before).some(({ path }) => path === 'conversations.send'),
    );
    await asha.say(conversation, 'disguised');
    await until('it arrives', async () => (await asha.texts(conversation)).includes('under way'));
    await until('nothing is missing', () =>
      hasTexts(bo, conversation, ['hello Bo', 'hello Asha', 'disguised', 'under way']),
    );
  },
};

/** Two messages that Bo passes over on his way bear one id. */
const namedAlike: RejoinLie = {
  name: 'two messages that are passed over bear one id',
  sees: { harmless: 'both come, each in a row of its own' },
  async tell(stage) {
    const { proxy, pauses, asha, bo, conversation } = stage;
    const { cursor } = await recordOf(bo, conversation);
    const { length: before } = proxy.asked;
    const failing: Lies['instead'] = ({ path }) =>
      path === 'conversations.groupInfo' ? { error: 'internal' } : undefined;
    proxy.lies = { ...disguised(), instead: failing };
    const id = await asha.say(conversation, 'one');
    await until(
      'he looked, and could not join',
      () => askedSince(stage, before, 'conversations.groupInfo').length > 0,
    );
    await asha.say(conversation, 'two');
    await isStored(asha, conversation);
    proxy.lies = onEnvelopes((entry) => [
      entry.seq > cursor && entry.kind === 'message' ? { ...entry, id } : entry,
    ]);
    await until('he is back', async () => {
      pauses.end();
      return (await recordOf(bo, conversation)).state === 'ready';
    });
    proxy.lies = {};
    await until('both are there, and nothing is missing', async () => {
      const rows = (await rowsOf(bo, conversation)).filter(({ body }) => body.type !== 'notice');
      const texts = rows.map(({ body }) => ('text' in body ? body.text : body.type));
      return texts.toSorted().join() === ['hello Asha', 'hello Bo', 'one', 'two'].join();
    });
  },
};

/** The commit by which Bo joined was taken, which he does not know, and then others are said to have come first. */
const takenBefore: RejoinLie = {
  name: 'one’s commit is taken, and then somebody else’s is said to have come first, each time',
  sees: { notice: 'rejoined' },
  async tell(stage) {
    const { proxy, asha, bo, conversation } = stage;
    const { length: before } = proxy.asked;
    const commits = () => askedSince(stage, before, 'conversations.commit').length;
    const { answer, ...lies } = disguised();
    proxy.lies = {
      ...lies,
      answer: (question, data) =>
        question.path === 'conversations.commit' ? {} : answer?.(question, data),
      instead: ({ path }) =>
        path === 'conversations.commit' && commits() > 1 ? { error: 'epoch_conflict' } : undefined,
    };
    await asha.say(conversation, 'disguised');
    await until('it is tried often', () => {
      stage.pauses.end();
      return commits() > 11;
    });
    await isBack(stage);
    await asha.say(conversation, 'and then');
    await until('nothing is missing', async () =>
      (await bo.texts(conversation)).includes('disguised'),
    );
    const notices = (await rowsOf(bo, conversation)).map(
      ({ body }) => 'notice' in body && body.notice,
    );
    expect(notices).not.toContain('copied');
  },
};

/** Bo says something that the server answers to have stored, and does not keep. @returns its id */
async function throwAway({ proxy, bo, conversation }: Stage, seq: number): Promise<MessageId> {
  proxy.lies = {
    instead: ({ path }) =>
      path === 'conversations.send' ? { data: { seq, storedAt: Date.now() } } : undefined,
  };
  const id = await bo.say(conversation, 'thrown away');
  await until(
    'it is answered',
    async () => (await rowsOf(bo, conversation)).at(-1)?.status === 'stored',
  );
  return id;
}

/** The log that Bo is shown on his way holds what the server threw away. */
const thrownAway: RejoinLie = {
  name: 'what one sent is thrown away, and said to be in the log that is passed over',
  sees: { harmless: 'the other misses it, and it is said again' },
  async tell(stage) {
    const { proxy, asha, bo, conversation } = stage;
    const { cursor } = await recordOf(bo, conversation);
    const own = bo.client.snapshot.self?.deviceId;
    const { length: before } = proxy.asked;
    const id = await throwAway(stage, cursor + 1);
    const claimed = onEnvelopes((entry) => [
      entry.seq === cursor + 1 ? { ...entry, id, senderDevice: own ?? entry.senderDevice } : entry,
    ]);
    const alsoCommit = onEnvelopes((entry) => [
      entry.seq === cursor + 1 ? { ...entry, id, kind: 'commit' } : entry,
    ]);
    proxy.lies = { ...claimed, event: alsoCommit.event };
    await asha.say(conversation, 'hidden');
    await until('he joins', () => askedSince(stage, before, 'conversations.commit').length > 0);
    await until('he is in', async () => (await recordOf(bo, conversation)).state === 'ready');
    proxy.lies = {};
    await bo.say(conversation, 'after it');
    await until('it is there', async () =>
      (await asha.texts(conversation)).includes('thrown away'),
    );
  },
};

/** What Bo sent is thrown away, and then something is made up that his former leaf had said. */
const saidBefore: RejoinLie = {
  name: 'what one sent is thrown away, and one’s former leaf is said to have spoken after it',
  sees: { notice: 'gap' },
  async tell(stage) {
    const { proxy, asha, bo, conversation } = stage;
    proxy.lies = disguised();
    await asha.say(conversation, 'disguised');
    await until(
      'he has joined again',
      async () => (await recordOf(bo, conversation)).joinedEpoch !== undefined,
    );
    const { cursor } = await recordOf(bo, conversation);
    const senderDevice = bo.client.snapshot.self?.deviceId ?? ('' as DeviceId);
    const id = await throwAway(stage, cursor + 1);
    const ids = [id, newMessageId()];
    proxy.lies = onEnvelopes((entry) => [
      { ...entry, id: ids[entry.seq - cursor - 1] ?? entry.id, senderDevice, epoch: 0 },
    ]);
    for (const text of ['hidden', 'hidden as well']) await asha.say(conversation, text);
    await until(
      'he takes it for his own',
      async () => (await recordOf(bo, conversation)).cursor === cursor + 2,
    );
    proxy.lies = {};
    await bo.say(conversation, 'after it');
    await until('the other misses it, and it is said again', async () =>
      (await asha.texts(conversation)).includes('thrown away'),
    );
  },
};

export const passedOverLies: RejoinLie[] = [
  answeredLate,
  namedAlike,
  takenBefore,
  thrownAway,
  saidBefore,
];
