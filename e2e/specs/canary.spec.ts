/** Known words and keys are searched for wherever the server, Janus or the network could have seen them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, call, hears, seesVideo, watchConnections } from '../fixtures/calls.js';
import { placesOf } from '../fixtures/canary.js';
import { eavesdrop } from '../fixtures/eavesdropper.js';
import { everything } from '../fixtures/frames.js';
import { janusProgram } from '../fixtures/janus.js';
import { lastRoom } from '../fixtures/janus-rooms.js';
import type { Person } from '../fixtures/person.js';
import { recordSecrets, secretsOf } from '../fixtures/secrets.js';
import { World } from '../fixtures/world.js';

const words = {
  message: 'canary-Kanarienvogel-ça-7f3a91',
  answer: 'another canary, answered: 0be1c2',
  name: 'Ada Canarybird',
  otherName: 'Ben Canarynest',
};

describe('a canary', () => {
  let world: World;
  let ada: Person;
  let ben: Person;
  let heard = Buffer.alloc(0);

  beforeAll(async () => {
    const withCalls = janusProgram !== null;
    world = await World.create({ janus: withCalls ? 'watched' : 'off' });
    ({ ada, ben } = await world.twoPeople({
      names: [words.name, words.otherName],
      prepare: async (context) => {
        await watchConnections(context);
        await recordSecrets(context);
      },
    }));
    await ada.send(words.message);
    await ben.openConversation(/ada/i);
    await ben.sees(words.message);
    await ben.send(words.answer);
    await ada.sees(words.answer);
    if (withCalls) heard = await heardInACall();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  /** A call, and what Janus relays of it. */
  async function heardInACall(): Promise<Buffer<ArrayBuffer>> {
    await call(ada, true);
    await answer(ben, true);
    await Promise.all([seesVideo(ada), seesVideo(ben), hears(ada), hears(ben)]);
    const page = await (await world.browser('mallory')).newPage();
    const { port, apiSecret } = world.janus!.process;
    const access = { url: `ws://127.0.0.1:${String(port)}`, apiSecret };
    const { bytes } = await eavesdrop(page, { ...access, ...lastRoom(world.janus!.wire)! }, 3_000);
    await world.closeBrowser('mallory');
    await ada.button('Hang up').click();
    return Buffer.from(bytes);
  }

  /** Everything outside the two browsers. */
  async function outside(): Promise<Record<string, Buffer>> {
    return {
      ...(await world.server.files()),
      'server log': Buffer.from(world.server.log),
      'socket between pages and server': everything(world.wire.recordings),
      'socket between server and Janus': everything(world.janus?.wire.recordings ?? []),
      'Janus log': Buffer.from(world.janus?.process.child.output ?? ''),
      'media as Janus relays it': heard,
    };
  }

  it('the search finds what is there: handles, which the server does know', async () => {
    const places = placesOf('ada', await outside());
    expect(places).toContain('socket between pages and server');
    expect(places.some((name) => /sqlite|\.db|wal/.test(name))).toBe(true);
  });

  it.each(Object.entries(words))('%s is nowhere outside the two browsers', async (_name, text) => {
    expect(placesOf(text, await outside())).toEqual([]);
  });

  it('no secret key of either browser is anywhere outside', async () => {
    const secrets = [...(await secretsOf(ada.page)), ...(await secretsOf(ben.page))];
    expect(secrets.length).toBeGreaterThan(10);
    const places = await outside();
    const leaks = secrets.flatMap((secret) => placesOf(secret, places));
    expect(leaks).toEqual([]);
  });

  it('nor in what the pages keep in plain sight', async () => {
    for (const person of [ada, ben]) {
      const kept = Buffer.from(JSON.stringify(await person.page.evaluate(storedInThisPage)));
      for (const text of Object.values(words)) expect(placesOf(text, { kept })).toEqual([]);
    }
  });
});

/** Runs in the page: every record of IndexedDB, and localStorage, as text. */
async function storedInThisPage(): Promise<unknown[]> {
  const done = <Result>(request: IDBRequest<Result>) =>
    new Promise<Result>((resolve, reject) => {
      request.onsuccess = () => {
        resolve(request.result);
      };
      request.onerror = () => {
        reject(request.error ?? new Error('IndexedDB'));
      };
    });
  const records: unknown[] = [Object.entries(localStorage)];
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name ?? ''));
    for (const store of database.objectStoreNames) {
      const table = database.transaction(store).objectStore(store);
      records.push(await done(table.getAllKeys()));
      for (const value of (await done(table.getAll())) as unknown[])
        records.push(
          JSON.stringify(value, (_key, part: unknown) =>
            part instanceof Uint8Array ? new TextDecoder('latin1').decode(part) : part,
          ),
        );
    }
    database.close();
  }
  return records;
}
