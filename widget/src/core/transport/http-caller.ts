/** Requests over HTTP, each on its own; the stream as server-sent events. */
import { bytesTransformer } from './bytes-transformer.js';
import type { Caller, Stream } from './caller.js';
import { errorFromWire, TransportError } from './errors.js';
import { readAnswer, readEvents } from './event-stream.js';
import { watchSilence } from './silence.js';

export interface HttpCallerOptions {
  /** `https://HOST/trpc`. */
  url: string;
  fetch: typeof fetch;
  headers: () => Record<string, string>;
  /** The end of the connection. */
  signal: AbortSignal;
  /** A request did not get through. Whatever failed is tried again at the next connection, so this one must not go on as
   * if nothing had happened. */
  onLost: () => void;
}

/** What a browser's `EventSource` cannot do is done by `fetch`: a token in the URL would stand in logs. */
export function createHttpCaller(options: HttpCallerOptions): Caller {
  const { url, signal } = options;
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    try {
      return await options.fetch(`${url}/${path}`, {
        ...init,
        headers: { ...options.headers(), ...(init.headers as Record<string, string> | undefined) },
        signal,
        cache: 'no-store',
        credentials: 'omit',
      });
    } catch (cause) {
      throw new TransportError('offline', { cause });
    }
  };

  return {
    async call({ method, path, input }) {
      const text = textOf(input);
      const asked =
        method === 'query'
          ? send(path + question(text), {})
          : send(path, {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              ...(text !== undefined && { body: text }),
            });
      try {
        return await answerOf(await asked);
      } catch (error) {
        if (error instanceof TransportError && error.code === 'offline') options.onLost();
        throw error;
      }
    },
    listen(path, input, stream) {
      const run = async (): Promise<void> => {
        const address = path + question(textOf(input));
        const response = await send(address, { headers: { accept: 'text/event-stream' } });
        if (!response.ok) await answerOf(response);
        await hear(response, stream, signal);
      };
      run().then(
        () => {
          stream.onEnd(new TransportError('offline'));
        },
        (error: unknown) => {
          stream.onEnd(
            error instanceof TransportError
              ? error
              : new TransportError('offline', { cause: error }),
          );
        },
      );
    },
  };
}

const textOf = (input: unknown): string | undefined =>
  input === undefined ? undefined : JSON.stringify(bytesTransformer.serialize(input));
const question = (text: string | undefined): string =>
  text === undefined ? '' : `?input=${encodeURIComponent(text)}`;

/** Reads the stream to its end. tRPC's own events are `ping` and the like; the last may be an error. */
async function hear(response: Response, stream: Stream, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  let onSign: () => void = () => undefined;
  const dead = new Promise<never>((_resolve, reject) => {
    const watched = AbortSignal.any([signal, over.signal]);
    const giveUp = (): void => {
      reject(new TransportError('timeout'));
    };
    // The server pings a stream by itself: nothing is asked.
    onSign = watchSilence(() => undefined, giveUp, watched);
  });
  const onEvent = (type: string, text: string): void => {
    if (type === 'message') stream.onData(bytesTransformer.deserialize(parsed(text)));
    if (type === 'serialized-error') throw errorOf(parsed(text));
  };
  try {
    await Promise.race([dead, readEvents(response, { onEvent, onSign })]);
  } finally {
    over.abort();
  }
}

/** @throws TransportError `answer_malformed` */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TransportError('answer_malformed', { cause });
  }
}

const errorOf = (error: unknown): TransportError =>
  errorFromWire((error as { data?: unknown } | null)?.data);

/** @throws TransportError the server's code; `offline` for what is not from our server at all, such as a proxy's page. */
async function answerOf(response: Response): Promise<unknown> {
  let answer: { result?: { data?: unknown }; error?: unknown } | null;
  try {
    answer = JSON.parse(await readAnswer(response)) as typeof answer;
  } catch (cause) {
    throw cause instanceof TransportError ? cause : new TransportError('offline', { cause });
  }
  if (answer?.error !== undefined) throw errorOf(answer.error);
  if (!response.ok) throw new TransportError('offline');
  try {
    return bytesTransformer.deserialize(answer?.result?.data);
  } catch (cause) {
    throw new TransportError('answer_malformed', { cause });
  }
}
