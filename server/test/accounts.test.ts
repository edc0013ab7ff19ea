/** Handles and signing in, with everything that can be wrong about them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../src/limits.js';
import type { Site } from '../src/sites/service.js';
import { refusal, type TestConnection } from './client.js';
import { later } from './clock.js';
import { describeOnDatabases } from './databases.js';
import {
  cardOf,
  makeDevice,
  makePerson,
  prove,
  signUp,
  type Person,
  type TestDevice,
} from './person.js';
import { startServer, type TestServer } from './server-fixture.js';

await describeOnDatabases('accounts', (fixture) => {
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

  /** Claims the person's handle, with some fields of the input changed. */
  async function claim(
    connection: TestConnection,
    { person, device = makeDevice(person) }: { person: Person; device?: TestDevice },
    changes: Record<string, unknown> = {},
  ): Promise<unknown> {
    return connection.api.accounts.claim.mutate({
      handle: person.handle,
      accountKey: person.accountKey.publicKey,
      device: cardOf(device),
      proof: await prove(connection, device),
      ...changes,
    });
  }

  describe('availability', () => {
    test('says what may be taken', async () => {
      const { api } = visit();
      await signUp(visit(), shop, 'taken_one');
      const of = async (handle: string): Promise<string> =>
        (await api.accounts.availability.query({ handle })).status;
      expect(await of('free_one')).toBe('available');
      expect(await of('Taken_One')).toBe('taken');
      expect(await of('Admin')).toBe('reserved');
      expect(await of('no')).toBe('invalid');
      expect(await of('\u0430da')).toBe('invalid');
      expect(await of('x'.repeat(64))).toBe('invalid');
    });

    test('is each site’s own', async () => {
      await signUp(visit(), shop, 'local_one');
      const { status } = await visit(bazaar).api.accounts.availability.query({
        handle: 'local_one',
      });
      expect(status).toBe('available');
    });

    test('refuses what is too long to be looked at', async () => {
      const request = visit().api.accounts.availability.query({ handle: 'x'.repeat(65) });
      expect((await refusal(request)).code).toBe('input_invalid');
    });
  });

  describe('claiming', () => {
    test('gives a canonical address and a session on the same connection', async () => {
      const { session, connection, device } = await signUp(visit(), shop, 'Ada_1');
      expect(session.address).toBe('@ada_1@shop.example');
      expect(session.deviceId).toBe(device.id);
      expect(session.token).toHaveLength(32);
      expect(session.expiresAt).toBeGreaterThan(Date.now() + (limits.sessionSeconds - 60) * 1000);
      expect(await connection.api.devices.list.query()).toHaveLength(1);
    });

    test.each([
      ['two characters', 'ab', 'handle_invalid'],
      ['31 characters', 'a'.repeat(31), 'handle_invalid'],
      ['other letters', 'adé', 'handle_invalid'],
      ['a look-alike from another alphabet', '\u0430dam', 'handle_invalid'],
      ['the Kelvin sign', '\u212aing', 'handle_invalid'],
      ['a reserved name', 'support', 'handle_reserved'],
      ['what reads like a reserved name', 'supp0rt', 'handle_reserved'],
    ])('refuses %s', async (_what, handle, code) => {
      const connection = visit();
      const person = { ...makePerson(shop, 'placeholder'), handle };
      expect((await refusal(claim(connection, { person }))).code).toBe(code);
    });

    test('takes 3 and 30 characters', async () => {
      await signUp(visit(), shop, 'abc');
      await signUp(visit(), shop, 'b'.repeat(30));
    });

    test('refuses a taken handle, however it is written', async () => {
      await signUp(visit(), shop, 'popular');
      const other = makePerson(shop, 'PopuLar');
      expect((await refusal(claim(visit(), { person: other }))).code).toBe('handle_taken');
    });

    test('is done once of 20 at the same moment', async () => {
      const attempts = Array.from({ length: 20 }, async () => {
        const person = makePerson(shop, 'contested');
        return claim(visit(), { person });
      });
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') continue;
        expect((await refusal(Promise.reject(outcome.reason as Error))).code).toBe('handle_taken');
      }
    });

    test('may be repeated when the answer was lost', async () => {
      const person = makePerson(shop, 'unlucky');
      const device = makeDevice(person);
      await claim(visit(), { person, device });
      const connection = visit();
      await claim(connection, { person, device });
      expect(await connection.api.devices.list.query()).toHaveLength(1);
    });

    test('by the same account key on another device is no repetition', async () => {
      const person = makePerson(shop, 'lucky');
      await claim(visit(), { person });
      expect((await refusal(claim(visit(), { person }))).code).toBe('handle_taken');
    });

    test('refuses a device that somebody else has', async () => {
      const { device } = await signUp(visit(), shop, 'first_owner');
      const thief = makePerson(shop, 'thief');
      const stolen = makeDevice(thief, { id: device.id });
      expect((await refusal(claim(visit(), { person: thief, device: stolen }))).code).toBe(
        'device_exists',
      );
      // Nothing of the failed claim stays behind.
      const { status } = await visit().api.accounts.availability.query({ handle: 'thief' });
      expect(status).toBe('available');
    });

    test('refuses a certificate that the account key did not make for exactly this', async () => {
      const person = makePerson(shop, 'careful');
      const device = makeDevice(person);
      const certified = async (certificate: Uint8Array): Promise<string> =>
        (
          await refusal(
            claim(visit(), { person, device }, { device: { ...cardOf(device), certificate } }),
          )
        ).code;
      expect(await certified(new Uint8Array(64))).toBe('signature_invalid');
      expect(await certified(makeDevice(person).certificate)).toBe('signature_invalid');
      expect(await certified(makeDevice(makePerson(shop, 'careful')).certificate)).toBe(
        'signature_invalid',
      );
      expect(await certified(makeDevice(makePerson(bazaar, 'careful')).certificate)).toBe(
        'signature_invalid',
      );
    });

    test.each([
      ['an account key of 31 bytes', { accountKey: new Uint8Array(31) }],
      ['an account key that is text', { accountKey: 'x'.repeat(32) }],
      ['no handle', { handle: undefined }],
      ['a handle of 65 characters', { handle: 'a'.repeat(65) }],
      ['no proof', { proof: undefined }],
      ['no device', { device: null }],
    ])('refuses %s', async (_what, changes) => {
      const person = makePerson(shop, 'malformed');
      expect((await refusal(claim(visit(), { person }, changes))).code).toBe('input_invalid');
    });

    test('refuses account keys that are no points', async () => {
      const person = makePerson(shop, 'pointless');
      const changes = { accountKey: new Uint8Array(32).fill(0xff) };
      expect((await refusal(claim(visit(), { person }, changes))).code).toBe('signature_invalid');
    });
  });

  describe('a freed handle', () => {
    test('rests, and is then free for anybody', async () => {
      const { connection, device, person } = await signUp(visit(), shop, 'restful');
      await connection.api.devices.revoke.mutate({ deviceId: device.id });
      const next = makePerson(shop, 'restful');
      const nextDevice = makeDevice(next);
      expect((await visit().api.accounts.availability.query({ handle: 'restful' })).status).toBe(
        'taken',
      );
      expect((await refusal(claim(visit(), { person: next, device: nextDevice }))).code).toBe(
        'handle_taken',
      );
      // Not even for whoever had it: its keys may be in other hands.
      expect((await refusal(claim(visit(), { person }))).code).toBe('handle_taken');
      await later(limits.handleRestSeconds - 60, async () => {
        expect((await refusal(claim(visit(), { person: next, device: nextDevice }))).code).toBe(
          'handle_taken',
        );
      });
      await later(limits.handleRestSeconds + 60, async () => {
        await claim(visit(), { person: next, device: nextDevice });
      });
      const reader = await signUp(visit(), shop, 'reader_of_rest');
      const card = await reader.connection.api.accounts.lookUp.query({ address: next.address });
      expect(card?.accountKey).toEqual(next.accountKey.publicKey);
    });

    test('is nobody’s address meanwhile', async () => {
      const reader = await signUp(visit(), shop, 'reader');
      const { connection, device, person } = await signUp(visit(), shop, 'gone');
      await connection.api.devices.revoke.mutate({ deviceId: device.id });
      const request = reader.connection.api.accounts.lookUp.query({ address: person.address });
      expect(await request).toBeNull();
    });
  });
});
