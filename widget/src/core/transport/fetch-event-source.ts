/** The part of EventSource that tRPC needs, over `fetch`: a browser's own can send no Authorization header, and a token in
 * the URL would stand in logs.
 *
 * Source: HTML, section 9.2 (server-sent events). Unlike a browser's it does not reconnect: the connection ends. */
import { transportLimits } from './limits.js';

export interface FetchEventSourceInit {
  fetch: typeof fetch;
  headers: () => Record<string, string>;
}

type Listener = (event: MessageEvent | Event) => void;

export class FetchEventSource {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  readyState: number = FetchEventSource.CONNECTING;
  readonly url: string;
  readonly withCredentials = false;
  readonly #ended = new AbortController();
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(url: string | URL, init?: FetchEventSourceInit) {
    this.url = String(url);
    if (init !== undefined) void this.#run(init);
  }

  addEventListener(type: string, listener: Listener): void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listeners.get(type)?.delete(listener);
  }

  close(): void {
    this.readyState = FetchEventSource.CLOSED;
    this.#ended.abort();
  }

  #dispatch(event: Event): void {
    for (const listener of this.#listeners.get(event.type) ?? []) listener(event);
  }

  async #run(init: FetchEventSourceInit): Promise<void> {
    try {
      const response = await init.fetch(this.url, {
        headers: { accept: 'text/event-stream', ...init.headers() },
        signal: this.#ended.signal,
        cache: 'no-store',
        credentials: 'omit',
      });
      if (!response.ok || response.body === null) throw new TypeError('no event stream');
      this.readyState = FetchEventSource.OPEN;
      this.#dispatch(new Event('open'));
      await this.#read(response.body);
    } catch {
      // Whatever it was: the stream is over, and the connection with it.
    }
    this.readyState = FetchEventSource.CLOSED;
    this.#dispatch(new Event('error'));
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      // Base64 is a third longer than the bytes.
      if (text.length > 2 * transportLimits.frameBytesMax) throw new RangeError('event too long');
      const blocks = text.split(/\r?\n\r?\n/);
      text = blocks.pop() ?? '';
      for (const block of blocks) this.#dispatchBlock(block);
    }
  }

  #dispatchBlock(block: string): void {
    let type = 'message';
    let lastEventId = '';
    const data: string[] = [];
    for (const line of block.split(/\r?\n/)) {
      const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      if (field === 'event') type = value;
      if (field === 'id') lastEventId = value;
      if (field === 'data') data.push(value);
    }
    if (data.length > 0)
      this.#dispatch(new MessageEvent(type, { data: data.join('\n'), lastEventId }));
  }
}
