/** What each stage of a message costs in the server, measured on the functions that do it: decode, authorise, write,
 * encode, send. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from '@msgpack/msgpack';
import type { BenchPart, Figure } from '../../scripts/bench/figure.js';
import { parseTRPCMessage } from '@trpc/server/rpc';
import { sendInput } from '../src/conversations/contract.js';
import { append, type Draft, type LogState } from '../src/conversations/log.js';
import { createDatabase } from '../src/database/connection.js';
import { asBuffer } from '../src/database/statements.js';
import type { LiveEvent } from '../src/events/contract.js';
import { decodePayload, eventFrame } from '../src/realtime/encoder.js';
import { plainTransformer } from '../src/bytes-transformer.js';
import { message, newEnvelopeId, seq, World } from '../test/conversation-world.js';
import { startPostgres } from '../test/postgres.js';
import { RawSocket } from './raw-socket.js';

const text = 'x'.repeat(400);
const batch = 200;

/** Microseconds of one, from so many in a row; the first third warms up. */
function each(times: number, work: (index: number) => unknown): number {
  const warm = Math.floor(times / 3);
  for (let index = 0; index < warm; index += 1) work(index);
  const startedAt = performance.now();
  for (let index = 0; index < times; index += 1) work(warm + index);
  return ((performance.now() - startedAt) * 1_000) / times;
}

const transformer = { input: plainTransformer, output: plainTransformer };

function decodeStage(times: number): number {
  const world = { conversationId: `${'c'.repeat(21)}A`, id: newEnvelopeId(), epoch: 1 };
  const input = { ...world, ciphertext: new TextEncoder().encode(text) };
  const params = { path: 'conversations.send', input };
  const payload = Buffer.from(encode({ id: 70_000, method: 'mutation', params }));
  return each(times, () => {
    const parsed = parseTRPCMessage(decodePayload(payload), transformer);
    if (parsed.method === 'subscription.stop') throw new Error('another message');
    return sendInput.parse(parsed.params.input);
  });
}

/** Whether the sender is in it, whether the epoch fits, and the next place. */
function authoriseStage(world: World, times: number): number {
  const [alice, bob] = [world.person(), world.person()];
  let state: LogState = { head: 0, epoch: 1, members: [alice.accountId, bob.accountId] };
  const sent = message(`${'c'.repeat(21)}A` as Draft['conversationId'], text);
  const draft: Draft = {
    ...sent,
    kind: 'message',
    sender: bob,
    ciphertext: asBuffer(sent.ciphertext),
    digest: Buffer.alloc(32),
  };
  return each(times, () => {
    const answer = append(state, draft, { stored: undefined, now: 1 });
    if ('refused' in answer) throw new Error(answer.refused);
    ({ state } = answer);
  });
}

/** Of a batch, one transaction with its fsync, for each message in it. */
async function writeStage(world: World, batches: number): Promise<number> {
  const { alice, conversationId } = await world.pair();
  const send = (): Promise<unknown> => {
    const drafts = Array.from({ length: batch }, () => message(conversationId, text));
    return Promise.all(drafts.map((draft) => world.conversations.send(alice, draft)));
  };
  for (let count = 0; count < batches / 3; count += 1) await send();
  const startedAt = performance.now();
  for (let count = 0; count < batches; count += 1) await send();
  return ((performance.now() - startedAt) * 1_000) / (batches * batch);
}

function makeEvents(count: number): LiveEvent[] {
  const ciphertext = new TextEncoder().encode(text);
  const conversationId = `${'c'.repeat(21)}A` as Draft['conversationId'];
  const senderDevice = `${'d'.repeat(21)}A` as Draft['sender']['deviceId'];
  const id = newEnvelopeId();
  return Array.from({ length: count }, (_, index) => ({
    type: 'envelope',
    conversationId,
    envelope: {
      seq: seq(index + 1),
      kind: 'message',
      id,
      senderDevice,
      epoch: 1,
      ciphertext,
      storedAt: 1_764_000_000_000,
    },
  }));
}

/** A frame into the kernel, a write of its own for each; the other end reads. */
async function sendStage(frame: Buffer, times: number): Promise<number> {
  const server = createServer();
  server.on('upgrade', (_request, stream) => {
    stream.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    server.emit('upgraded', stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upgraded = once(server, 'upgraded') as Promise<[Duplex]>;
  const { port } = server.address() as AddressInfo;
  const client = await RawSocket.open({ port, path: '/', origin: 'https://bench.example' });
  const [stream] = await upgraded;
  let taken = 0;
  for (let sent = 0; sent < times; sent += 50) {
    taken += each(50, () => stream.write(frame)) * 50;
    if (stream.writableLength > 0) await once(stream, 'drain');
    // The reader's turn is not the writer's cost.
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.destroy();
  stream.destroy();
  server.close();
  return taken / times;
}

const figure = (what: string, value: number): Figure => ({
  name: `stages: ${what}`,
  value: Number(value.toPrecision(3)),
  unit: 'us',
  floor: null,
  budget: null,
});

export const run: BenchPart = async ({ quick, say }) => {
  const times = quick ? 1_000 : 50_000;
  const batches = quick ? 3 : 60;
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const world = new World(await createDatabase({ dataFolder: folder }), { purgeDelayMs: 600_000 });
  const figures = [
    figure('decode and check a message of 400 bytes', decodeStage(times)),
    figure('authorise it', authoriseStage(world, times)),
  ];
  say('SQLite');
  figures.push(
    figure(`write it, of ${batch} in a batch, SQLite`, await writeStage(world, batches)),
  );
  await world.close();
  await rm(folder, { recursive: true });
  const postgres = await startPostgres();
  if ('missing' in postgres) say(`PostgreSQL skipped: ${postgres.missing}`);
  else {
    say('PostgreSQL');
    const databaseUrl = await postgres.freshDatabaseUrl();
    const other = new World(await createDatabase({ dataFolder: folder, databaseUrl }), {
      purgeDelayMs: 600_000,
    });
    figures.push(
      figure(`write it, of ${batch} in a batch, PostgreSQL`, await writeStage(other, batches)),
    );
    await other.close();
    await postgres.stop();
  }
  const events = makeEvents(Math.ceil((times * 4) / 3) + 1);
  const fresh = each(times, (index) => eventFrame(1, events[index] as LiveEvent));
  const [last] = events.slice(-1) as [LiveEvent];
  const again = each(times, () => eventFrame(1, last));
  figures.push(
    figure('encode it for the first receiver', fresh),
    figure('and for each further one', again),
    figure('send it to one', await sendStage(eventFrame(1, last), Math.min(times, 10_000))),
  );
  return figures;
};
