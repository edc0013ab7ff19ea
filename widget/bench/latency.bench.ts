/** From one person's send to the other's screen having the text: MLS, storage before sending, the server with its disk,
 * opening and storage before showing; beside a bare relay's hop and one fsync. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket as NodeWebSocket } from 'ws';
import type { BenchPart, Figure } from '../../scripts/bench/figure.js';
import { timeFsyncs } from '../../scripts/bench/fsync.js';
import { claim, open, until, type Person } from '../src/core/test/person.js';
import { startServer } from '../src/core/test/server-process.js';
import type { ConversationId } from '../src/core/index.js';

interface Latency {
  p50: number;
  p99: number;
}

function percentiles(times: readonly number[]): Latency {
  const sorted = [...times].sort((left, right) => left - right);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Milliseconds from each send to the other one's `arrived`, one message at a time. */
async function timeMessages(
  [from, to]: readonly [Person, Person],
  conversation: ConversationId,
  count: number,
): Promise<number[]> {
  const over = new AbortController();
  let arrived: (text: string) => void = () => undefined;
  to.client.subscribe((event) => {
    if (event.type !== 'arrived') return;
    const { body } = event.message;
    if (body.type === 'text') arrived(body.text);
  }, over.signal);
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const text = `message ${index}`;
    const seen = new Promise<void>((done) => {
      arrived = (seenText) => {
        if (seenText === text) done();
      };
    });
    const startedAt = performance.now();
    await Promise.all([from.say(conversation, text), seen]);
    times.push(performance.now() - startedAt);
    await new Promise((done) => setTimeout(done, 5));
  }
  over.abort();
  return times;
}

/** The same way through a relay that neither stores nor reads. */
async function timeRelay(count: number): Promise<number[]> {
  const relay = spawn(
    process.execPath,
    [resolve(import.meta.dirname, '../../server/bench/relay.js')],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(createInterface({ input: relay.stdout }), 'line')) as [string];
  const { port } = JSON.parse(line) as { port: number };
  const [from, to] = [0, 1].map((place) => new NodeWebSocket(`ws://127.0.0.1:${port}/${place}`));
  if (from === undefined || to === undefined) throw new Error('two sockets');
  await Promise.all([once(from, 'open'), once(to, 'open')]);
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    const seen = once(to, 'message');
    from.send(new Uint8Array(500));
    await seen;
    times.push(performance.now() - startedAt);
    await new Promise((done) => setTimeout(done, 5));
  }
  from.terminate();
  to.terminate();
  relay.kill('SIGKILL');
  return times;
}

async function timePair(count: number): Promise<number[]> {
  const server = await startServer();
  const anna = await claim('anna', { server, site: server.bazaar });
  const boris = await claim('boris', { server, site: server.garden });
  try {
    const conversation = await open(anna, boris);
    const known = (): boolean => boris.client.snapshot.conversations.length === 1;
    await until('the conversation is known', known, 60_000);
    await timeMessages([anna, boris], conversation, Math.ceil(count / 4));
    return await timeMessages([anna, boris], conversation, count);
  } finally {
    await Promise.all([anna.client.close(), boris.client.close()]);
    await server.dispose();
  }
}

export const run: BenchPart = async ({ quick, say }) => {
  const count = quick ? 20 : 1_000;
  say('a bare relay, and one fsync');
  const relay = percentiles(await timeRelay(count));
  const fsync = percentiles(await timeFsyncs());
  say('a pair with MLS');
  const pair = percentiles(await timePair(count));
  const figure = (which: keyof Latency, budget: number | null): Figure => ({
    name: `latency: send to decrypted ${which}, 1 pair, SQLite`,
    value: Number(pair[which].toPrecision(3)),
    unit: 'ms',
    floor: Number((relay[which] + fsync.p50).toPrecision(3)),
    budget: budget === null ? null : Number(budget.toPrecision(3)),
  });
  return [figure('p50', 3 * (relay.p50 + fsync.p50)), figure('p99', null)];
};
