/** Lies about the group: commits withheld, forged and forked, states of old, members that do not belong. */
import { expect } from 'vitest';
import { randomBytes, toBase64Url } from '../../bytes.js';
import { systemClock } from '../../client/ports.js';
import { newMessageId } from '../../conversations/message-id.js';
import { groupOf } from '../../conversations/draft.js';
import { createDevice, generateSigningKey } from '../../identity/index.js';
import type { Address, ConversationId } from '../../ids.js';
import {
  commit,
  createGroup,
  generateKeyPackage,
  joinExternally,
  suiteNumber,
  type DeviceIdentity,
  type Trust,
} from '../../mls/index.js';
import { joinCarelessly } from '../../mls/test/people.js';
import type { Connection, Envelope, Head } from '../../transport/contract.js';
import { addressOf, transportOf, until, type Person } from '../person.js';
import { onEnvelopes, problemOf, recordOf, rowsOf, type Lie, type Stage } from './stage.js';
import { engineOf } from '../world.js';

const weekLater = { ...systemClock, now: () => Date.now() + 8 * 24 * 3_600_000 };
/** What a modified client, or a server in its place, believes. */
const credulous: Trust = {
  members: { has: () => true } as unknown as ReadonlySet<Address>,
  pinned: () => true,
};
const madeUp = async (address: string): Promise<DeviceIdentity> =>
  createDevice(address as Address, await generateSigningKey());

async function asServer<Result>(
  { world }: Stage,
  person: Person,
  ask: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await transportOf(world.server, person.site).connect({
    session: ((await person.store.get('meta', ['session'])) as { token: Uint8Array }).token,
    signal: new AbortController().signal,
  });
  try {
    return await ask(connection);
  } finally {
    connection.close();
  }
}

/** Somebody comes back after a week, and renews the keys. */
async function withNewKeys({ world, conversation }: Stage, person: Person): Promise<Person> {
  const { epoch } = await recordOf(person, conversation);
  const later = world.keep(await person.reload({ clock: weekLater }));
  await until(
    'there are new keys',
    async () => (await recordOf(later, conversation)).epoch > epoch,
  );
  return later;
}

/** Puts an entry of the server's making behind all that the log holds, for Bo alone. */
function append(stage: Stage, fields: Pick<Envelope, 'ciphertext'> & Partial<Envelope>): void {
  const forged = (seq: number): Envelope => ({
    kind: 'commit',
    id: newMessageId(),
    senderDevice: `${'z'.repeat(21)}A` as Envelope['senderDevice'],
    epoch: 1,
    storedAt: Date.now(),
    ...fields,
    seq,
  });
  stage.proxy.lies = {
    answer: ({ path }, data) => {
      const page = data as { entries: Envelope[]; head: number };
      if (path === 'conversations.pull')
        return { entries: [...page.entries, forged(page.head + 1)], head: page.head + 1 };
      if (path !== 'conversations.heads') return data;
      const { heads } = data as { heads: Head[] };
      return { heads: heads.map((head) => ({ ...head, head: head.head + 1 })), more: false };
    },
  };
}

/** A device of this identity enters the group behind Bo's back. */
function entersAs(name: string, identityOf: (stage: Stage) => Promise<DeviceIdentity>): Lie {
  return {
    name,
    sees: { problem: 'member_refused' },
    async tell(stage) {
      const { conversation: conversationId, bo } = stage;
      const { groupInfo } = await asServer(stage, bo, (connection) =>
        connection.groupInfo(conversationId),
      );
      const identity = await identityOf(stage);
      append(stage, { ciphertext: await joinCarelessly(identity, { conversationId, groupInfo }) });
      const again = await stage.again();
      await until('the group is shown as broken', () =>
        again.client.snapshot.conversations.some(({ state }) => state === 'broken'),
      );
      return again;
    },
  };
}

/** Bo has to join again, and is given this to join by. */
async function joinsBy(
  stage: Stage,
  groupInfo: Uint8Array,
  instead?: Stage['proxy']['lies']['instead'],
): Promise<void> {
  stage.proxy.lies = {
    ...onEnvelopes((envelope) => [{ ...envelope, kind: 'commit' }]),
    instead,
  };
  const { answer } = stage.proxy.lies;
  stage.proxy.lies.answer = (question, data) =>
    question.path === 'conversations.groupInfo'
      ? { ...(data as object), groupInfo }
      : answer?.(question, data);
  await stage.asha.say(stage.conversation, 'disguised');
}

const waitingHead = (fields: Partial<Head>): Head => ({
  conversationId: toBase64Url(randomBytes(16)) as ConversationId,
  suite: suiteNumber,
  members: [],
  head: 0,
  epoch: 1,
  welcome: null,
  ...fields,
});

export const groupLies: Lie[] = [
  {
    name: 'a commit is withheld from one side',
    sees: { notice: 'rejoined' },
    async tell(stage) {
      const { asha, bo, conversation } = stage;
      let [first, withheld]: (Envelope | undefined)[] = [];
      stage.proxy.lies = onEnvelopes((envelope) => {
        if (envelope.kind === 'message') first ??= envelope;
        else withheld ??= envelope;
        return [first && envelope.id === withheld?.id ? { ...first, seq: envelope.seq } : envelope];
      });
      await asha.say(conversation, 'before the commit');
      await until('Bo has it', async () => (await bo.texts(conversation)).length === 3);
      const later = await withNewKeys(stage, asha);
      await later.say(conversation, 'under new keys');
      await until('Bo reads it', async () =>
        (await bo.texts(conversation)).includes('under new keys'),
      );
    },
  },
  {
    name: 'two commits win the same epoch, one on each side',
    sees: { place: 'pending' },
    async tell(stage) {
      const { asha, bo, conversation } = stage;
      const own = bo.client.snapshot.self?.deviceId;
      const made: Envelope[] = [];
      const { head } = await asServer(stage, bo, async (connection) => {
        const { heads } = await connection.heads();
        return heads.find(({ conversationId }) => conversationId === conversation) ?? { head: 0 };
      });
      stage.proxy.lies = {
        instead: ({ path, input }) => {
          if (path !== 'conversations.commit' || own === undefined) return undefined;
          const { id, epoch, commit: ciphertext } = input as Envelope & { commit: Uint8Array };
          const at = { seq: head + 1, storedAt: Date.now() };
          made.push({ ...at, kind: 'commit', id, senderDevice: own, epoch, ciphertext });
          return { data: at };
        },
        answer: ({ path }, data) => {
          const page = data as { entries: Envelope[]; head: number };
          if (path !== 'conversations.pull' || page.entries.length > 0) return data;
          return { entries: made, head: head + made.length };
        },
      };
      const later = await withNewKeys(stage, bo);
      await asha.say(conversation, 'in the place of the commit');
      await asha.say(conversation, 'after it');
      return later;
    },
  },
  {
    name: 'an old state is given to join by',
    sees: { problem: 'server_back' },
    async tell(stage) {
      const { conversation } = stage;
      const { groupInfo } = await asServer(stage, stage.bo, (connection) =>
        connection.groupInfo(conversation),
      );
      const later = await withNewKeys(stage, stage.bo);
      await joinsBy(stage, groupInfo);
      return later;
    },
  },
  {
    name: 'the log is shorter than it was',
    sees: { problem: 'server_back' },
    async tell(stage) {
      stage.proxy.lies = {
        answer: ({ path }, data) => {
          if (path !== 'conversations.heads') return data;
          const { heads } = data as { heads: Head[] };
          return { heads: heads.map((head) => ({ ...head, head: 1 })), more: false };
        },
      };
      const again = await stage.again();
      await until('it is not followed', () =>
        again.client.snapshot.conversations.some(({ state }) => state === 'broken'),
      );
      // Not even when the stream speaks of it once more: only an answer shows that it came forward again.
      const head = waitingHead({
        conversationId: stage.conversation,
        members: [addressOf(stage.asha), addressOf(again)],
        head: 1,
      });
      stage.proxy.invent({ type: 'conversation', head });
      await again.say(stage.conversation, 'later');
      stage.proxy.lies = {};
      stage.proxy.cut();
      await until('an honest server is followed again', async () =>
        (await stage.asha.texts(stage.conversation)).includes('later'),
      );
      await until('and the sentence goes', () => problemOf(again) === undefined);
      return again;
    },
  },
  entersAs('a stranger enters by a commit', () => madeUp('@mallory@shop.example')),
  entersAs('somebody enters in the other’s name', ({ asha }) => madeUp(addressOf(asha))),
  entersAs('a device of one’s own is invented', ({ bo }) => madeUp(addressOf(bo))),
  {
    name: 'a member adds a stranger',
    sees: { problem: 'member_refused' },
    async tell(stage) {
      const engine = await engineOf(stage.world, stage.asha);
      const conversation = engine.directory.get(stage.conversation);
      const group = await conversation.change((draft) => groupOf(draft));
      await engine.stop();
      if (group === null) throw new Error('no group');
      const { publicBytes } = await generateKeyPackage(await madeUp('@mallory@shop.example'));
      const added = await commit(group, { add: [publicBytes], trust: credulous });
      append(stage, { ciphertext: added.commit });
      return stage.again();
    },
  },
  {
    name: 'the state to join by has a stranger in it',
    sees: { problem: 'member_refused' },
    async tell(stage) {
      const { conversation: conversationId } = stage;
      const { groupInfo } = await asServer(stage, stage.bo, (connection) =>
        connection.groupInfo(conversationId),
      );
      const identity = await madeUp('@mallory@shop.example');
      const joined = await joinExternally({
        identity,
        conversationId,
        groupInfo,
        trust: credulous,
      });
      await joinsBy(stage, joined.groupInfo);
    },
  },
  {
    name: 'the state to join by has a stranger in it, and the directory another account in the other’s name',
    sees: { keyChanged: true },
    async tell(stage) {
      const { conversation: conversationId, asha, bo } = stage;
      const { groupInfo } = await asServer(stage, bo, (connection) =>
        connection.groupInfo(conversationId),
      );
      const joined = await joinExternally({
        identity: await madeUp('@mallory@shop.example'),
        conversationId,
        groupInfo,
        trust: credulous,
      });
      const other = await madeUp(addressOf(asha));
      const { address, accountKey, deviceId: id, deviceKey, certificate } = other;
      const devices = [{ id, signatureKey: deviceKey.publicKey, certificate }];
      const card = { address, accountKey: accountKey.publicKey, devices };
      await joinsBy(stage, joined.groupInfo, ({ path }) =>
        path === 'accounts.lookUp' ? { data: card } : undefined,
      );
    },
  },
  {
    name: 'the state to join by is none',
    sees: { problem: 'key_unverifiable' },
    tell: (stage) => joinsBy(stage, randomBytes(300)),
  },
  {
    name: 'a Welcome has a stranger in its tree',
    sees: { problem: 'member_refused' },
    async tell(stage) {
      const mallory = await madeUp('@mallory@shop.example');
      const [package_] = await asServer(stage, stage.asha, (connection) =>
        connection.claimKeyPackages(addressOf(stage.bo)),
      );
      const { publicBytes } = await generateKeyPackage(await madeUp('@eve@shop.example'));
      const head = waitingHead({ members: [addressOf(stage.bo), mallory.address] });
      const { welcome } = await createGroup({
        identity: mallory,
        conversationId: head.conversationId,
        keyPackages: [package_?.keyPackage ?? new Uint8Array(), publicBytes],
        trust: credulous,
      });
      stage.proxy.invent({ type: 'conversation', head: { ...head, welcome: { seq: 0, welcome } } });
    },
  },
  {
    name: 'a Welcome is to a group of others, of many, or of nobody',
    sees: { harmless: 'a conversation is one of two accounts, one of them this' },
    async tell(stage) {
      const others = ['@mallory@shop.example', '@eve@shop.example'] as Address[];
      for (const members of [[], others, [addressOf(stage.bo), ...others]])
        stage.proxy.invent({ type: 'conversation', head: waitingHead({ members }) });
      await stage.goesOn();
      expect(stage.bo.client.snapshot.conversations).toHaveLength(1);
    },
  },
  {
    name: 'a Welcome is for nobody',
    sees: { harmless: 'what it names waits, and holds nothing' },
    async tell(stage) {
      const head = waitingHead({
        members: [addressOf(stage.bo), '@mallory@shop.example' as Address],
        welcome: { seq: 0, welcome: randomBytes(500) },
      });
      stage.proxy.invent({ type: 'conversation', head });
      await until('it waits', () => stage.bo.client.snapshot.conversations.length === 2);
      expect(await rowsOf(stage.bo, head.conversationId)).toEqual([]);
    },
  },
];
