/** HTTP: the fall-back of tRPC, the widget's files, health, metrics, headers. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get as httpGet } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase } from '../src/database/connection.js';
import { limits } from '../src/limits.js';
import type { Site } from '../src/sites/service.js';
import { absentMedia } from './absent-media.js';
import { connectOverHttp, refusal } from './client.js';
import { cardOf, makeDevice, makePerson, signProof, signUp } from './person.js';
import { startServer, type TestServer } from './server-fixture.js';

let folder: string;
let server: TestServer;
let shop: Site;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-widget-'));
  await mkdir(join(folder, 'chunks'));
  await mkdir(join(folder, 'types'));
  await writeFile(join(folder, 'parley.js'), 'export const loader = 1;');
  await writeFile(join(folder, 'chunks', 'main-BX3f9_aQ.js'), 'export const main = 1;');
  await writeFile(join(folder, 'types', 'main.d.ts'), 'export {};');
  await writeFile(join(folder, '.secret'), 'no');
  server = await startServer({ environment: { PARLEY_WIDGET: folder } });
  shop = await server.createSite('shop.example');
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.url}${path}`, { headers });

describe('tRPC over HTTP', () => {
  const page = (session?: Uint8Array) => ({
    url: server.url,
    siteKey: shop.key,
    origin: 'https://shop.example',
    session,
  });

  test('signs people up, bytes and all', async () => {
    const api = connectOverHttp(page());
    const person = makePerson(shop, 'over_http');
    const device = makeDevice(person);
    const { challenge, origin } = await api.accounts.challenge.mutate();
    expect(challenge).toBeInstanceOf(Uint8Array);
    const session = await api.accounts.claim.mutate({
      handle: person.handle,
      accountKey: person.accountKey.publicKey,
      device: cardOf(device),
      proof: { challenge, signature: signProof(device, { siteKey: shop.key, origin, challenge }) },
    });
    // There is no connection to be signed in on: each request brings its token.
    expect((await refusal(api.devices.list.query())).code).toBe('unauthenticated');
    const [own] = await connectOverHttp(page(session.token)).devices.list.query();
    expect(own?.certificate).toEqual(device.certificate);
  });

  test('streams live events as server-sent events', async () => {
    const { session, device, connection } = await signUp(server.visit(shop), shop, 'over_sse');
    const token = Buffer.from(session.token).toString('base64url');
    const over = new AbortController();
    const response = await fetch(`${server.url}/trpc/events.subscribe?site=${shop.key}`, {
      headers: {
        origin: 'https://shop.example',
        authorization: `Bearer ${token}`,
        accept: 'text/event-stream',
      },
      signal: over.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (part: string): Promise<void> => {
      while (!text.includes(part)) {
        const read = await reader?.read();
        if (read?.value === undefined) throw new Error(`the stream ended: ${text}`);
        text += read.value;
      }
    };
    await until('subscribed');
    server.service.services.bus.publish([`device:${device.id}`], {
      type: 'key_packages_low',
      oneTime: 3,
    });
    await until('"key_packages_low"');
    await connection.api.devices.revoke.mutate({ deviceId: device.id });
    await until('revoked');
    over.abort();
  });

  test('takes the session of an EventSource from its connection parameters', async () => {
    const { session } = await signUp(server.visit(shop), shop, 'event_source');
    const parameters = JSON.stringify({
      session: Buffer.from(session.token).toString('base64url'),
    });
    const query = `site=${shop.key}&connectionParams=${encodeURIComponent(parameters)}`;
    const over = new AbortController();
    const response = await fetch(`${server.url}/trpc/events.subscribe?${query}`, {
      headers: { origin: 'https://shop.example', accept: 'text/event-stream' },
      signal: over.signal,
    });
    const { value } =
      (await response.body?.pipeThrough(new TextDecoderStream()).getReader().read()) ?? {};
    expect(value).not.toContain('unauthenticated');
    over.abort();
  });

  test.each([
    ['no JSON', 'not json'],
    ['a list nested without end', '['.repeat(100_000)],
    ['nothing', ''],
  ])('%s is input_invalid', async (_what, body) => {
    const response = await fetch(`${server.url}/trpc/accounts.claim?site=${shop.key}`, {
      method: 'POST',
      headers: { origin: 'https://shop.example', 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('input_invalid');
  });

  test('a body above the limit is refused', async () => {
    const response = await fetch(`${server.url}/trpc/accounts.claim?site=${shop.key}`, {
      method: 'POST',
      headers: { origin: 'https://shop.example', 'content-type': 'application/json' },
      body: 'x'.repeat(limits.websocketMessageBytesMax * 2),
    }).catch(() => null);
    // Node may see the connection end before it sees the answer.
    if (response !== null) expect(response.status).toBe(413);
    expect((await get('/healthz')).status).toBe(200);
  });

  test.each(['/trpc/nobody.home', '/trpc/__proto__', '/trpc/sites'])(
    '%s is not there',
    async (path) => {
      const response = await get(`${path}?site=${shop.key}`, { origin: 'https://shop.example' });
      expect(response.status).toBe(404);
    },
  );
});

describe('the widget', () => {
  test('is served to every origin; browsers ask for the loader again each time', async () => {
    const response = await get('/parley.js', { origin: 'https://anything.example' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^(text|application)\/javascript/);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const again = await get('/parley.js', {
      'if-none-match': response.headers.get('etag') ?? '',
      // Without it `fetch` would ask for a fresh copy.
      'cache-control': 'max-age=0',
    });
    expect(again.status).toBe(304);
  });

  test('has chunks that never change', async () => {
    const response = await get('/chunks/main-BX3f9_aQ.js');
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  test.each([
    '/',
    '/.secret',
    '/types/main.d.ts',
    '/../package.json',
    '/%2e%2e/package.json',
    '/nothing.js',
    '/chunks/',
  ])('does not include %s', async (path) => {
    expect((await get(path)).status).toBe(404);
  });
});

describe('for operators', () => {
  test('/healthz says that the process answers', async () => {
    const response = await get('/healthz');
    expect(await response.json()).toEqual({ status: 'ok' });
  });

  test('/readyz reports the database and Janus; no Janus is no reason to be unready', async () => {
    const readiness = async (url = server.url): Promise<unknown> => {
      const response = await fetch(`${url}/readyz`);
      return [response.status, await response.json()];
    };
    // It says what it knows when the database takes longer than who asks will wait.
    await expect.poll(() => readiness()).toEqual([200, { database: 'ok', janus: 'down' }]);
    const withJanus = await startServer({
      overrides: { media: { ...absentMedia, available: true } },
    });
    await expect
      .poll(() => readiness(withJanus.url))
      .toEqual([200, { database: 'ok', janus: 'ok' }]);
    await withJanus.close();
  });

  test('/readyz is 503 without a database', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'parley-server-'));
    const database = await createDatabase({ dataFolder });
    let closed = false;
    const close = async (): Promise<void> => {
      if (!closed) await database.close();
      closed = true;
    };
    const failing = await startServer({
      dataFolder,
      overrides: { database: { ...database, close } },
    });
    await close();
    const response = await fetch(`${failing.url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ database: 'down', janus: 'down' });
    await failing.close();
    await rm(dataFolder, { recursive: true, force: true });
  });

  test('/metrics counts connections and requests by outcome', async () => {
    await refusal(server.visit(shop).api.devices.list.query());
    const text = await (await get('/metrics')).text();
    expect(text).toMatch(/^parley_connections [1-9]/m);
    expect(text).toMatch(
      /^parley_requests_total\{path="devices.list",type="query",code="unauthenticated"\} [1-9]/m,
    );
    expect(text).toContain('parley_request_seconds_bucket');
    expect(text).toMatch(/^parley_write_seconds_count [1-9]/m);
    expect(text).toContain('parley_calls_active');
  });

  test('/metrics is for this machine, or for who has the token', async () => {
    for (const header of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via', 'x-forwarded-host'])
      expect((await get('/metrics', { [header]: '203.0.113.7' })).status).toBe(403);
    expect(await metricsAskedFor('127.0.0.1')).toBe(200);
    expect(await metricsAskedFor('localhost:4000')).toBe(200);
    // A page that has its own name resolve to this machine.
    expect(await metricsAskedFor('rebound.example')).toBe(403);
    // A proxy here may say nothing of whom it speaks for: a server for others gives its numbers for a token only.
    const known = await startServer({ environment: { PARLEY_PUBLIC_URL: 'https://chat.example' } });
    expect((await fetch(`${known.url}/metrics`)).status).toBe(403);
    await known.close();
    const guarded = await startServer({ environment: { PARLEY_METRICS_TOKEN: 'let-me-in' } });
    const status = async (authorization?: string): Promise<number> =>
      (
        await fetch(`${guarded.url}/metrics`, {
          headers: authorization === undefined ? {} : { authorization },
        })
      ).status;
    expect(await status()).toBe(403);
    expect(await status('Bearer let-me-iN')).toBe(403);
    expect(await status('Bearer let-me-in-too')).toBe(403);
    expect(await status('Bearer let-me-in')).toBe(200);
    await guarded.close();
  });
});

/** The status for somebody on this machine who asks under this name; `fetch` does not let one choose it. */
function metricsAskedFor(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpGet(`${server.url}/metrics`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject);
  });
}

test('no answer says what the server is made of, and none may be framed', async () => {
  for (const path of ['/healthz', '/nothing', '/parley.js']) {
    const { headers } = await get(path);
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  }
});
