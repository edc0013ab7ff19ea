/** Key packages: what may be published, and how they are handed out. */
import { describe, expect, test, vi } from 'vitest';
import { limits } from '../src/limits.js';
import { listen, refusal } from './client.js';
import { describeOnDatabases } from './databases.js';
import { makeKeyPackage, makeKeyPackages, type KeyPackageChanges } from './key-packages.js';
import { addDevice, makeKey, makePerson, signUp, type SignedIn } from './person.js';
import { openShop } from './shop.js';

await describeOnDatabases('key packages', (fixture) => {
  const { server, site, visit, somebody } = openShop(fixture);

  describe('publishing key packages', () => {
    test('counts them; the same one twice counts once', async () => {
      const { connection, person, device } = await somebody();
      expect(await connection.api.devices.stock.query()).toEqual({ oneTime: 0, lastResort: false });
      const oneTime = await makeKeyPackages(person, device, 3);
      const lastResort = await makeKeyPackage(person, device);
      const stock = await connection.api.devices.publish.mutate({ oneTime, lastResort });
      expect(stock).toEqual({ oneTime: 3, lastResort: true });
      const again = await connection.api.devices.publish.mutate({ oneTime, lastResort });
      expect(again).toEqual({ oneTime: 3, lastResort: true });
      expect(await connection.api.devices.stock.query()).toEqual({ oneTime: 3, lastResort: true });
    });

    const now = Math.floor(Date.now() / 1000);
    const stranger = makeKey();
    test.each<[string, string, KeyPackageChanges]>([
      [
        'another suite',
        'key_package_invalid',
        { suite: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519' },
      ],
      ['a lifetime that is over', 'key_package_invalid', { notAfter: now - 1 }],
      ['a lifetime two days ahead', 'key_package_invalid', { notBefore: now + 48 * 3600 }],
      ['another address', 'key_package_invalid', { credential: { 1: '@eve@shop.example' } }],
      ['another account key', 'key_package_invalid', { credential: { 2: stranger.publicKey } }],
      ['another device id', 'key_package_invalid', { credential: { 3: `${'x'.repeat(21)}A` } }],
      ['another certificate', 'key_package_invalid', { credential: { 4: new Uint8Array(64) } }],
      ['another version', 'key_package_invalid', { credential: { 0: 'parley credential v2' } }],
    ])('refuses %s', async (_what, code, changes) => {
      const { connection, person, device } = await somebody();
      const good = await makeKeyPackage(person, device);
      const bad = await makeKeyPackage(person, device, changes);
      const publish = connection.api.devices.publish.mutate({ oneTime: [good, bad] });
      expect((await refusal(publish)).code).toBe(code);
      const asLastResort = connection.api.devices.publish.mutate({ oneTime: [], lastResort: bad });
      expect((await refusal(asLastResort)).code).toBe(code);
      expect(await connection.api.devices.stock.query()).toEqual({ oneTime: 0, lastResort: false });
    });

    test('refuses those of another device and of another account', async () => {
      const ada = await somebody();
      const adasOther = await addDevice(visit(), ada.person);
      const bo = await somebody();
      for (const other of [adasOther, bo]) {
        const oneTime = [await makeKeyPackage(other.person, other.device)];
        const request = ada.connection.api.devices.publish.mutate({ oneTime });
        expect((await refusal(request)).code).toBe('key_package_invalid');
      }
    });

    test('refuses broken signatures, of the leaf and of the whole', async () => {
      const { connection, person, device } = await somebody();
      const good = await makeKeyPackage(person, device);
      const last = good.slice();
      last[last.length - 1] = (last[last.length - 1] ?? 0) ^ 1;
      const request = connection.api.devices.publish.mutate({ oneTime: [last] });
      expect((await refusal(request)).code).toBe('signature_invalid');
      // A leaf that another key signed, in a package that the right key signed around it, cannot be made
      // without the key: the lifetime is inside both.
      const lifetime = good.slice();
      const index = Buffer.from(lifetime).lastIndexOf(Buffer.from(device.certificate)) + 64 + 30;
      lifetime[index] = (lifetime[index] ?? 0) ^ 1;
      const changed = connection.api.devices.publish.mutate({ oneTime: [lifetime] });
      expect(['signature_invalid', 'key_package_invalid']).toContain((await refusal(changed)).code);
    });

    test.each([
      ['random bytes', Uint8Array.from({ length: 200 }, (_, index) => index * 7)],
      ['a single byte', Uint8Array.of(0)],
      ['the largest that may be sent', new Uint8Array(limits.keyPackageBytesMax)],
    ])('refuses %s', async (_what, bytes) => {
      const { connection } = await somebody();
      const request = connection.api.devices.publish.mutate({ oneTime: [bytes] });
      expect((await refusal(request)).code).toBe('key_package_invalid');
    });

    test.each([
      ['nothing at all', new Uint8Array(0)],
      ['one byte too many', new Uint8Array(limits.keyPackageBytesMax + 1)],
    ])('refuses %s by its schema', async (_what, bytes) => {
      const { connection } = await somebody();
      const request = connection.api.devices.publish.mutate({ oneTime: [bytes] });
      expect((await refusal(request)).code).toBe('input_invalid');
    });

    test('takes as many as the limits say and no more', async () => {
      const { connection, person, device } = await somebody();
      const batch = await makeKeyPackages(person, device, limits.keyPackagesPerPublishMax);
      const publish = (oneTime: Uint8Array[]) => connection.api.devices.publish.mutate({ oneTime });
      const [extra] = await makeKeyPackages(person, device, 1);
      if (extra === undefined) throw new Error('none made');
      expect((await refusal(publish([...batch, extra]))).code).toBe('input_invalid');
      await publish(batch);
      const more = await makeKeyPackages(person, device, limits.keyPackagesPerPublishMax);
      expect((await publish(more)).oneTime).toBe(limits.keyPackagesPerDeviceMax);
      expect((await refusal(publish([extra]))).code).toBe('key_packages_full');
      expect((await connection.api.devices.stock.query()).oneTime).toBe(
        limits.keyPackagesPerDeviceMax,
      );
    });
  });

  describe('claiming key packages', () => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

    test('gives each one-time package once, then the last resort, in a race too', async () => {
      const owner = await somebody();
      const oneTime = await makeKeyPackages(owner.person, owner.device, 10);
      const lastResort = await makeKeyPackage(owner.person, owner.device);
      await owner.connection.api.devices.publish.mutate({ oneTime, lastResort });
      const claimers = await Promise.all([1, 2, 3, 4, 5].map(() => somebody()));
      const claims = claimers.flatMap(({ connection }) =>
        [1, 2, 3].map(() =>
          connection.api.devices.claimKeyPackages.mutate({ address: owner.person.address }),
        ),
      );
      const given = (await Promise.all(claims)).flat();
      expect(given).toHaveLength(15);
      expect(given.every(({ deviceId }) => deviceId === owner.device.id)).toBe(true);
      const texts = given.map(({ keyPackage }) => hex(keyPackage));
      const ofOneTime = texts.filter((text) => text !== hex(lastResort));
      expect(ofOneTime.sort()).toEqual(oneTime.map(hex).sort());
      expect(await owner.connection.api.devices.stock.query()).toEqual({
        oneTime: 0,
        lastResort: true,
      });
    });

    test('gives one for each device, and none for one without', async () => {
      const first = await somebody();
      const second = await addDevice(visit(), first.person);
      const third = await addDevice(visit(), first.person);
      for (const { connection, person, device } of [first, third]) {
        await connection.api.devices.publish.mutate({
          oneTime: await makeKeyPackages(person, device, 1),
        });
      }
      const { connection } = await somebody();
      const claim = () =>
        connection.api.devices.claimKeyPackages.mutate({ address: first.person.address });
      const given = await claim();
      expect(given.map(({ deviceId }) => deviceId)).toEqual([first.device.id, third.device.id]);
      expect(given.map(({ deviceId }) => deviceId)).not.toContain(second.device.id);
      expect(await claim()).toEqual([]);
    });

    test('by oneself gives those of the other devices', async () => {
      const first = await somebody();
      const second = await addDevice(visit(), first.person);
      for (const { connection, person, device } of [first, second]) {
        await connection.api.devices.publish.mutate({
          oneTime: await makeKeyPackages(person, device, 1),
        });
      }
      const given = await first.connection.api.devices.claimKeyPackages.mutate({
        address: first.person.address,
      });
      expect(given.map(({ deviceId }) => deviceId)).toEqual([second.device.id]);
      expect((await first.connection.api.devices.stock.query()).oneTime).toBe(1);
    });

    test('tells a device whose stock runs low', async () => {
      const owner = await somebody();
      const oneTime = await makeKeyPackages(owner.person, owner.device, limits.keyPackagesLow + 1);
      await owner.connection.api.devices.publish.mutate({ oneTime });
      const events = await listen(owner.connection);
      const { connection } = await somebody();
      const claim = () =>
        connection.api.devices.claimKeyPackages.mutate({ address: owner.person.address });
      await claim();
      await claim();
      const low = await events.next(({ type }) => type === 'key_packages_low');
      expect(low).toEqual({ type: 'key_packages_low', oneTime: limits.keyPackagesLow - 1 });
      expect(events.all.filter(({ type }) => type === 'key_packages_low')).toHaveLength(1);
    });

    test('gives none that has ended', async () => {
      const owner = await somebody();
      const soon = { notAfter: Math.floor(Date.now() / 1000) + 600 };
      const oneTime = [await makeKeyPackage(owner.person, owner.device, soon)];
      const lastResort = await makeKeyPackage(owner.person, owner.device, soon);
      await owner.connection.api.devices.publish.mutate({ oneTime, lastResort });
      const { connection } = await somebody();
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
      const address = owner.person.address;
      expect(await connection.api.devices.claimKeyPackages.mutate({ address })).toEqual([]);
      expect(await owner.connection.api.devices.stock.query()).toEqual({
        oneTime: 0,
        lastResort: false,
      });
      await server().service.services.devices.keyPackages.sweep();
      vi.useRealTimers();
      expect(await owner.connection.api.devices.stock.query()).toEqual({
        oneTime: 0,
        lastResort: false,
      });
    });

    test('gives none of a revoked device', async () => {
      const first = await somebody();
      const second = await addDevice(visit(), first.person);
      const { person, device } = second;
      await second.connection.api.devices.publish.mutate({
        oneTime: await makeKeyPackages(person, device, 2),
      });
      await first.connection.api.devices.revoke.mutate({ deviceId: device.id });
      const { connection } = await somebody();
      expect(
        await connection.api.devices.claimKeyPackages.mutate({ address: person.address }),
      ).toEqual([]);
    });

    test('needs somebody there, and within reach', async () => {
      const { connection } = await somebody();
      const claim = (person: SignedIn['person']) =>
        connection.api.devices.claimKeyPackages.mutate({ address: person.address });
      expect((await refusal(claim(makePerson(site(), 'not_there')))).code).toBe('not_found');
      const closed = await server().createSite('closed.example', { reach: 'site' });
      const { person } = await signUp(server().visit(closed), closed, 'behind_walls');
      expect((await refusal(claim(person))).code).toBe('reach_refused');
    });
  });
});
