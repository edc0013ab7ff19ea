/** A connection over HTTP, where WebSockets are blocked: requests, and server-sent events for the live stream. */
import { createTRPCUntypedClient, httpLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { toBase64Url } from '../bytes.js';
import { bytesTransformer } from './bytes-transformer.js';
import type { Connection } from './contract.js';
import { FetchEventSource, type FetchEventSourceInit } from './fetch-event-source.js';
import { createProcedures } from './procedures.js';
import type { LinkRouter } from './router-types.js';
import { subscribeTo } from './subscription.js';

export interface HttpOptions {
  serverUrl: string;
  siteKey: string;
  session: Uint8Array | null;
  signal: AbortSignal;
  fetch?: typeof fetch;
}

/** Nothing is sent before the first request. */
export function connectHttp(options: HttpOptions): Connection {
  const { serverUrl, siteKey, signal } = options;
  const send = options.fetch ?? fetch.bind(globalThis);
  let { session } = options;
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
  };
  const closed = new Promise<void>((resolve) => {
    ended.signal.addEventListener('abort', () => {
      resolve();
    });
  });
  signal.addEventListener('abort', end, { signal: ended.signal });

  const headers = (): Record<string, string> => ({
    'x-parley-site': siteKey,
    ...(session && { authorization: `Bearer ${toBase64Url(session)}` }),
  });
  const common = { url: `${serverUrl}/trpc`, transformer: bytesTransformer };
  const init: FetchEventSourceInit = { fetch: send, headers };
  const trpc = createTRPCUntypedClient<LinkRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({
          ...common,
          EventSource: FetchEventSource,
          eventSourceOptions: init,
        }),
        false: httpLink({
          ...common,
          headers,
          fetch: (url, request) => send(url, request as RequestInit),
        }),
      }),
    ],
  });

  return {
    kind: 'http',
    ...createProcedures(trpc, { signal: ended.signal, onSilence: end }),
    subscribe: (listener) => subscribeTo(trpc, { signal: ended.signal, listener, onEnd: end }),
    setSession: (token) => {
      session = token;
    },
    closed,
    close: end,
  };
}
