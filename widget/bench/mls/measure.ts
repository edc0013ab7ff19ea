/** What MLS costs at one size of group, wherever this runs. */
import { utf8 } from '../../src/core/bytes.js';
import {
  commit,
  encodeGroup,
  encrypt,
  open,
  paddedLength,
  type Group,
} from '../../src/core/mls/index.js';
import { microseconds } from '../timing.js';
import { bareCryptography } from './floors.js';
import { enter, found, gather, type People } from './group.js';

export interface MlsInput {
  leaves: number;
  rounds: number;
  /** Messages in a round. */
  messages: number;
}

/** Milliseconds each. */
export interface MlsTimes {
  send: number;
  receive: number;
  create: number;
  join: number;
  commit: number;
  openCommit: number;
}

export interface MlsResult {
  leaves: number;
  times: MlsTimes;
  floors: MlsTimes;
  bytes: { message: number; commit: number; welcome: number; perMessage: number; perEpoch: number };
}

const text = utf8('{"type":"text","text":"A line as people write it, some sixty characters."}');

/** Bytes that the store is given for a step from one state to the next. */
const written = (group: Group, before: Group): number =>
  encodeGroup(group, before).reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);

const required = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('nothing there');
  return value;
};

/** Messages of a conversation under way, from the founder to the other, each encoded for the store as in life. */
async function messageTimes(people: People, { rounds, messages }: MlsInput) {
  const start = await found(people);
  let [sender, receiver] = [start.group, await enter(people, start)];
  const waiting: Uint8Array[] = [];
  let message = 0;
  let perMessage = 0;
  const times = await microseconds(
    { rounds, times: messages },
    {
      send: async () => {
        const sent = await encrypt(sender, text);
        perMessage = written(sent.group, sender);
        sender = sent.group;
        message = sent.ciphertext.length;
        waiting.push(sent.ciphertext);
      },
      receive: async () => {
        const opened = await open(receiver, required(waiting.shift()), people.trust);
        written(opened.group, receiver);
        receiver = opened.group;
      },
    },
  );
  return { times, message, perMessage };
}

/** Everything that happens once per group, device or epoch. */
async function groupTimes(people: People, { rounds }: MlsInput) {
  let founded = await found(people);
  let joined = await enter(people, founded);
  let made = await commit(founded.group, { trust: people.trust });
  const sizes = { commit: made.commit.length, welcome: founded.welcome.length };
  const perEpoch = written(made.group, founded.group);
  const times = await microseconds(
    { rounds, times: 1 },
    {
      create: async () => (founded = await found(people)),
      join: async () => (joined = await enter(people, founded)),
      commit: async () => (made = await commit(founded.group, { trust: people.trust })),
      openCommit: () => open(joined, made.commit, people.trust),
    },
  );
  return { times, sizes, perEpoch };
}

/** The bare cryptography that no way leads around: what is signed and encrypted once per message; an encapsulation
 * for every other leaf of a fresh tree; every leaf's signature and certificate. */
async function floorsOf({ leaves, rounds }: MlsInput): Promise<MlsTimes> {
  const bare = await bareCryptography(paddedLength(text.length));
  const {
    seal,
    open: opened,
    verify,
    encapsulate,
    decapsulate,
  } = await microseconds(
    { rounds, times: 20 },
    {
      seal: bare.seal,
      open: bare.open,
      verify: bare.verify,
      encapsulate: bare.encapsulate,
      decapsulate: bare.decapsulate,
    },
  );
  return {
    send: seal / 1_000,
    receive: opened / 1_000,
    create: ((leaves - 1) * encapsulate) / 1_000,
    join: (decapsulate + 2 * leaves * verify) / 1_000,
    commit: ((leaves - 1) * encapsulate) / 1_000,
    openCommit: (decapsulate + verify) / 1_000,
  };
}

/** One size of group. */
export async function measureMls(input: MlsInput): Promise<MlsResult> {
  const people = await gather(input.leaves);
  const messages = await messageTimes(people, input);
  const groups = await groupTimes(people, input);
  const { send, receive } = messages.times;
  const { create, join, commit: commits, openCommit } = groups.times;
  return {
    leaves: input.leaves,
    times: {
      send: send / 1_000,
      receive: receive / 1_000,
      create: create / 1_000,
      join: join / 1_000,
      commit: commits / 1_000,
      openCommit: openCommit / 1_000,
    },
    floors: await floorsOf(input),
    bytes: {
      ...groups.sizes,
      message: messages.message,
      perMessage: messages.perMessage,
      perEpoch: groups.perEpoch,
    },
  };
}
