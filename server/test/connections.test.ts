/** WebSockets under bad weather: malformed frames, slow and dead clients, a server that stops. */
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { decode, encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { LiveEvent } from '../src/events/contract.js';
import { conversationIdSchema, deviceIdSchema, envelopeIdSchema, seqSchema } from '../src/ids.js';
import { limits } from '../src/limits.js';
import type { Site } from '../src/sites/service.js';
import { listen, refusal } from './client.js';
import { makeId, signUp } from './person.js';
import { openDatabaseOf, startServer, type TestServer } from './server-fixture.js';

let server: TestServer;
let shop: Site;

async function start(options: Parameters<typeof startServer>[0] = {}): Promise<void> {
  server = await startServer(options);
  shop = await server.createSite('shop.example');
}
afterEach(() => server.close());

/** A bare WebSocket, to send what no client of ours would. */
async function openSocket(query = ''): Promise<WebSocket> {
  const url = `${server.url.replace('http', 'ws')}/trpc?site=${shop.key}${query}`;
  const socket = new WebSocket(url, { origin: 'https://shop.example' });
  await once(socket, 'open');
  return socket;
}

async function answer(socket: WebSocket): Promise<Record<string, unknown>> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return decode(data) as Record<string, unknown>;
}

function envelope(seq: number, size: number): LiveEvent {
  return {
    type: 'envelope',
    conversationId: conversationIdSchema.parse(`${'c'.repeat(21)}A`),
    envelope: {
      seq: seqSchema.parse(seq),
      kind: 'message',
      id: envelopeIdSchema.parse(makeId()),
      senderDevice: deviceIdSchema.parse(`${'d'.repeat(21)}A`),
      epoch: 1,
      ciphertext: new Uint8Array(size).fill(1),
      storedAt: 1,
    },
  };
}

describe('malformed frames', () => {
  beforeEach(() => start());

  const request = (fields: object): Uint8Array =>
    encode(
      { id: 1, method: 'query', params: { path: 'sites.info' }, ...fields },
      { ignoreUndefined: true },
    );

  test.each([
    ['nothing', new Uint8Array(0)],
    ['text', '{"id":1,"method":"query","params":{"path":"sites.info"}}'],
    ['random bytes', Uint8Array.from({ length: 500 }, (_, index) => (index * 37) & 0xff)],
    ['a list nested without end', new Uint8Array(100_000).fill(0x91)],
    ['a list that promises four billion values', Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff)],
    ['ten thousand small values', encode(Array.from({ length: 10_000 }, () => 1))],
    ['null', encode(null)],
    ['a number', encode(7)],
    ['an unknown method', request({ method: 'delete' })],
    ['no path', request({ params: {} })],
    ['a path that is no text', request({ params: { path: 7 } })],
    ['no id', request({ id: null })],
    ['an id that is an object', request({ id: {} })],
    [
      'a batch of more than 20',
      encode(Array.from({ length: 21 }, (_, id) => decode(request({ id })))),
    ],
  ])('%s is answered with input_invalid, and the connection goes on', async (_what, frame) => {
    const socket = await openSocket();
    socket.send(frame);
    const { error } = (await answer(socket)) as { error: { data: { code: string } } };
    expect(error.data.code).toBe('input_invalid');
    // The id of none of the batch, each of which is refused by its own.
    socket.send(request({ id: 99 }));
    for (;;) {
      const next = await answer(socket);
      if (next.id !== 99) continue;
      expect(next).toMatchObject({ result: { data: { domain: 'shop.example' } } });
      break;
    }
    socket.terminate();
  });

  test('requests without end are refused beyond a number at a time, and the connection goes on', async () => {
    const socket = await openSocket();
    const codes: (string | undefined)[] = [];
    const asked = 2 * limits.requestsAtATimeMax;
    const all = new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer) => {
        const { error } = decode(data) as { error?: { data: { code: string } } };
        codes.push(error?.data.code);
        if (codes.length === asked) resolve();
      });
    });
    // Each of them writes, so none is done before the last one is read.
    const params = { path: 'accounts.challenge' };
    for (let id = 1; id <= asked; id += 1) socket.send(request({ id, method: 'mutation', params }));
    await all;
    expect(codes.filter((code) => code === undefined).length).toBeGreaterThan(0);
    expect(codes.filter((code) => code === 'too_many').length).toBeGreaterThan(0);
    const next = once(socket, 'message') as Promise<[Buffer]>;
    socket.send(request({ id: asked + 1 }));
    expect(decode((await next)[0])).toMatchObject({ id: asked + 1, result: {} });
    socket.terminate();
  });

  test.each(['nobody.home', '__proto__', 'constructor', 'sites.__proto__.info', 'sites', ''])(
    'the procedure "%s" is not there',
    async (path) => {
      const socket = await openSocket();
      socket.send(request({ params: { path } }));
      expect(await answer(socket)).toMatchObject({ error: { data: { code: 'not_found' } } });
      socket.terminate();
    },
  );

  test('a frame at the limit is read, one beyond ends the connection', async () => {
    const filled = (length: number): Uint8Array => {
      const bare =
        request({ params: { path: 'sites.info', input: new Uint8Array(70_000) } }).length - 70_000;
      return request({ params: { path: 'sites.info', input: new Uint8Array(length - bare) } });
    };
    const socket = await openSocket();
    const full = filled(limits.websocketMessageBytesMax);
    expect(full).toHaveLength(limits.websocketMessageBytesMax);
    socket.send(full);
    expect(await answer(socket)).toMatchObject({ error: { data: { code: 'input_invalid' } } });
    socket.send(filled(limits.websocketMessageBytesMax + 1));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1009);
  });

  test.each([
    ['random bytes', Uint8Array.of(0xc1, 1, 2, 3)],
    ['a list', encode([1])],
    ['text for a number', encode({ method: 'connectionParams', data: { session: 5 } })],
  ])('connection parameters of %s close the connection', async (_what, frame) => {
    const socket = await openSocket('&connectionParams=1');
    socket.send(frame);
    await once(socket, 'close');
    await server.visit(shop).api.sites.info.query();
  });

  test('a session that is none leaves the connection without anybody', async () => {
    const socket = await openSocket('&connectionParams=1');
    socket.send(encode({ method: 'connectionParams', data: { session: "' OR 1=1 --" } }));
    socket.send(request({ params: { path: 'devices.list' } }));
    expect(await answer(socket)).toMatchObject({ error: { data: { code: 'unauthenticated' } } });
    socket.terminate();
  });
});

describe('errors on the wire', () => {
  beforeEach(() => start());

  test('of ours that nobody foresaw say internal and nothing else', async () => {
    Object.assign(server.service.services.sites, {
      info: () => {
        throw new Error('canary: SELECT * FROM secrets');
      },
    });
    const socket = await openSocket();
    socket.send(encode({ id: 1, method: 'query', params: { path: 'sites.info' } }));
    const told = await answer(socket);
    expect(told).toMatchObject({
      error: { message: 'internal', data: { code: 'internal', httpStatus: 500 } },
    });
    expect(JSON.stringify(told)).not.toContain('canary');
    expect(JSON.stringify(told)).not.toContain('.ts');
    socket.terminate();
  });

  test('an answer that breaks its own schema is internal too', async () => {
    Object.assign(server.service.services.sites, { info: () => ({ domain: 7, secret: 'canary' }) });
    expect(await refusal(server.visit(shop).api.sites.info.query())).toMatchObject({
      code: 'internal',
    });
  });

  test('what a schema refuses is not told in detail', async () => {
    const request = server.visit(shop).api.accounts.availability.query({ handle: 'x'.repeat(65) });
    expect(await refusal(request)).toEqual({
      code: 'input_invalid',
      httpStatus: 400,
      path: 'accounts.availability',
    });
  });
});

describe('the live stream', () => {
  beforeEach(() => start());

  test('brings what concerns the account and the device, to every connection, in order', async () => {
    const ada = await signUp(server.visit(shop), shop, 'ada');
    const second = server.visit(shop, { session: ada.session.token });
    const bo = await signUp(server.visit(shop), shop, 'bo_');
    const [one, two, other] = await Promise.all(
      [ada.connection, second, bo.connection].map((page) => listen(page)),
    );
    const { bus } = server.service.services;
    for (let seq = 1; seq <= 300; seq += 1) {
      const topic = seq % 2 === 0 ? `account:${ada.session.accountId}` : `device:${ada.device.id}`;
      bus.publish([topic as `account:${typeof ada.session.accountId}`], envelope(seq, 100));
    }
    const last = (event: LiveEvent): boolean =>
      event.type === 'envelope' && event.envelope.seq === 300;
    await Promise.all([one?.next(last), two?.next(last)]);
    for (const log of [one, two]) {
      const seqs = log?.all.flatMap((event) =>
        event.type === 'envelope' ? [event.envelope.seq] : [],
      );
      expect(seqs).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    }
    expect(other?.all).toEqual([{ type: 'subscribed' }]);
  });

  test('a connection has few streams, and a new one when an old one is over', async () => {
    const { connection } = await signUp(server.visit(shop), shop, 'iris');
    const { events } = connection.api;
    const codeOfNext = () =>
      new Promise<string>((resolve, reject) => {
        events.subscribe.subscribe(undefined, {
          onData: ({ type }) => {
            resolve(type);
          },
          onError: (error) => {
            refusal(Promise.reject(error)).then(({ code }) => {
              resolve(code);
            }, reject);
          },
        });
      });
    const first = await listen(connection);
    for (let count = 1; count < limits.streamsPerConnectionMax; count += 1)
      expect(await codeOfNext()).toBe('subscribed');
    expect(await codeOfNext()).toBe('too_many');
    first.stop();
    await expect.poll(codeOfNext).toBe('subscribed');
  });

  test('ends with log-out', async () => {
    const { connection, session } = await signUp(server.visit(shop), shop, 'ada');
    const log = await listen(connection);
    await connection.api.accounts.logOut.mutate();
    const topic = `account:${session.accountId}` as const;
    await expect.poll(() => server.service.services.bus.hasSubscribers(topic)).toBe(false);
    server.service.services.bus.publish([topic], envelope(1, 10));
    await connection.api.sites.info.query();
    expect(log.all).toEqual([{ type: 'subscribed' }]);
  });

  test('leaves nothing behind when the connection goes', async () => {
    const { connection, session, device } = await signUp(server.visit(shop), shop, 'ada');
    await listen(connection);
    connection.socket()?.terminate();
    const { bus } = server.service.services;
    await connection.close();
    await expect.poll(() => bus.hasSubscribers(`account:${session.accountId}`)).toBe(false);
    await expect.poll(() => bus.hasSubscribers(`device:${device.id}`)).toBe(false);
  });
});

describe('clients that do not keep up', () => {
  test('are cut off at a bound, and the others are not', async () => {
    await start({ overrides: { bounds: { slowConsumerBytesMax: 500_000 } } });
    const slow = await signUp(server.visit(shop), shop, 'slow');
    const quick = server.visit(shop, { session: slow.session.token });
    await listen(slow.connection);
    const log = await listen(quick);
    const socket = slow.connection.socket();
    socket?.pause();
    const topic = `account:${slow.session.accountId}` as const;
    const cut = async (): Promise<number> => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      return Number(/^parley_slow_consumers_cut_total (\d+)/m.exec(text)?.[1] ?? 0);
    };
    // The kernel's buffers take megabytes before ours fill.
    let seq = 0;
    while ((await cut()) === 0 && seq < 5_000) {
      for (let burst = 0; burst < 5; burst += 1) {
        seq += 1;
        server.service.services.bus.publish([topic], envelope(seq, 60_000));
      }
      await wait(2);
    }
    expect(await cut()).toBe(1);
    await log.next((event) => event.type === 'envelope' && event.envelope.seq === seq);
    expect(log.all.filter(({ type }) => type === 'envelope')).toHaveLength(seq);
  });

  test('are noticed by their silence when they are dead', async () => {
    await start({ overrides: { bounds: { deadAfterMs: 3_000 } } });
    const url = `${server.url.replace('http', 'ws')}/trpc?site=${shop.key}`;
    const dead = new WebSocket(url, { origin: 'https://shop.example', autoPong: false });
    const live = new WebSocket(url, { origin: 'https://shop.example' });
    const [code] = (await once(dead, 'close')) as [number];
    expect(code).toBe(1006);
    await wait(3_500);
    expect(live.readyState).toBe(WebSocket.OPEN);
    live.terminate();
  });
});

describe('a server that stops', () => {
  beforeEach(() => start());

  test('tells its clients to come back, and may be told twice', async () => {
    const socket = await openSocket();
    const closed = once(socket, 'close') as Promise<[number]>;
    await Promise.all([server.service.close(), server.service.close()]);
    expect((await closed)[0]).toBe(1012);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });

  test('does not wait for a client that does not answer', async () => {
    const socket = await openSocket();
    socket.pause();
    const startedAt = performance.now();
    await server.service.close();
    // By itself `ws` would wait half a minute for the other side.
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    socket.terminate();
  });

  test('answers what was asked, and what it answered is on disk', async () => {
    const { place } = server;
    const pages = Array.from({ length: 40 }, () => server.visit(shop));
    const claims = pages.map((page, index) => signUp(page, shop, `person_${String(index)}`));
    await Promise.race(claims);
    await server.service.close();
    // Who has yet to claim when the socket closes would wait for a server for ever.
    await Promise.all(pages.map((page) => page.close()));
    const outcomes = await Promise.allSettled(claims);
    const stored = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [outcome.value.session.accountId] : [],
    );
    expect(stored.length).toBeGreaterThan(0);
    const database = await openDatabaseOf({ ...server, place });
    const [rows] = await database.sequelize.query('SELECT id FROM accounts');
    await database.close();
    const ids = (rows as { id: string }[]).map(({ id }) => id);
    for (const id of stored) expect(ids).toContain(id);
  });
});
