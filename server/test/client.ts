/** A page's connection to the server: tRPC over one WebSocket with plain MessagePack, or over HTTP. */
import { decode, encode } from '@msgpack/msgpack';
import {
  createTRPCClient,
  createWSClient,
  httpLink,
  TRPCClientError,
  wsLink,
  type TRPCClient,
} from '@trpc/client';
import { WebSocket } from 'ws';
import { bytesTransformer, plainTransformer } from '../src/bytes-transformer.js';
import type { AppRouter, LiveEvent, WireErrorData } from '../src/wire.js';

export interface Page {
  /** `http://HOST:PORT` of the server. */
  url: string;
  siteKey: string;
  origin: string;
  /** Token of a session to come with. */
  session?: Uint8Array | undefined;
}

export interface TestConnection {
  readonly api: TRPCClient<AppRouter>;
  readonly page: Page;
  /** The live WebSocket; `null` until the first request. */
  socket(): WebSocket | null;
  close(): Promise<void>;
}

const encoder = {
  encode: (data: unknown) => encode(data, { ignoreUndefined: true }),
  decode: (data: string | ArrayBuffer | Uint8Array) => {
    if (typeof data === 'string') throw new TypeError('frames are binary');
    return decode(data);
  },
};

/** Opens a WebSocket when the first request is made; it does not reconnect for ever. */
export function connect(page: Page): TestConnection {
  const sockets: WebSocket[] = [];
  class PageSocket extends WebSocket {
    constructor(address: string | URL) {
      super(address, { origin: page.origin });
      this.binaryType = 'arraybuffer';
      sockets.push(this);
    }
  }
  const token = page.session === undefined ? null : Buffer.from(page.session).toString('base64url');
  const client = createWSClient({
    url: `${page.url.replace(/^http/, 'ws')}/trpc?site=${page.siteKey}`,
    WebSocket: PageSocket as unknown as typeof globalThis.WebSocket,
    experimental_encoder: encoder,
    retryDelayMs: () => 50,
    lazy: { enabled: true, closeMs: 600_000 },
    ...(token === null ? {} : { connectionParams: { session: token } }),
  });
  return {
    api: createTRPCClient<AppRouter>({
      links: [wsLink({ client, transformer: plainTransformer })],
    }),
    page,
    socket: () => sockets.at(-1) ?? null,
    close: async () => {
      await client.close();
      for (const socket of sockets) socket.terminate();
    },
  };
}

/** The same procedures over HTTP. */
export function connectOverHttp(page: Page): TRPCClient<AppRouter> {
  const token = page.session === undefined ? null : Buffer.from(page.session).toString('base64url');
  return createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${page.url}/trpc`,
        transformer: bytesTransformer,
        headers: {
          origin: page.origin,
          'x-parley-site': page.siteKey,
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
      }),
    ],
  });
}

/** What the server said was wrong; fails the test for anything but an error of the server's. */
export async function refusal(request: Promise<unknown>): Promise<WireErrorData> {
  try {
    await request;
  } catch (error) {
    if (error instanceof TRPCClientError && error.data) return error.data as WireErrorData;
    throw error;
  }
  throw new Error('the request was not refused');
}

/** The live events of a connection, in order. */
export interface EventLog {
  readonly all: LiveEvent[];
  /** The first event, past or future, that fits. */
  next(fits: (event: LiveEvent) => boolean, timeoutMs?: number): Promise<LiveEvent>;
  stop(): void;
}

/** Subscribes and resolves when the server said `subscribed`.
 * @param instance which run of the device's client it is; without one it replaces no other */
export async function listen(connection: TestConnection, instance?: string): Promise<EventLog> {
  const all: LiveEvent[] = [];
  const waiting = new Set<() => void>();
  const subscription = connection.api.events.subscribe.subscribe(
    instance === undefined ? undefined : { instance },
    {
      onData: (event) => {
        all.push(event);
        for (const look of waiting) look();
      },
      onError: () => undefined,
    },
  );
  const next: EventLog['next'] = (fits, timeoutMs = 15_000) =>
    new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        waiting.delete(look);
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error('no such event came'));
      }, timeoutMs);
      const look = (): void => {
        const found = all.find(fits);
        if (found === undefined) return;
        finish();
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  await next(({ type }) => type === 'subscribed');
  return {
    all,
    next,
    stop: () => {
      subscription.unsubscribe();
    },
  };
}
