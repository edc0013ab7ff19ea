/** Ringing has its bounds: at one person, and at everybody when nobody answers. */
import { afterEach, expect, test } from 'vitest';
import { createRateLimits, type RateLimitTable } from '../src/rate-limits.js';
import { listen, refusal } from './client.js';
import { makePair, type Pair } from './pair.js';
import { makeId } from './person.js';
import { presentMedia } from './present-media.js';
import { startServer, type TestServer } from './server-fixture.js';

let server: TestServer;
let pair: Pair;
afterEach(() => server.close());

async function start(table: Partial<RateLimitTable>): Promise<void> {
  const overrides = { media: presentMedia, rateLimits: createRateLimits(table) };
  server = await startServer({ overrides });
  pair = await makePair(server);
  // Who is not there rings for a few seconds only.
  await listen(pair.alice.connection);
}

/** Alice rings once; what Bob does is done before it is over. */
async function ring(answered = false): Promise<void> {
  const { alice, bob, conversationId } = pair;
  const callId = makeId();
  await alice.connection.api.calls.start.mutate({ callId, conversationId, video: false });
  if (answered) await bob.connection.api.calls.answer.mutate({ callId, sdp: 'v=0', e2ee: true });
  await alice.connection.api.calls.hangUp.mutate({ callId });
}

test('at one person twelve times in ten minutes, as the table says, and no more', async () => {
  await start({});
  for (let count = 0; count < 12; count += 1) await ring(true);
  const { code, retryAfterSeconds } = await refusal(ring());
  expect(code).toBe('too_many');
  expect(retryAfterSeconds).toBeGreaterThan(60);
  // Bob may still ring at Alice: what one does is not counted against the other.
  const { bob, conversationId } = pair;
  await bob.connection.api.calls.start.mutate({ callId: makeId(), conversationId, video: false });
});

test('unanswered so many times an hour; an answer gives its ring back', async () => {
  await start({ callUnanswered: { points: 4, seconds: 3600 } });
  for (let count = 0; count < 3; count += 1) await ring();
  for (let count = 0; count < 5; count += 1) await ring(true);
  await ring();
  expect((await refusal(ring())).code).toBe('too_many');
});
