/** Where lies are told: Bo's client speaks to a server that lies, Asha's to the honest one. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';
import type { ConversationId, Message, NoticeCode, ProblemCode } from '../../index.js';
import type { ConversationRecord } from '../../conversations/state.js';
import type { Envelope, LiveEvent } from '../../transport/contract.js';
import { until, type Person, type PersonOptions } from '../person.js';
import { createWorld, type World } from '../world.js';
import { startProxy, type Proxy } from './proxy.js';

/** What the person sees of a lie, or why there is nothing to be seen. */
export type Sees =
  | { problem: ProblemCode }
  /** A line in the conversation. */
  | { notice: NoticeCode }
  /** The place of a message that did not arrive. */
  | { place: 'pending' | 'lost' }
  /** The other's key has changed: nothing is sent before the person decides. */
  | { keyChanged: true }
  /** Only comparing safety numbers tells. */
  | { safetyNumbers: 'differ' }
  /** What was asked for is refused, in a sentence where it was asked. */
  | { refused: ProblemCode }
  /** Nothing came of it, and the chat goes on. */
  | { harmless: string };

export interface Lie {
  name: string;
  sees: Sees;
  /** Tells the lie and waits until what has to be seen is there.
   * @returns the person who sees it; anything else: Bo, as the stage has him. */
  tell(stage: Stage): Promise<unknown>;
}

export interface Stage {
  readonly world: World;
  readonly proxy: Proxy;
  readonly asha: Person;
  readonly bo: Person;
  readonly conversation: ConversationId;
  /** Whoever Bo is after a reload. */
  again(): Promise<Person>;
  /** Takes the lies back and has both say something: it arrives. */
  goesOn(bo?: Person): Promise<void>;
}

export const isMessage = (event: LiveEvent): event is Extract<LiveEvent, { type: 'envelope' }> =>
  event.type === 'envelope' && event.envelope.kind === 'message';

/** Changes the envelopes that come to Bo, live and pulled alike. */
export function onEnvelopes(change: (envelope: Envelope) => Envelope[]): Proxy['lies'] {
  return {
    event: (event) =>
      event.type === 'envelope'
        ? change(event.envelope).map((envelope) => ({ ...event, envelope }))
        : [event],
    answer: ({ path }, data) => {
      if (path !== 'conversations.pull') return undefined;
      const page = data as { entries: Envelope[] };
      return { ...page, entries: page.entries.flatMap(change) };
    },
  };
}

export const problemOf = ({ client }: Person): ProblemCode | undefined =>
  client.snapshot.problem?.code;

/** Whether a problem was shown at any time: a later connection takes it back. */
export const showed = ({ events }: Person, code: ProblemCode): boolean =>
  events.some((event) => event.type === 'snapshot' && event.snapshot.problem?.code === code);

export const recordOf = async ({ store }: Person, conversation: ConversationId) =>
  (await store.get('conversations', [conversation])) as ConversationRecord;

export async function rowsOf(person: Person, conversation: ConversationId): Promise<Message[]> {
  return person.client.snapshot.conversations.some(({ id }) => id === conversation)
    ? person.history(conversation)
    : [];
}

/** Waits until the server has all that somebody said. */
export const isStored = (person: Person, conversation: ConversationId): Promise<void> =>
  until('it is stored', async () =>
    (await rowsOf(person, conversation)).every(({ status }) => status === 'stored'),
  );

/** One world for a table of lies, and a liar in it. */
export function createStages(environment: Record<string, string> = {}): {
  world: World;
  proxy: () => Proxy;
  stage(options?: { asha?: Partial<PersonOptions>; bo?: Partial<PersonOptions> }): Promise<Stage>;
} {
  const world = createWorld(environment);
  let proxy: Proxy | undefined;
  const present = (): Proxy => {
    if (proxy === undefined) throw new Error('not started');
    return proxy;
  };
  beforeAll(async () => {
    proxy = await startProxy(world.server.url);
  });
  afterEach(() => {
    present().lies = {};
  });
  afterAll(() => proxy?.close());
  return {
    world,
    proxy: present,
    async stage({ asha: first, bo: second } = {}) {
      const liar = present();
      const [asha, bo, conversation] = await world.couple([
        first,
        { serverUrl: liar.url, ...second },
      ]);
      await until('both are as far, and at rest', async () => {
        const [ashas, bos] = [await recordOf(asha, conversation), await recordOf(bo, conversation)];
        const isOnline = bo.client.snapshot.connection === 'online';
        const isEven = ashas.epoch === bos.epoch && ashas.cursor === bos.cursor;
        // What was pulled may still come live, late: no lie is to be told about that.
        const isTold = (liar.told.get(conversation) ?? 0) >= bos.cursor;
        return isOnline && isEven && isTold;
      });
      return stageOf({ world, proxy: liar, asha, bo, conversation });
    },
  };
}

function stageOf(base: Omit<Stage, 'again' | 'goesOn'>): Stage {
  const { world, proxy, asha, conversation } = base;
  let { bo } = base;
  let words = 0;
  return {
    ...base,
    get bo() {
      return bo;
    },
    async again() {
      bo = world.keep(await bo.reload());
      return bo;
    },
    async goesOn(person = bo) {
      proxy.lies = {};
      words += 1;
      const [there, back] = [`there ${String(words)}`, `and back ${String(words)}`];
      await asha.say(conversation, there);
      await until('Bo hears', async () => (await person.texts(conversation)).includes(there));
      await person.say(conversation, back);
      await until('Asha hears', async () => (await asha.texts(conversation)).includes(back));
      expect((await person.texts(conversation)).filter((text) => text === there)).toHaveLength(1);
    },
  };
}

/** A socket that a proxy on the way lets nobody open: the client goes over HTTP. */
export class Blocked extends NodeWebSocket {
  constructor() {
    super('ws://127.0.0.1:1/');
  }
}
