/** One server and whoever a test file needs on it. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import { createEngine } from '../client/engine.js';
import type { Engine } from '../client/parts.js';
import type { ConversationId } from '../index.js';
import { recordOf } from './crashes.js';
import { claim, open, transportOf, until, type Person, type PersonOptions } from './person.js';
import { startServer, type ServerProcess } from './server-process.js';

export interface World {
  readonly server: ServerProcess;
  /** Claims a fresh handle that begins like this. */
  somebody(name: string, options?: Partial<PersonOptions>): Promise<Person>;
  /** Has a client closed at the end of the test. */
  keep<Somebody extends Person>(person: Somebody): Somebody;
  /** Two people who have greeted each other. */
  couple(
    options?: readonly [
      first?: Partial<PersonOptions> | undefined,
      second?: Partial<PersonOptions>,
    ],
  ): Promise<[Person, Person, ConversationId]>;
}

let count = 0;

export function createWorld(environment: Record<string, string> = {}): World {
  let server: ServerProcess | undefined;
  const people = new Set<Person>();
  const present = (): ServerProcess => {
    if (server === undefined) throw new Error('not started');
    return server;
  };
  beforeAll(async () => {
    server = await startServer(environment);
  });
  afterEach(async () => {
    await Promise.all([...people].map(({ client }) => client.close()));
    people.clear();
  });
  afterAll(async () => {
    await server?.dispose();
  });
  const world: World = {
    get server() {
      return present();
    },
    keep(person) {
      people.add(person);
      return person;
    },
    async somebody(name, options = {}) {
      count += 1;
      return world.keep(
        await claim(`${name}_${String(count)}`, {
          server: present(),
          site: present().bazaar,
          ...options,
        }),
      );
    },
    async couple(options = []) {
      const [first, second] = options;
      const asha = await world.somebody('asha', first);
      const bo = await world.somebody('boris', { site: present().garden, ...second });
      // Who was let in by the last resort renews the keys, at once or with the next connection.
      await canBeMet(present(), bo);
      const conversation = await open(asha, bo);
      await asha.say(conversation, 'hello Bo');
      await until('Bo is greeted', async () => hasTexts(bo, conversation, ['hello Bo']));
      await bo.say(conversation, 'hello Asha');
      await until('Asha is greeted', async () =>
        hasTexts(asha, conversation, ['hello Bo', 'hello Asha']),
      );
      // What is greeted is not yet at rest: answers of the server may be under way.
      await until('both are at rest', () => areAtRest([asha, bo], conversation));
      return [asha, bo, conversation];
    },
  };
  return world;
}

/** The server has key packages of this person other than the last resort. */
async function canBeMet(server: ServerProcess, { site, store }: Person): Promise<void> {
  const { token } = (await store.get('meta', ['session'])) as { token: Uint8Array };
  const { signal } = new AbortController();
  const connection = await transportOf(server, site).connect({ session: token, signal });
  await until(
    'others can meet them',
    async () => (await connection.keyPackageStock()).oneTime > 0,
  ).finally(() => {
    connection.close();
  });
}

/** Whether all that they said is at the server, and all of the log is known to each. */
export async function areAtRest(people: readonly Person[], id: ConversationId): Promise<boolean> {
  const [first, ...others] = await Promise.all(people.map((person) => recordOf(person, id)));
  const histories = await Promise.all(people.map((person) => person.history(id)));
  return (
    histories.flat().every(({ status }) => status === 'stored') &&
    others.every((record) => record?.epoch === first?.epoch && record?.cursor === first?.cursor)
  );
}

/** Whether exactly these texts are there, in this order. */
export async function hasTexts(
  person: Person,
  conversation: ConversationId,
  texts: string[],
): Promise<boolean> {
  if (!person.client.snapshot.conversations.some(({ id }) => id === conversation)) return false;
  return JSON.stringify(await person.texts(conversation)) === JSON.stringify(texts);
}

/** The person's whole engine, to do what no client does. The person's client is closed. */
export async function engineOf({ server }: World, person: Person): Promise<Engine> {
  await person.client.close();
  const engine = await createEngine({
    store: person.store,
    serverUrl: server.url,
    siteKey: person.site.key,
    origin: person.site.origin,
    media: null,
    transport: transportOf(server, person.site),
  });
  engine.start();
  await engine.link.wait('member');
  return engine;
}
