/** A connection over HTTP, where WebSockets are blocked: requests, and server-sent events for the live stream. */
import { toBase64Url } from '../bytes.js';
import type { Connection } from './contract.js';
import type { TransportError } from './errors.js';
import { createHttpCaller } from './http-caller.js';
import { createProcedures } from './procedures.js';
import { malformedIn, subscribeTo } from './subscription.js';

export interface HttpOptions {
  serverUrl: string;
  siteKey: string;
  instance: string;
  session: Uint8Array | null;
  signal: AbortSignal;
  fetch?: typeof fetch;
}

/** Nothing is sent before the first request. */
export function connectHttp(options: HttpOptions): Connection {
  const { serverUrl, siteKey, instance, signal } = options;
  const send = options.fetch ?? fetch.bind(globalThis);
  let { session } = options;
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
  };
  const endOf = (why: TransportError): void => {
    ended.abort(why);
  };
  const closed = new Promise<TransportError | null>((resolve) => {
    ended.signal.addEventListener('abort', () => {
      resolve(malformedIn(ended.signal));
    });
  });
  signal.addEventListener('abort', end, { signal: ended.signal });
  if (signal.aborted) end();

  const headers = (): Record<string, string> => ({
    'x-parley-site': siteKey,
    ...(session && { authorization: `Bearer ${toBase64Url(session)}` }),
  });
  const caller = createHttpCaller({
    url: `${serverUrl}/trpc`,
    fetch: send,
    headers,
    signal: ended.signal,
    onLost: end,
  });

  return {
    kind: 'http',
    ...createProcedures(caller, end),
    subscribe: (listener) => subscribeTo(caller, { instance, listener, onEnd: endOf }),
    setSession: (token) => {
      session = token;
    },
    closed,
    close: end,
  };
}
