import { describe, expect, it } from 'vitest';
import { FetchEventSource } from './fetch-event-source.js';

/** Serves a stream in the given pieces, and records what is dispatched. */
async function read(pieces: string[], init: ResponseInit = {}) {
  const heard: string[] = [];
  const headers: Record<string, string> = { authorization: 'Bearer x' };
  let sent: Headers | undefined;
  const source = new FetchEventSource('http://127.0.0.1/', {
    headers: () => headers,
    fetch: async (_url, request) => {
      sent = new Headers(request?.headers);
      const encoder = new TextEncoder();
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const piece of pieces) controller.enqueue(encoder.encode(piece));
          controller.close();
        },
      });
      return new Response(body, init);
    },
  });
  for (const type of ['open', 'message', 'ping']) {
    source.addEventListener(type, (event) => {
      heard.push(
        event instanceof MessageEvent ? `${type} ${String(event.data)} ${event.lastEventId}` : type,
      );
    });
  }
  await new Promise<void>((resolve) => {
    source.addEventListener('error', () => {
      resolve();
    });
  });
  return { heard, state: source.readyState, sent };
}

describe('server-sent events', () => {
  it('are put together from any pieces', async () => {
    const stream =
      'data: one\n\nevent: ping\ndata:\n\ndata: two\ndata: lines\nid: 7\n\n: a comment\n\n';
    const whole = await read([stream]);
    expect(whole.heard).toEqual(['open', 'message one ', 'ping  ', 'message two\nlines 7']);
    expect(whole.state).toBe(FetchEventSource.CLOSED);
    expect((await read(Array.from(stream))).heard).toEqual(whole.heard);
    expect((await read([stream.replaceAll('\n', '\r\n')])).heard).toEqual(whole.heard);
  });

  it('carry the session in a header', async () => {
    expect((await read([])).sent?.get('authorization')).toBe('Bearer x');
  });

  it('end when the server refuses, or never ends an event', async () => {
    expect((await read(['data: no\n\n'], { status: 401 })).heard).toEqual([]);
    expect((await read([`data: ${'x'.repeat(5_000_000)}`])).heard).toEqual(['open']);
  });
});
