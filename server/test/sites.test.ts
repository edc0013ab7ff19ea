/** Who may talk to the server: a page of an origin on the list of the site that it names. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Site } from '../src/sites/service.js';
import { connectOverHttp, refusal } from './client.js';
import { describeOnDatabases } from './databases.js';
import { signUp } from './person.js';
import { startServer, type TestServer } from './server-fixture.js';

await describeOnDatabases('sites', (fixture) => {
  let server: TestServer;
  let shop: Site;
  beforeAll(async () => {
    server = await startServer(await fixture.place());
    shop = await server.createSite('shop.example', { insecureAllowed: true, reach: 'site' });
  });
  afterAll(() => server.close());

  /** The HTTP status that an upgrade is answered with; 101 when it is let through. */
  async function upgradeStatus(query: string, origin: string | undefined): Promise<number> {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${query}`, {
      ...(origin === undefined ? {} : { origin }),
    });
    const refused = once(socket, 'unexpected-response').then(
      ([, response]) => (response as { statusCode: number }).statusCode,
    );
    const opened = once(socket, 'open').then(() => 101);
    socket.on('error', () => undefined);
    const status = await Promise.race([refused, opened]);
    refused.catch(() => undefined);
    opened.catch(() => undefined);
    socket.terminate();
    return status;
  }

  test('a page learns what it may know of its site', async () => {
    const before = Date.now();
    const info = await server.visit(shop).api.sites.info.query();
    const after = Date.now();
    expect(info).toEqual({
      domain: 'shop.example',
      reach: 'site',
      insecureAllowed: true,
      retentionSeconds: 30 * 24 * 3600,
      callsAvailable: false,
      now: expect.any(Number) as number,
    });
    expect(info.now).toBeGreaterThanOrEqual(before);
    expect(info.now).toBeLessThanOrEqual(after);
  });

  describe('on the WebSocket upgrade', () => {
    test('the site’s own origin is let through', async () => {
      expect(await upgradeStatus(`/trpc?site=${shop.key}`, 'https://shop.example')).toBe(101);
    });

    test.each([
      ['another origin', 'https://evil.example'],
      ['another port', 'https://shop.example:8443'],
      ['another scheme', 'http://shop.example'],
      ['a subdomain', 'https://www.shop.example'],
      ['a longer name', 'https://shop.example.evil.example'],
      ['null', 'null'],
      ['no origin at all', undefined],
    ])('%s is refused', async (_what, origin) => {
      expect(await upgradeStatus(`/trpc?site=${shop.key}`, origin)).toBe(403);
    });

    test.each([
      ['an unknown key', `pk_${'x'.repeat(22)}`],
      ['a malformed key', "pk_' OR 1=1 --"],
      ['an empty key', ''],
    ])('%s is refused', async (_what, key) => {
      const query = `/trpc?site=${encodeURIComponent(key)}`;
      expect(await upgradeStatus(query, 'https://shop.example')).toBe(404);
    });

    test('another path is refused', async () => {
      expect(await upgradeStatus(`/other?site=${shop.key}`, 'https://shop.example')).toBe(404);
    });
  });

  describe('over HTTP', () => {
    const page = (siteKey: string, origin: string) => ({ url: server.url, siteKey, origin });

    test('the site’s own origin is answered', async () => {
      const info = await connectOverHttp(page(shop.key, 'https://shop.example')).sites.info.query();
      expect(info.domain).toBe('shop.example');
    });

    test('another origin is refused', async () => {
      const api = connectOverHttp(page(shop.key, 'https://evil.example'));
      expect(await refusal(api.sites.info.query())).toMatchObject({
        code: 'origin_refused',
        httpStatus: 403,
      });
    });

    test('an unknown site is refused', async () => {
      const api = connectOverHttp(page(`pk_${'x'.repeat(22)}`, 'https://shop.example'));
      expect(await refusal(api.sites.info.query())).toMatchObject({
        code: 'site_unknown',
        httpStatus: 404,
      });
    });

    test('a refused page can read why, and sends no cookies', async () => {
      const response = await fetch(`${server.url}/trpc/sites.info?site=${shop.key}`, {
        headers: { origin: 'https://evil.example' },
      });
      expect(response.status).toBe(403);
      expect(response.headers.get('access-control-allow-origin')).toBe('https://evil.example');
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
      expect(await response.json()).toMatchObject({ error: { data: { code: 'origin_refused' } } });
    });

    test('a preflight allows our headers', async () => {
      const response = await fetch(`${server.url}/trpc/accounts.claim`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://shop.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,x-parley-site,authorization',
        },
      });
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-headers')).toContain('x-parley-site');
    });
  });

  test('a session of one site is nobody on another', async () => {
    const other = await server.createSite('other.example');
    const ada = await signUp(server.visit(shop), shop, 'ada');
    const abroad = server.visit(other, { session: ada.session.token });
    expect(await refusal(abroad.api.devices.list.query())).toMatchObject({
      code: 'unauthenticated',
    });
    const home = server.visit(shop, { session: ada.session.token });
    expect(await home.api.devices.list.query()).toHaveLength(1);
  });

  describe('saving a site again', () => {
    test('keeps its key and replaces its origins and settings', async () => {
      const first = await server.createSite('changing.example');
      const second = await server.createSite('changing.example', {
        origins: ['https://new.changing.example'],
        reach: 'site',
      });
      expect(second.key).toBe(first.key);
      expect(await upgradeStatus(`/trpc?site=${first.key}`, 'https://new.changing.example')).toBe(
        101,
      );
      expect(await upgradeStatus(`/trpc?site=${first.key}`, 'https://changing.example')).toBe(403);
    });

    test('refuses a key of another site, and a second key', async () => {
      await expect(server.createSite('thief.example', { key: shop.key })).rejects.toThrow(
        'another site',
      );
      const key = `pk_${'k'.repeat(22)}` as Site['key'];
      await expect(server.createSite('shop.example', { key })).rejects.toThrow('another key');
    });

    test('two who save one at once are told as if they had come one after the other', async () => {
      for (let round = 0; round < 5; round += 1) {
        const domain = `race-${String(round)}.example`;
        const keys = ['a', 'b'].map(
          (letter) => `pk_${letter.repeat(21)}${String(round)}` as Site['key'],
        );
        const answers = await Promise.allSettled(
          keys.map((key) => server.createSite(domain, { key })),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        const refused = answers.find((answer) => answer.status === 'rejected');
        expect(refused?.reason).toMatchObject({
          name: 'SiteRuleError',
          message: `${domain} is a site already, with another key`,
        });
        const alike = await Promise.all([1, 2].map(() => server.createSite(`any-${domain}`)));
        expect(new Set(alike.map(({ key }) => key)).size).toBe(1);
      }
    });

    test('refuses a site without origins', async () => {
      await expect(server.createSite('empty.example', { origins: [] })).rejects.toThrow('origin');
    });
  });
});
