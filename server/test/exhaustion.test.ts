/** Loads that try to exhaust the server, by real sockets, while two honest people go on talking. */
import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { boundBareConnections } from '../src/http/bare-connections.js';
import { limits } from '../src/limits.js';
import { listen } from './client.js';
import { later } from './clock.js';
import { makePair, type Pair } from './pair.js';
import { addDevice, logIn } from './person.js';
import { startServer, type TestServer } from './server-fixture.js';

let server: TestServer;
let pair: Pair;
const streams: { destroy(): unknown }[] = [];

async function start(
  overrides: NonNullable<Parameters<typeof startServer>[0]>['overrides'],
): Promise<void> {
  server = await startServer({ overrides: { ...overrides } });
  pair = await makePair(server);
}
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.destroy();
  await server.close();
});

const siteOf = () => pair.alice.person.site;

/** A bare socket that says just this. */
async function say(text: string): Promise<Socket> {
  const socket = connectTcp(Number(new URL(server.url).port), '127.0.0.1');
  streams.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  socket.resume();
  return socket;
}

/** What becomes of an attempt to open a WebSocket. */
function attempt(): Promise<WebSocket | number> {
  const url = `${server.url.replace('http', 'ws')}/trpc?site=${siteOf().key}`;
  const socket = new WebSocket(url, { origin: 'https://shop.example' });
  streams.push({ destroy: () => socket.terminate() });
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
}

/** Alice's message reaches Bob on the stream that he has. */
async function expectHonestPairToTalk(): Promise<void> {
  const { connection } = await logIn(server.visit(siteOf()), pair.bob.person, pair.bob.device);
  const log = await listen(connection);
  const seq = await pair.send();
  await log.next((event) => event.type === 'envelope' && event.envelope.seq === seq, 15_000);
  await connection.close();
}

test('connections without a log-in are refused beyond a number, and who has one goes on', async () => {
  await start({ connections: { unsignedPerAddressMax: 40 } });
  const got = await Promise.all(Array.from({ length: 60 }, attempt));
  expect(got.filter((one) => typeof one !== 'number')).toHaveLength(40);
  expect(new Set(got.filter((one) => typeof one === 'number'))).toEqual(new Set([429]));
  // Signed in before, and signing in while nobody else can: the pair has its sockets.
  await pair.send();
  got.find((one) => typeof one !== 'number')?.terminate();
  await expectHonestPairToTalk();
});

test('who connects and never signs in has to go', async () => {
  await start({});
  const socket = await attempt();
  expect(socket).toBeInstanceOf(WebSocket);
  await later(limits.signInSeconds + 1, () => once(socket as WebSocket, 'close'));
  await pair.send();
});

test('event streams over HTTP count as well, and one device has so many of all', async () => {
  await start({ connections: { connectionsPerDeviceMax: 3 } });
  const { site } = pair.alice.person;
  const phone = await addDevice(server.visit(site), pair.alice.person);
  const session = Buffer.from(phone.session.token).toString('base64url');
  const ended: number[] = [];
  const open = async (index: number): Promise<void> => {
    const response = await fetch(`${server.url}/trpc/events.subscribe`, {
      headers: {
        origin: 'https://shop.example',
        'x-parley-site': site.key,
        accept: 'text/event-stream',
        authorization: `Bearer ${session}`,
      },
    });
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    await reader?.read();
    void (async () => {
      while (!(await reader?.read().catch(() => ({ done: true })))?.done) continue;
      ended.push(index);
    })();
  };
  // The phone's own socket is the first of them.
  for (let index = 0; index < 5; index += 1) await open(index);
  await expect.poll(() => ended.sort()).toEqual([0, 1]);
  await expectHonestPairToTalk();
});

test.each([
  ['says nothing at all', ''],
  ['trickles the head of a request', 'GET /trpc/sites.info HTTP/1.1\r\nHost: a\r\nX-Slow: '],
  [
    'never finishes its upgrade',
    'GET /trpc HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ',
  ],
  [
    'trickles the body of a request',
    'POST /trpc/accounts.challenge HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
  ],
])('a client that %s is not waited for', async (_what, text) => {
  await start({ patience: { headMs: 3_000, wholeMs: 6_000, lookEveryMs: 100 } });
  const sockets = await Promise.all(Array.from({ length: 50 }, () => say(text)));
  const gone = sockets.map(async (socket) => {
    if (!socket.closed) await once(socket, 'close');
  });
  const trickle = setInterval(() => {
    for (const socket of sockets) if (text !== '' && !socket.destroyed) socket.write('a');
  }, 100);
  await expectHonestPairToTalk();
  await Promise.all(gone);
  clearInterval(trickle);
  await expectHonestPairToTalk();
});

test('garbage, and an upgrade to nowhere, are answered and closed', async () => {
  await start({});
  for (const text of [
    'NONSENSE\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001',
    'GET /elsewhere HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    'GET /trpc HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: a\r\nX-Big: ${'x'.repeat(100_000)}\r\n\r\n`,
  ]) {
    const socket = await say(text);
    await once(socket, 'close');
  }
  await expectHonestPairToTalk();
});

test('a device that logs in again and again keeps its newest sessions', async () => {
  await start({});
  const { person, device, session: first } = pair.bob;
  const tokens = [first.token];
  for (let count = 1; count <= limits.sessionsPerDeviceMax; count += 1)
    tokens.push((await logIn(server.visit(siteOf()), person, device)).session.token);
  const good = await Promise.all(
    tokens.map((session) =>
      server
        .visit(siteOf(), { session })
        .api.devices.list.query()
        .then(
          () => true,
          () => false,
        ),
    ),
  );
  expect(good).toEqual([false, ...Array<boolean>(limits.sessionsPerDeviceMax).fill(true)]);
});

test('bare connections of one address are bounded before a byte is read', async () => {
  await start({});
  const bare = createServer((socket) => socket.resume());
  boundBareConnections(bare, { max: 100, perAddressMax: 3 });
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
  const { port } = bare.address() as AddressInfo;
  const open = async (): Promise<Socket> => {
    const socket = connectTcp(port, '127.0.0.1');
    streams.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  const kept = [await open(), await open(), await open()];
  await once((await open()).resume(), 'close');
  expect(kept.some(({ destroyed }) => destroyed)).toBe(false);
  kept[0]?.destroy();
  await expect
    .poll(() => new Promise((resolve) => bare.getConnections((_error, count) => resolve(count))))
    .toBe(2);
  const next = await open();
  next.write('a');
  expect(next.destroyed).toBe(false);
  for (const socket of [...kept, next]) socket.destroy();
  await new Promise((resolve) => bare.close(resolve));
});
