/** What a conversation costs in a browser's own database, as its history grows. */
import {
  createClient,
  createMemoryStore,
  openIndexedDbStore,
  type Client,
  type ConversationId,
  type MessageId,
  type Store,
} from '../../src/core/index.js';
import type { MessageRow } from '../../src/core/conversations/draft.js';
import { median } from '../timing.js';

export interface GrowthInput {
  serverUrl: string;
  siteKey: string;
  origin: string;
  /** Messages that the history holds. */
  sizes: number[];
  /** Times that each thing is done. */
  times: number;
}

/** Milliseconds each. */
export interface GrowthTimes {
  messages: number;
  /** From nothing to the newest page on the screen. */
  open: number;
  /** Until one message is stored and shown. */
  send: number;
  /** One message of many that waited at the server. */
  pull: number;
  /** One page further back. */
  scroll: number;
  /** The oldest page of all. */
  oldest: number;
}

const pageRows = 50;

/** Resolves when it holds, asked at every change of the client. */
function until(client: Client, holds: () => boolean): Promise<void> {
  const over = new AbortController();
  return new Promise((resolve) => {
    const check = (): void => {
      if (!holds()) return;
      over.abort();
      resolve();
    };
    client.subscribe(check, over.signal);
    check();
  });
}

const online = (client: Client): Promise<void> =>
  until(client, () => client.snapshot.connection === 'online' && client.snapshot.phase === 'ready');

/** Everything that was sent has its place in the log. */
const nothingWaits = (client: Client): Promise<void> =>
  until(client, () => client.snapshot.conversations[0]?.last?.status === 'stored');

const say = (client: Client, conversationId: ConversationId, text: string) =>
  client.run<'send_text'>({ type: 'send_text', conversationId, text });

const page = (client: Client, conversationId: ConversationId, before?: number) =>
  client.run<'history'>({
    type: 'history',
    conversationId,
    limit: pageRows,
    ...(before !== undefined && { before }),
  });

const claim = async (client: Client, handle: string): Promise<void> => {
  await until(client, () => client.snapshot.connection === 'online');
  await client.run<'claim_handle'>({ type: 'claim_handle', handle });
  await online(client);
};

/** Where the oldest of so many messages stands: the log itself begins at 1. */
const firstOrder = (count: number): number => -count - 10;

/** Puts a history before everything that the server's log holds: rows as the client itself writes them. */
async function fill(store: Store, conversationId: ConversationId, count: number): Promise<void> {
  const portion = 2_000;
  for (let from = 0; from < count; from += portion) {
    const writes = Array.from({ length: Math.min(portion, count - from) }, (_, index) => {
      const order = firstOrder(count) + from + index;
      const id = `m${String(from + index).padStart(20, '0')}A` as MessageId;
      const value: MessageRow = {
        id,
        at: 1_700_000_000_000 + order * 60_000,
        author: index % 2 === 0 ? 'self' : 'peer',
        status: 'stored',
        body: { type: 'text', text: `line ${String(order)}, about as long as what people write` },
      };
      return [
        { table: 'messages' as const, key: [conversationId, order], value },
        { table: 'message_ids' as const, key: [conversationId, id], value: order },
      ];
    });
    await store.commit(writes.flat());
  }
}

/** A couple: one measured, with a database on disk, and the other, who answers. */
class Couple {
  readonly #input: GrowthInput;
  readonly #name: string;
  /** The other's memory outlives the client. */
  readonly #otherStore: Store = { ...createMemoryStore(), close: async () => undefined };

  constructor(input: GrowthInput, name: string) {
    this.#input = input;
    this.#name = name;
  }

  #client(store: Store): Promise<Client> {
    const { serverUrl, siteKey, origin } = this.#input;
    return createClient({ store, serverUrl, siteKey, origin, media: null });
  }

  store = (): Promise<Store> => openIndexedDbStore({ name: this.#name });
  measured = async (): Promise<Client> => this.#client(await this.store());
  other = (): Promise<Client> => this.#client(this.#otherStore);

  /** Both claim their handles and greet each other. */
  async meet(): Promise<ConversationId> {
    const [ada, ben] = [await this.measured(), await this.other()];
    await claim(ada, `a_${this.#name}`);
    await claim(ben, `b_${this.#name}`);
    const address = `@b_${this.#name}`;
    const { conversationId } = await ada.run<'open_conversation'>({
      type: 'open_conversation',
      address,
    });
    await say(ada, conversationId, 'hello');
    await until(ben, () => ben.snapshot.conversations[0]?.last?.body.type === 'text');
    await say(ben, conversationId, 'hello');
    await until(ada, () => ada.snapshot.conversations[0]?.last?.author === 'peer');
    await Promise.all([nothingWaits(ada), nothingWaits(ben)]);
    await Promise.all([ada.close(), ben.close()]);
    return conversationId;
  }
}

async function timed<Result>(work: () => Promise<Result>): Promise<[number, Result]> {
  const since = performance.now();
  const result = await work();
  return [performance.now() - since, result];
}

async function openTimes(couple: Couple, id: ConversationId, times: number): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const [ms, client] = await timed(async () => {
      const opened = await couple.measured();
      await page(opened, id);
      return opened;
    });
    taken.push(ms);
    await client.close();
  }
  return median(taken);
}

async function sendTimes(client: Client, id: ConversationId, times: number): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const [ms] = await timed(() => say(client, id, `message ${String(time)}`));
    taken.push(ms);
    await nothingWaits(client);
  }
  return median(taken);
}

/** The other writes while this device is away; then it comes back and takes all of it. */
async function pullTime(couple: Couple, id: ConversationId, messages: number): Promise<number> {
  const other = await couple.other();
  await online(other);
  for (let count = 0; count < messages; count += 1) await say(other, id, String(count));
  await nothingWaits(other);
  await other.close();
  const client = await couple.measured();
  const last = String(messages - 1);
  let first = 0;
  await until(client, () => {
    const { body } = client.snapshot.conversations[0]?.last ?? {};
    if (first === 0 && client.snapshot.connection === 'online') first = performance.now();
    return body?.type === 'text' && body.text === last;
  });
  const ms = (performance.now() - first) / messages;
  await client.close();
  return ms;
}

/** Pages from the newest back, and the oldest one. */
async function scrollTimes(
  client: Client,
  id: ConversationId,
  { times, count }: { times: number; count: number },
) {
  let { messages, more } = await page(client, id);
  const taken: number[] = [];
  for (let time = 0; time < times && more; time += 1) {
    const before = messages[0]?.order;
    const [ms, next] = await timed(() => page(client, id, before));
    ({ messages, more } = next);
    taken.push(ms);
  }
  const oldest: number[] = [];
  const end = firstOrder(count) + pageRows;
  for (let time = 0; time < times; time += 1) {
    const [ms] = await timed(() => page(client, id, end + (time % pageRows)));
    oldest.push(ms);
  }
  return { scroll: median(taken), oldest: median(oldest) };
}

async function measureSize(input: GrowthInput, messages: number): Promise<GrowthTimes> {
  const couple = new Couple(input, `growth_${String(messages)}`);
  const id = await couple.meet();
  const store = await couple.store();
  await fill(store, id, messages);
  await store.close();
  const open = await openTimes(couple, id, input.times);
  const pull = await pullTime(couple, id, input.times * 4);
  const client = await couple.measured();
  await online(client);
  const send = await sendTimes(client, id, input.times * 2);
  const scrolled = await scrollTimes(client, id, { times: input.times, count: messages });
  await client.close();
  return { messages, open, send, pull, ...scrolled };
}

/** Every size of history. */
export async function measureGrowth(input: GrowthInput): Promise<GrowthTimes[]> {
  const results: GrowthTimes[] = [];
  for (const size of input.sizes) results.push(await measureSize(input, size));
  return results;
}
