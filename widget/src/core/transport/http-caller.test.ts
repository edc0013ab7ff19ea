/** HTTP to a server that a test plays. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectHttp } from './http.js';
import type { Connection } from './contract.js';

let server: Server;
let connection: Connection;
let respond: RequestListener;

beforeEach(async () => {
  server = createServer((request, response) => {
    respond(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  connection = connectHttp({
    serverUrl: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    instance: 'A'.repeat(22),
    siteKey: 'pk_test',
    session: Uint8Array.of(1, 2, 3),
    signal: new AbortController().signal,
  });
});
afterEach(() => {
  connection.close();
  server.closeAllConnections();
  server.close();
});

const says =
  (status: number, body: string): RequestListener =>
  (_request, response) => {
    response.writeHead(status);
    response.end(body);
  };
const stock = { oneTime: 3, lastResort: true };

describe('requests over HTTP', () => {
  it('carry site and session in headers, their input in the address or the body', async () => {
    const seen: string[] = [];
    respond = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { authorization, 'x-parley-site': site } = request.headers;
        seen.push([request.method, request.url, body, authorization, site].join(' '));
        response.end(JSON.stringify({ result: { data: stock } }));
      });
    };
    expect(await connection.keyPackageStock()).toEqual(stock);
    await connection.publishKeyPackages({ oneTime: [Uint8Array.of(255)] });
    await connection.availability('a&b').catch(() => undefined);
    const input = encodeURIComponent('{"handle":"a&b"}');
    expect(seen).toEqual([
      'GET /trpc/devices.stock  Bearer AQID pk_test',
      'POST /trpc/devices.publish {"oneTime":[{"$bytes":"/w=="}]} Bearer AQID pk_test',
      `GET /trpc/accounts.availability?input=${input}  Bearer AQID pk_test`,
    ]);
  });

  it.each([
    ['the code of the server', 409, '{"error":{"data":{"code":"handle_taken"}}}', 'handle_taken'],
    ['no code that it made up', 500, '{"error":{"data":{"code":"x"}}}', 'internal'],
    ['an error that is none', 500, '{"error":null}', 'internal'],
    ['a page of a proxy', 502, '<h1>Bad gateway</h1>', 'offline'],
    ['a page of a hotel', 200, '<h1>Welcome</h1>', 'offline'],
    ['an error of something else', 503, '{"message":"busy"}', 'offline'],
    ['an answer that is none', 200, 'null', 'answer_malformed'],
    ['an answer of another shape', 200, '{"result":{"data":7}}', 'answer_malformed'],
    ['bytes that are none', 200, '{"result":{"data":{"$bytes":"*"}}}', 'answer_malformed'],
  ])('fail with a code: %s', async (...[, status, body, code]) => {
    respond = says(status, body);
    await expect(connection.keyPackageStock()).rejects.toMatchObject({ code });
  });

  it('are offline where nobody listens', async () => {
    respond = (request) => request.socket.destroy();
    await expect(connection.keyPackageStock()).rejects.toMatchObject({ code: 'offline' });
  });
});

describe('the stream over HTTP', () => {
  it('brings events until the server ends it, and then the connection is over', async () => {
    respond = (request, response) => {
      expect(request.headers.accept).toBe('text/event-stream');
      response.write('event: connected\ndata: {}\n\ndata: {"type":"subscribed"}\n\n');
      response.write('event: ping\ndata: \n\ndata: {"type":"key_packages_low","oneTime":1}\n\n');
      response.end('event: return\ndata: \n\n');
    };
    const events: unknown[] = [];
    await connection.subscribe((event) => events.push(event));
    await connection.closed;
    expect(events).toEqual([{ type: 'key_packages_low', oneTime: 1 }]);
  });

  const unauthenticated = '{"data":{"code":"unauthenticated"}}';
  it.each([
    ['before it begins', says(401, `{"error":${unauthenticated}}`)],
    ['as its first event', says(200, `event: serialized-error\ndata: ${unauthenticated}\n\n`)],
  ])('says %s that nobody is logged in, and the connection goes on', async (_when, answer) => {
    respond = answer;
    const subscribing = connection.subscribe(() => undefined);
    await expect(subscribing).rejects.toMatchObject({ code: 'unauthenticated' });
    respond = says(200, JSON.stringify({ result: { data: stock } }));
    expect(await connection.keyPackageStock()).toEqual(stock);
  });

  it.each([
    ['what is no JSON', 'data: {\n\n'],
    ['what is no event', 'data: {"type":"gift"}\n\n'],
  ])('ends with the connection at %s', async (_what, body) => {
    respond = says(200, body);
    const subscribing = connection.subscribe(() => undefined);
    await expect(subscribing).rejects.toMatchObject({ code: 'answer_malformed' });
    await connection.closed;
  });
});
