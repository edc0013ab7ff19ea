/** What carries requests to the server and its answers back: a socket, or HTTP. tRPC's wire format, without its client. */
import type { TransportError } from './errors.js';
import type { Path } from './router-types.js';

/** One connection's way to the server. Answers are what the server said: nobody has looked at them yet. */
export interface Caller {
  /** @throws TransportError the server's code, or `offline` when the connection ended before the answer. */
  call(request: {
    method: 'query' | 'mutation';
    path: Path<'query' | 'mutation'>;
    input: unknown;
  }): Promise<unknown>;
  /** Starts the one stream of a connection. */
  listen(path: Path<'subscription'>, input: unknown, stream: Stream): void;
}

/** Whoever listens to a stream. */
export interface Stream {
  onData(data: unknown): void;
  /** It is over, and why: the server's code, or `offline`. Called once. */
  onEnd(error: TransportError): void;
}
