import { expect, it } from 'vitest';
import type { Connection } from './contract.js';
import { createTransport } from './transport.js';

/** A socket to a server that is not there. */
class RefusedSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  readyState = 3;

  constructor() {
    super();
    setTimeout(() => {
      this.dispatchEvent(new Event('error'));
      this.dispatchEvent(new Event('close'));
    });
  }

  close(): void {
    this.readyState = 3;
  }
}

it('is offline where neither the socket nor the code of the other way can be had', async () => {
  const transport = createTransport({
    serverUrl: 'https://chat.example',
    siteKey: 'pk_0000000000000000000000',
    WebSocket: RefusedSocket as unknown as typeof WebSocket,
    loadHttp: () => Promise.reject(new TypeError('Failed to fetch dynamically imported module')),
  });
  const connecting = transport.connect({ session: null, signal: new AbortController().signal });
  await expect(connecting).rejects.toMatchObject({ name: 'TransportError', code: 'offline' });
});

it('ends with its client while the code of the other way does not come', async () => {
  const stop = new AbortController();
  let ask: () => void = () => undefined;
  const isAsked = new Promise<void>((resolve) => (ask = resolve));
  const transport = createTransport({
    serverUrl: 'https://chat.example',
    siteKey: 'pk_0000000000000000000000',
    WebSocket: RefusedSocket as unknown as typeof WebSocket,
    loadHttp() {
      ask();
      return new Promise(() => undefined);
    },
  });
  const connecting = transport.connect({ session: null, signal: stop.signal });
  await isAsked;
  stop.abort();
  await expect(connecting).rejects.toMatchObject({ name: 'TransportError', code: 'offline' });
});

/** A socket that opens, brings nothing, and is closed with a code. */
const closedWith = (code: number) =>
  class ClosedSocket extends EventTarget {
    readyState = 1;

    constructor() {
      super();
      setTimeout(() => {
        this.dispatchEvent(new Event('open'));
        setTimeout(() => {
          this.dispatchEvent(Object.assign(new Event('close'), { code }));
        });
      });
    }

    send(): void {
      this.readyState = 1;
    }

    close(): void {
      this.readyState = 3;
    }
  };

/** Which ways are gone, one after another, each until it is over. */
async function waysWith(code: number, count: number): Promise<string[]> {
  const overHttp = {
    kind: 'http',
    siteInfo: () => Promise.resolve({}),
    closed: Promise.resolve(null),
    close: () => undefined,
  } as unknown as Connection;
  const transport = createTransport({
    serverUrl: 'https://chat.example',
    siteKey: 'pk_0000000000000000000000',
    WebSocket: closedWith(code) as unknown as typeof WebSocket,
    loadHttp: () => Promise.resolve({ connectHttp: () => overHttp }),
  });
  const ways: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { signal } = new AbortController();
    const connection = await transport.connect({ session: null, signal });
    ways.push(connection.kind);
    await connection.closed;
  }
  return ways;
}

it('goes over HTTP after a socket that opened and brought nothing, and tries a socket again later', async () => {
  const http = Array.from({ length: 5 }, () => 'http');
  expect(await waysWith(1006, 12)).toEqual(['websocket', ...http, 'websocket', ...http]);
});

it('stays with sockets where the server says that it restarts', async () => {
  expect(await waysWith(1012, 3)).toEqual(['websocket', 'websocket', 'websocket']);
});
