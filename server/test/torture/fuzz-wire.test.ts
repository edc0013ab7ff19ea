/** Spoilt requests by real sockets and real HTTP to the real server: a typed answer each, and never `internal`. */
import { Agent, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { decode, encode } from '@msgpack/msgpack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { rounds, seedFor } from '../../../scripts/rounds.js';
import { bytesTransformer } from '../../src/bytes-transformer.js';
import { decodePayload } from '../../src/realtime/encoder.js';
import { readableLog } from '../log-lines.js';
import { makePair, type Pair } from '../pair.js';
import { presentMedia } from '../present-media.js';
import { startServer, type TestServer } from '../server-fixture.js';
import { createMutation, isPolluted, type Mutation } from './mutation.js';
import { validInputs } from './valid-inputs.js';

const seed = seedFor('fuzz-wire');
const requests = rounds({ short: 1_500, full: 30_000 });
const httpRequests = rounds({ short: 800, full: 15_000 });
const timeoutMs = rounds({ short: 60_000, full: 600_000 });
/** Asked for at a time. */
const atATime = 50;

const log = readableLog();
let server: TestServer;
let pair: Pair;
beforeAll(async () => {
  server = await startServer({ overrides: { media: presentMedia, logger: log.logger } });
  pair = await makePair(server);
});
afterAll(async () => {
  expect(log.named('a request failed')).toEqual([]);
  expect(log.named('a request failed outside of any procedure')).toEqual([]);
  expect(isPolluted()).toBe(false);
  await server.close();
});

const site = () => pair.alice.person.site;
/** Signing out would leave nobody to try the rest as. */
const paths = Object.keys(validInputs).filter((path) => path !== 'accounts.logOut');

/** The ids of the two in place of the made-up ones, half of the time: what gets past the schema has to be survived too. */
function plausible(path: string, mutation: Mutation): unknown {
  const valid = validInputs[path];
  if (mutation.below(2) === 0 || typeof valid !== 'object' || valid === null) return valid;
  const known: Partial<Record<string, string>> = {
    conversationId: pair.conversationId,
    address: pair.bob.person.address,
  };
  return Object.fromEntries(
    Object.entries(valid).map(([key, value]) => [key, known[key] ?? value]),
  );
}

/** MessagePack of anything; what cannot be said in it becomes nothing. */
function packed(value: unknown): Uint8Array {
  try {
    return encode(value, { ignoreUndefined: true });
  } catch {
    return encode(null);
  }
}

function isDecodable(frame: Uint8Array): boolean {
  try {
    decodePayload(frame);
    return true;
  } catch {
    return false;
  }
}

interface Answer {
  id: number | null;
  error?: { data: { code: string } };
}

test('over a WebSocket', { timeout: timeoutMs }, async () => {
  const mutation = createMutation(seed);
  const token = Buffer.from(pair.bob.session.token).toString('base64url');
  const url = `${server.url.replace('http', 'ws')}/trpc?site=${site().key}&connectionParams=1`;
  const socket = new WebSocket(url, { origin: 'https://shop.example' });
  await once(socket, 'open');
  socket.send(encode({ method: 'connectionParams', data: { session: token } }));
  const codes = new Map<string, number>();
  const waiting = new Map<number, () => void>();
  socket.on('message', (data: Buffer) => {
    const { id, error } = decode(data) as Answer;
    const code = error?.data.code ?? 'ok';
    codes.set(code, (codes.get(code) ?? 0) + 1);
    waiting.get(id as number)?.();
  });
  for (let first = 1; first <= requests; first += atATime) {
    const answered: Promise<void>[] = [];
    for (let id = first; id < first + atATime; id += 1) {
      const path = mutation.pick(paths);
      const input = mutation.value(plausible(path, mutation));
      const method =
        path === 'events.subscribe' ? 'subscription' : mutation.pick(['query', 'mutation']);
      const frame = packed({ id, method, params: { path, input } });
      // Garbage between the frames is answered to nobody in particular.
      if (mutation.below(10) === 0) socket.send(mutation.bytes(frame).slice(0, 4_000));
      const sent = frame.length === 1 ? packed({ id, method, params: { path } }) : frame;
      // What cannot even be decoded is answered as well, but not by its id.
      if (isDecodable(sent)) answered.push(new Promise((resolve) => waiting.set(id, resolve)));
      socket.send(sent);
    }
    await Promise.all(answered);
    waiting.clear();
  }
  expect(socket.readyState).toBe(WebSocket.OPEN);
  expect(codes.get('internal')).toBeUndefined();
  expect(codes.get('ok')).toBeGreaterThan(0);
  expect(codes.get('input_invalid')).toBeGreaterThan(0);
  socket.terminate();
  await pair.send();
});

/** One request as it is, however strange. @returns status and body; `null` when it cannot even be said in HTTP. */
function ask(
  agent: Agent,
  path: string,
  { method, headers, body }: { method: string; headers: Record<string, string>; body: string },
): Promise<{ status: number; body: string } | null> {
  return new Promise((resolve, reject) => {
    try {
      const request = httpRequest(
        `${server.url}/`,
        { agent, method, headers, path, insecureHTTPParser: true },
        (response) => {
          let text = '';
          const done = (): void => {
            resolve({ status: response.statusCode ?? 0, body: text });
          };
          // A stream of events has no end of its own.
          if (response.headers['content-type']?.startsWith('text/event-stream')) {
            response.destroy();
            done();
            return;
          }
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', done);
          response.on('close', done);
        },
      );
      request.on('error', (error: NodeJS.ErrnoException) => {
        // A connection that was kept may end in the moment in which it is used again.
        if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(null);
        else reject(error);
      });
      request.end(method === 'GET' ? undefined : body);
    } catch {
      resolve(null);
    }
  });
}

test('over HTTP', { timeout: timeoutMs }, async () => {
  const mutation = createMutation(seed);
  const agent = new Agent({ keepAlive: true, maxSockets: atATime });
  const token = Buffer.from(pair.bob.session.token).toString('base64url');
  const statuses = new Map<number, number>();
  const one = async (): Promise<void> => {
    const procedure = mutation.pick(paths);
    const input = bytesTransformer.serialize(mutation.value(plausible(procedure, mutation)));
    let json = 'null';
    try {
      json = Buffer.from(JSON.stringify(input ?? null)).toString();
    } catch {
      // What cannot be said in JSON is not said.
    }
    if (mutation.below(8) === 0) json = mutation.text(json);
    const batched = mutation.below(6) === 0;
    const name = mutation.below(12) === 0 ? mutation.text(procedure) : procedure;
    const query = batched
      ? `?batch=1&input=${encodeURIComponent(Buffer.from(`{"0":${json}}`).toString())}`
      : `?input=${encodeURIComponent(Buffer.from(json).toString())}`;
    const method = mutation.pick(['GET', 'POST']);
    const bearer = mutation.below(8) === 0 ? mutation.text(token) : token;
    const headers = {
      origin:
        mutation.below(20) === 0 ? mutation.text('https://shop.example') : 'https://shop.example',
      'x-parley-site': mutation.below(20) === 0 ? mutation.text(site().key) : site().key,
      authorization: `Bearer ${bearer}`,
      'content-type':
        mutation.below(10) === 0 ? mutation.text('application/json') : 'application/json',
    };
    const path = `/trpc/${encodeURI(Buffer.from(name).toString())}${method === 'GET' ? query.slice(0, 12_000) : ''}`;
    const answer = await ask(agent, path, { method, headers, body: json });
    if (answer === null) return;
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status >= 500 || answer.body.includes('"internal"'))
      throw new Error(`${method} ${path} ${json}: ${String(answer.status)} ${answer.body}`);
  };
  for (let done = 0; done < httpRequests; done += atATime)
    await Promise.all(Array.from({ length: atATime }, one));
  agent.destroy();
  expect(statuses.get(200)).toBeGreaterThan(0);
  expect(statuses.get(400)).toBeGreaterThan(0);
  await pair.send();
});
