import { describe, expect, it } from 'vitest';
import { readAnswer, readEvents } from './event-stream.js';

const encoder = new TextEncoder();
const bodyOf = (pieces: readonly string[]) =>
  new Response(
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(encoder.encode(piece));
        controller.close();
      },
    }),
  );

/** A body that never ends, and counts what was taken of it. */
function endless(): { body: Response; taken: () => number } {
  let taken = 0;
  const piece = encoder.encode('x'.repeat(100_000));
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      taken += piece.length;
      controller.enqueue(piece);
    },
  });
  return { body: new Response(stream), taken: () => taken };
}

async function heard(pieces: readonly string[]): Promise<{ events: string[]; signs: number }> {
  const events: string[] = [];
  let signs = 0;
  await readEvents(bodyOf(pieces), {
    onEvent: (type, data) => events.push(`${type} ${data}`),
    onSign: () => (signs += 1),
  });
  return { events, signs };
}

describe('server-sent events', () => {
  it('are put together from any pieces', async () => {
    const stream =
      'data: one\n\nevent: ping\ndata:\n\ndata: two\ndata: lines\nid: 7\n\n: a comment\n\n';
    const whole = await heard([stream]);
    expect(whole.events).toEqual(['message one', 'ping ', 'message two\nlines']);
    expect((await heard(Array.from(stream))).events).toEqual(whole.events);
    expect((await heard([stream.replaceAll('\n', '\r\n')])).events).toEqual(whole.events);
  });

  it('give a sign of life with everything that comes', async () => {
    expect((await heard([': still here\n\n', ': and here\n\n'])).signs).toBe(2);
  });

  it('that never end are given up at the limit', async () => {
    const { body, taken } = endless();
    const reading = readEvents(body, { onEvent: () => undefined, onSign: () => undefined });
    await expect(reading).rejects.toMatchObject({ code: 'answer_malformed' });
    expect(taken()).toBeLessThan(6_000_000);
  });
});

describe('an answer', () => {
  it('is read whole, whatever its pieces', async () => {
    expect(await readAnswer(bodyOf(['{"a', '":1}']))).toBe('{"a":1}');
    expect(await readAnswer(new Response(null))).toBe('');
  });

  it('that never ends is given up at the limit', async () => {
    const { body, taken } = endless();
    await expect(readAnswer(body)).rejects.toMatchObject({ code: 'answer_malformed' });
    expect(taken()).toBeLessThan(6_000_000);
  });
});
