/** Log-in, sessions and finding each other, with everything that can be wrong about them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryRows } from '../src/database/query.js';
import { addressSchema } from '../src/ids.js';
import { limits } from '../src/limits.js';
import { createRateLimits } from '../src/rate-limits.js';
import type { Site } from '../src/sites/service.js';
import { refusal, type TestConnection } from './client.js';
import { later } from './clock.js';
import { describeOnDatabases } from './databases.js';
import {
  addDevice,
  cardOf,
  logIn,
  makeDevice,
  makeId,
  makeKey,
  makePerson,
  prove,
  signProof,
  signUp,
  type Person,
  type TestDevice,
} from './person.js';
import { openDatabaseOf, startServer, type TestServer } from './server-fixture.js';

await describeOnDatabases('signing in', (fixture) => {
  let server: TestServer;
  let shop: Site;
  let bazaar: Site;
  beforeAll(async () => {
    server = await startServer(await fixture.place());
    shop = await server.createSite('shop.example');
    bazaar = await server.createSite('bazaar.example');
  });
  afterAll(() => server.close());

  const visit = (site = shop): TestConnection => server.visit(site);

  describe('logging in', () => {
    test('works with a device that is known', async () => {
      const { person, device, session } = await signUp(visit(), shop, 'regular');
      const again = await logIn(visit(), person, device);
      expect(again.session.accountId).toBe(session.accountId);
      expect(again.session.token).not.toEqual(session.token);
      expect(await again.connection.api.devices.list.query()).toHaveLength(1);
    });

    test('refuses a challenge that was used', async () => {
      const { person, device } = await signUp(visit(), shop, 'replayed');
      const connection = visit();
      const proof = await prove(connection, device);
      await connection.api.accounts.logIn.mutate({ deviceId: device.id, proof });
      for (const elsewhere of [connection, visit()]) {
        const request = elsewhere.api.accounts.logIn.mutate({ deviceId: device.id, proof });
        expect((await refusal(request)).code).toBe('challenge_invalid');
      }
      await logIn(visit(), person, device);
    });

    test('takes a challenge once of ten at the same moment', async () => {
      const { device } = await signUp(visit(), shop, 'hasty');
      const proof = await prove(visit(), device);
      const attempts = Array.from({ length: 10 }, () =>
        visit().api.accounts.logIn.mutate({ deviceId: device.id, proof }),
      );
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    test('refuses a challenge that has expired, not one that nearly has', async () => {
      const { device } = await signUp(visit(), shop, 'slow');
      const nearly = await prove(visit(), device);
      const expired = await prove(visit(), device);
      const attempt = (proof: typeof nearly) =>
        visit().api.accounts.logIn.mutate({ deviceId: device.id, proof });
      await later(limits.challengeSeconds - 10, () => attempt(nearly));
      await later(limits.challengeSeconds + 1, async () => {
        expect((await refusal(attempt(expired))).code).toBe('challenge_invalid');
      });
    });

    test('refuses a challenge that nobody was given', async () => {
      const { device } = await signUp(visit(), shop, 'inventive');
      const challenge = makeKey().publicKey;
      const signature = signProof(device, {
        siteKey: shop.key,
        origin: 'https://shop.example',
        challenge,
      });
      const request = visit().api.accounts.logIn.mutate({
        deviceId: device.id,
        proof: { challenge, signature },
      });
      expect((await refusal(request)).code).toBe('challenge_invalid');
    });

    test('refuses a challenge of another site', async () => {
      const { device } = await signUp(visit(), shop, 'abroad');
      const { challenge, origin } = await visit(bazaar).api.accounts.challenge.mutate();
      const signature = signProof(device, { siteKey: shop.key, origin, challenge });
      const request = visit().api.accounts.logIn.mutate({
        deviceId: device.id,
        proof: { challenge, signature },
      });
      expect((await refusal(request)).code).toBe('challenge_invalid');
    });

    test('refuses a challenge of another origin of the site', async () => {
      const twin = await server.createSite('twin.example', {
        origins: ['https://twin.example', 'https://www.twin.example'],
      });
      const { device } = await signUp(server.visit(twin), twin, 'twin_one');
      const proof = await prove(server.visit(twin, { origin: 'https://www.twin.example' }), device);
      const request = server.visit(twin).api.accounts.logIn.mutate({ deviceId: device.id, proof });
      expect((await refusal(request)).code).toBe('challenge_invalid');
    });

    test('refuses a signature for another site, origin or device, and spends the challenge', async () => {
      const { device } = await signUp(visit(), shop, 'forged');
      const wrong = [
        { siteKey: bazaar.key },
        { origin: 'https://evil.example' },
        { challenge: makeKey().publicKey },
      ];
      for (const change of wrong) {
        const { challenge, origin } = await visit().api.accounts.challenge.mutate();
        const signature = signProof(device, { siteKey: shop.key, origin, challenge, ...change });
        const attempt = () =>
          visit().api.accounts.logIn.mutate({
            deviceId: device.id,
            proof: { challenge, signature },
          });
        expect((await refusal(attempt())).code).toBe('signature_invalid');
        expect((await refusal(attempt())).code).toBe('challenge_invalid');
      }
      const stranger = makeDevice(makePerson(shop, 'stranger'));
      const request = visit().api.accounts.logIn.mutate({
        deviceId: device.id,
        proof: await prove(visit(), { ...stranger, id: device.id }),
      });
      expect((await refusal(request)).code).toBe('signature_invalid');
    });

    test('refuses devices that are unknown, of another site, or revoked', async () => {
      const unknown = makeDevice(makePerson(shop, 'unknown_device'));
      const home = await signUp(visit(), shop, 'at_home');
      const attempt = async (connection: TestConnection, device: TestDevice): Promise<string> =>
        (await refusal(logIn(connection, home.person, device))).code;
      expect(await attempt(visit(), unknown)).toBe('not_found');
      expect(await attempt(visit(bazaar), home.device)).toBe('not_found');
      await home.connection.api.devices.revoke.mutate({ deviceId: home.device.id });
      expect(await attempt(visit(), home.device)).toBe('device_revoked');
    });
  });

  describe('sessions', () => {
    test('carry a new connection', async () => {
      const { session } = await signUp(visit(), shop, 'carried');
      const connection = server.visit(shop, { session: session.token });
      expect(await connection.api.devices.list.query()).toHaveLength(1);
    });

    test('end with log-out, on this connection and for new ones', async () => {
      const { session, connection } = await signUp(visit(), shop, 'leaving');
      await connection.api.accounts.logOut.mutate();
      expect((await refusal(connection.api.devices.list.query())).code).toBe('unauthenticated');
      const next = server.visit(shop, { session: session.token });
      expect((await refusal(next.api.devices.list.query())).code).toBe('unauthenticated');
    });

    test('end by themselves', async () => {
      const { session, connection } = await signUp(visit(), shop, 'lasting');
      await later(limits.sessionSeconds + 1, async () => {
        expect((await refusal(connection.api.devices.list.query())).code).toBe('unauthenticated');
        const next = server.visit(shop, { session: session.token });
        expect((await refusal(next.api.devices.list.query())).code).toBe('unauthenticated');
      });
    });

    test.each([
      ['random', makeKey().publicKey],
      ['short', new Uint8Array(5)],
      ['empty', new Uint8Array(0)],
    ])('of a %s token are nobody’s', async (_what, session) => {
      const request = server.visit(shop, { session }).api.devices.list.query();
      expect((await refusal(request)).code).toBe('unauthenticated');
    });

    test('are known to the database by their hashes alone', async () => {
      const { session } = await signUp(visit(), shop, 'hashed');
      const database = await openDatabaseOf(server);
      const rows = await queryRows<Record<string, unknown>>(database, 'SELECT * FROM sessions');
      await database.close();
      const token = Buffer.from(session.token);
      const stored = JSON.stringify(rows);
      expect(rows.length).toBeGreaterThan(0);
      for (const form of ['hex', 'base64', 'base64url'] as const) {
        expect(stored).not.toContain(token.toString(form).replace(/=+$/, ''));
      }
    });
  });

  describe('looking each other up', () => {
    test('gives account key and certified devices, within a site and across', async () => {
      const ada = await signUp(visit(), shop, 'ada_found');
      await addDevice(visit(), ada.person);
      const near = await signUp(visit(), shop, 'near');
      const far = await signUp(visit(bazaar), bazaar, 'far');
      for (const { connection } of [near, far]) {
        const card = await connection.api.accounts.lookUp.query({ address: ada.person.address });
        expect(card?.accountKey).toEqual(ada.person.accountKey.publicKey);
        expect(card?.devices).toHaveLength(2);
        expect(card?.devices[0]).toEqual(cardOf(ada.device));
      }
    });

    test('finds nobody where nobody is', async () => {
      const { connection } = await signUp(visit(), shop, 'seeker');
      const of = (text: string) =>
        connection.api.accounts.lookUp.query({ address: addressSchema.parse(text) });
      expect(await of('@nobody_there@shop.example')).toBeNull();
      expect(await of('@ada@nowhere.example')).toBeNull();
    });

    test('respects how far sites reach', async () => {
      const closed = await server.createSite('closed.example', { reach: 'site' });
      const inside = await signUp(server.visit(closed), closed, 'inside');
      const inside2 = await signUp(server.visit(closed), closed, 'inside_2');
      const outside = await signUp(visit(), shop, 'outside');
      const look = (connection: TestConnection, person: Person) =>
        connection.api.accounts.lookUp.query({ address: person.address });
      expect(await look(outside.connection, inside.person)).toBeNull();
      expect(await look(inside.connection, outside.person)).toBeNull();
      expect(await look(inside.connection, inside2.person)).not.toBeNull();
    });

    test.each([
      'ada',
      '@ada',
      '@Ada@shop.example',
      '@a@shop.example',
      '@ada@shop.example@x',
      '@ada@',
      '',
    ])('refuses "%s", which is no address', async (address) => {
      const { connection } = await signUp(
        visit(),
        shop,
        `p${makeId().toLowerCase().replaceAll('-', '_')}`,
      );
      const request = connection.api.accounts.lookUp.query({
        address: address,
      });
      expect((await refusal(request)).code).toBe('input_invalid');
    });
  });

  test('guessing and hoarding are slowed down, each client for itself', async () => {
    const strict = await startServer({
      ...(await fixture.place()),
      overrides: {
        rateLimits: createRateLimits({
          availability: { points: 2, seconds: 60 },
          challenge: { points: 3, seconds: 60 },
          claim: { points: 1, seconds: 60 },
          lookUp: { points: 1, seconds: 60 },
        }),
      },
    });
    try {
      const site = await strict.createSite('strict.example');
      const { connection, person } = await signUp(strict.visit(site), site, 'first');
      const look = () => connection.api.accounts.lookUp.query({ address: person.address });
      await look();
      const refused = await refusal(look());
      expect(refused).toMatchObject({ code: 'too_many', httpStatus: 429 });
      expect(refused.retryAfterSeconds).toBeGreaterThan(0);
      expect((await refusal(signUp(strict.visit(site), site, 'second'))).code).toBe('too_many');
      const guess = () => strict.visit(site).api.accounts.availability.query({ handle: 'guess' });
      await guess();
      await guess();
      expect((await refusal(guess())).code).toBe('too_many');
    } finally {
      await strict.close();
    }
  });

  test('what is over is forgotten', async () => {
    await visit().api.accounts.challenge.mutate();
    const { accounts } = server.service.services;
    await later(limits.handleRestSeconds + limits.sessionSeconds + 3600, () => accounts.sweep());
    const database = await openDatabaseOf(server);
    const left = await queryRows<{ rows: number }>(
      database,
      'SELECT (SELECT COUNT(*) FROM challenges) + (SELECT COUNT(*) FROM sessions) AS rows',
    );
    await database.close();
    expect(Number(left[0]?.rows)).toBe(0);
  });
});
