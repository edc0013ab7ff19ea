/** One socket to a server that a test plays, frame by frame. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { decode, encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket as NodeWebSocket, WebSocketServer, type RawData } from 'ws';
import type { Connection } from './contract.js';
import { transportLimits } from './limits.js';
import type { LiveEvent } from './schemas.js';
import { connectWebSocket } from './websocket.js';

interface Request {
  id: number;
  method: string;
  params: { path: string; input?: unknown };
}

/** The server's end of the socket. */
class Played {
  readonly frames: unknown[] = [];
  readonly texts: string[] = [];
  readonly #socket: NodeWebSocket;
  #told: () => void = () => undefined;

  constructor(socket: NodeWebSocket) {
    this.#socket = socket;
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) this.frames.push(decode(data as Buffer));
      else this.texts.push((data as Buffer).toString());
      this.#told();
    });
  }

  async until(ready: () => boolean): Promise<void> {
    while (!ready()) await new Promise<void>((resolve) => (this.#told = resolve));
  }

  get requests(): Request[] {
    return this.frames.filter((frame) => 'id' in (frame as object)) as Request[];
  }

  /** Waits for the nth request. */
  async request(index: number): Promise<Request> {
    await this.until(() => this.requests.length > index);
    return this.requests[index]!;
  }

  say(frame: unknown): void {
    this.#socket.send(typeof frame === 'string' ? frame : encode(frame));
  }

  answer(id: number, data: unknown): void {
    this.say({ id, result: { type: 'data', data } });
  }

  refuse(id: number, data: object): void {
    this.say({ id, error: { code: -32_000, message: 'no', data } });
  }

  drop(): void {
    this.#socket.terminate();
  }
}

let sockets: WebSocketServer;
let connection: Connection;
let played: Played;

beforeEach(async () => {
  sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(sockets, 'listening');
  const met = once(sockets, 'connection').then(([socket]) => new Played(socket as NodeWebSocket));
  [connection, played] = await Promise.all([
    connectWebSocket({
      serverUrl: `http://127.0.0.1:${String((sockets.address() as AddressInfo).port)}`,
      instance: 'A'.repeat(22),
      siteKey: 'pk_test',
      session: Uint8Array.of(1, 2, 3),
      signal: new AbortController().signal,
      WebSocket: NodeWebSocket as unknown as typeof WebSocket,
    }),
    met,
  ]);
});
afterEach(() => {
  connection.close();
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
});

const stock = { oneTime: 3, lastResort: true };

describe('requests', () => {
  it('follow the session, which comes first', async () => {
    void connection.keyPackageStock().catch(() => undefined);
    const request = await played.request(0);
    expect(played.frames[0]).toEqual({ method: 'connectionParams', data: { session: 'AQID' } });
    expect(request).toMatchObject({ method: 'query', params: { path: 'devices.stock' } });
  });

  it('are answered by their number, in any order; answers to nobody are left aside', async () => {
    const first = connection.keyPackageStock();
    const second = connection.availability('ada');
    const ids = [(await played.request(0)).id, (await played.request(1)).id] as const;
    played.answer(999, 'nobody asked');
    played.say({ id: null, result: { type: 'data', data: null } });
    played.answer(ids[1], { status: 'taken' });
    expect(await second).toEqual({ status: 'taken' });
    played.answer(ids[1], { status: 'available' });
    played.answer(ids[0], stock);
    expect(await first).toEqual(stock);
  });

  it('are refused with the code of the server, or none that it made up', async () => {
    const refusals = [
      [{ code: 'handle_taken' }, { code: 'handle_taken' }],
      [
        { code: 'too_many', retryAfterSeconds: 7 },
        { code: 'too_many', retryAfterSeconds: 7 },
      ],
      [{ code: 'toString' }, { code: 'internal' }],
      [{}, { code: 'internal' }],
    ] as const;
    for (const [index, [data, expected]] of refusals.entries()) {
      const asked = connection.keyPackageStock();
      played.refuse((await played.request(index)).id, data);
      await expect(asked).rejects.toMatchObject(expected);
    }
  });

  it('are thirty-two at a time; the others wait', async () => {
    const asked = Array.from({ length: 40 }, () => connection.keyPackageStock());
    await played.request(transportLimits.requestsAtATimeMax - 1);
    played.say('PING');
    await played.until(() => played.texts.includes('PONG'));
    expect(played.requests).toHaveLength(transportLimits.requestsAtATimeMax);
    for (let index = 0; index < asked.length; index += 1)
      played.answer((await played.request(index)).id, stock);
    expect(await Promise.all(asked)).toHaveLength(40);
  });

  it('end with the connection', async () => {
    const asked = connection.keyPackageStock();
    await played.request(0);
    played.drop();
    await expect(asked).rejects.toMatchObject({ code: 'offline' });
    await connection.closed;
    await expect(connection.keyPackageStock()).rejects.toMatchObject({ code: 'offline' });
  });

  it('end at a frame that no honest server sends, and nothing is believed after it', async () => {
    const asked = connection.keyPackageStock();
    const { id } = await played.request(0);
    played.say({ id, result: 'data' });
    played.answer(id, stock);
    await expect(asked).rejects.toMatchObject({ code: 'offline' });
    await connection.closed;
  });
});

describe('the stream', () => {
  const subscribed: LiveEvent = { type: 'subscribed' };
  const low: LiveEvent = { type: 'key_packages_low', oneTime: 1 };

  it('begins when the server says so, and brings events', async () => {
    const events: LiveEvent[] = [];
    const subscribing = connection.subscribe((event) => events.push(event));
    const { id, method } = await played.request(0);
    expect(method).toBe('subscription');
    played.say({ id, result: { type: 'started' } });
    played.answer(id, subscribed);
    await subscribing;
    played.answer(id, low);
    played.answer(id, low);
    const asked = connection.keyPackageStock();
    played.answer((await played.request(1)).id, stock);
    await asked;
    expect(events).toEqual([low, low]);
  });

  it('without a session is refused, and the connection goes on', async () => {
    const subscribing = connection.subscribe(() => undefined);
    played.refuse((await played.request(0)).id, { code: 'unauthenticated' });
    await expect(subscribing).rejects.toMatchObject({ code: 'unauthenticated' });
    const again = connection.subscribe(() => undefined);
    played.answer((await played.request(1)).id, subscribed);
    await again;
  });

  it.each([
    ['is stopped', (id: number) => played.say({ id, result: { type: 'stopped' } })],
    ['fails', (id: number) => played.refuse(id, { code: 'unauthenticated' })],
    ['brings what is no event', (id: number) => played.answer(id, { type: 'gift' })],
  ])(
    'that %s takes the connection with it: without it messages would be missed',
    async (_, end) => {
      const subscribing = connection.subscribe(() => undefined);
      const { id } = await played.request(0);
      played.answer(id, subscribed);
      await subscribing;
      end(id);
      await connection.closed;
    },
  );
});
