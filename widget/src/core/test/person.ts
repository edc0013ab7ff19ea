/** Somebody with a client: what a page would do, and what one would see on it. */
import { WebSocket as NodeWebSocket } from 'ws';
import {
  createClient,
  createMemoryStore,
  type Client,
  type ClientEvent,
  type ConversationId,
} from '../index.js';
import { systemClock } from '../client/ports.js';
import type { Address, ClientPorts, Clock, Log, Message, MessageId, Store } from '../index.js';
import type { Transport } from '../transport/contract.js';
import { createTransport, type TransportPorts } from '../transport/transport.js';
import type { ServerProcess, TestSite } from './server-process.js';

export interface Person {
  readonly client: Client;
  readonly store: Store;
  readonly events: ClientEvent[];
  readonly site: TestSite;
  readonly logged: string[];
  /** All messages of a conversation, oldest first, read as pages. */
  history(conversationId: ConversationId): Promise<Message[]>;
  /** The texts among them. */
  texts(conversationId: ConversationId): Promise<string[]>;
  say(conversationId: ConversationId, text: string): Promise<MessageId>;
  /** The same person after a reload: the same store, a new client. */
  reload(ports?: Partial<ClientPorts>): Promise<Person>;
  /** Another client of the same person, while this one goes on. */
  twin(ports: Partial<ClientPorts>): Promise<Person>;
}

export interface PersonOptions extends Partial<ClientPorts> {
  server: ServerProcess;
  site: TestSite;
}

/** A memory store that a closed client leaves open: the disk of the next one. */
export function createDisk(): Store {
  return { ...createMemoryStore(), close: async () => undefined };
}

export async function arrive({ server, site, ...ports }: PersonOptions): Promise<Person> {
  const store = ports.store ?? createDisk();
  const logged: string[] = [];
  const log: Log = (level, event, ids) => {
    logged.push(`${level} ${event} ${JSON.stringify(ids ?? {})}`);
  };
  const client = await createClient({
    store,
    serverUrl: server.url,
    siteKey: site.key,
    origin: site.origin,
    media: null,
    log,
    WebSocket: webSocketOf(site.origin),
    fetch: fetchOf(site.origin),
    ...ports,
  });
  const events: ClientEvent[] = [];
  client.subscribe((event) => events.push(event), new AbortController().signal);

  const history = async (conversationId: ConversationId): Promise<Message[]> => {
    const all: Message[] = [];
    for (let before: number | undefined; ; before = all[0]?.order) {
      const page = await client.run<'history'>({
        type: 'history',
        conversationId,
        limit: 100,
        ...(before !== undefined && { before }),
      });
      all.unshift(...page.messages);
      if (!page.more) return all;
    }
  };
  return {
    client,
    store,
    events,
    site,
    logged,
    history,
    texts: async (conversationId) =>
      (await history(conversationId)).flatMap(({ body }) =>
        body.type === 'text' ? [body.text] : [],
      ),
    say: async (conversationId, text) =>
      (await client.run<'send_text'>({ type: 'send_text', conversationId, text })).messageId,
    twin: (changes) => arrive({ server, site, ...ports, store, ...changes }),
    async reload(changes = {}) {
      await client.close();
      return arrive({ server, site, ...ports, store, ...changes });
    },
  };
}

/** Somebody new, signed in under a handle. */
export async function claim(handle: string, options: PersonOptions): Promise<Person> {
  const person = await arrive(options);
  // A command has only its client's own patience for that.
  await until('they are connected', () => person.client.snapshot.connection === 'online');
  await person.client.run<'claim_handle'>({ type: 'claim_handle', handle });
  return person;
}

export const addressOf = ({ client }: Person): Address => {
  const { self } = client.snapshot;
  if (self === null) throw new Error('not claimed');
  return self.address;
};

export async function open(person: Person, peer: Person): Promise<ConversationId> {
  const address = addressOf(peer);
  return (await person.client.run<'open_conversation'>({ type: 'open_conversation', address }))
    .conversationId;
}

/** The way to the server that a client at this site would take by itself, for wrapping. */
export const transportOf = (
  server: ServerProcess,
  site: TestSite,
  ports: Partial<TransportPorts> = {},
): Transport =>
  createTransport({
    serverUrl: server.url,
    siteKey: site.key,
    WebSocket: webSocketOf(site.origin),
    fetch: fetchOf(site.origin),
    ...ports,
  });

/** Copies everything that a store holds, as a restored backup would. */
export async function copyDisk(from: Store): Promise<Store> {
  const copy = createDisk();
  // All at one moment: the device may go on.
  const copied = await Promise.all(
    tables.map(async (table) => {
      const rows = await from.range(table, { prefix: [], limit: 100_000 });
      return rows.map(({ key, value }) => ({ table, key, value }));
    }),
  );
  await copy.commit(copied.flat());
  return copy;
}

/** Deletes every row of a store, and leaves it open. */
export async function eraseRows(store: Store): Promise<void> {
  for (const table of tables) {
    const rows = await store.range(table, { prefix: [], limit: 100_000 });
    await store.commit(rows.map(({ key }) => ({ table, key, value: undefined })));
  }
}

const tables = [
  'meta',
  'key_packages',
  'conversations',
  'groups',
  'messages',
  'message_ids',
  'outbox',
  'pins',
  'calls',
] as const;

/** Waits until something holds. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 40_000,
): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** A clock that a test moves on: who sleeps until then wakes. */
export function createMovableClock(): Clock & { advance(ms: number): void } {
  let ahead = 0;
  const sleepers = new Set<{ until: number; wake: AbortController }>();
  const realNow = Date.now;
  const now = (): number => realNow() + ahead;
  return {
    now,
    async sleep(ms, signal) {
      const sleeper = { until: now() + ms, wake: new AbortController() };
      sleepers.add(sleeper);
      await systemClock.sleep(ms, AbortSignal.any([signal, sleeper.wake.signal]));
      sleepers.delete(sleeper);
    },
    advance(ms) {
      ahead += ms;
      for (const { until, wake } of sleepers) if (until <= now()) wake.abort();
    },
  };
}

/** A browser's socket tells its page's origin by itself. */
function webSocketOf(origin: string): typeof WebSocket {
  class WithOrigin extends NodeWebSocket {
    constructor(url: string) {
      super(url, { origin });
    }
  }
  return WithOrigin as unknown as typeof WebSocket;
}

const fetchOf =
  (origin: string): typeof fetch =>
  (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('origin', origin);
    return fetch(input, { ...init, headers });
  };
