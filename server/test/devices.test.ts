/** Devices of an account, and the key packages by which others add them to groups. */
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { closeCodes } from '../src/connection.js';
import { limits } from '../src/limits.js';
import { listen, refusal } from './client.js';
import { describeOnDatabases } from './databases.js';
import { addDevice, cardOf, makeDevice, makeKey, makePerson, prove } from './person.js';
import { openShop } from './shop.js';

await describeOnDatabases('devices', (fixture) => {
  const { server, site, visit, somebody } = openShop(fixture);

  describe('registering', () => {
    test('adds a device by the right of its certificate', async () => {
      const { person, session, connection } = await somebody();
      const second = await addDevice(visit(), person);
      expect(second.session.accountId).toBe(session.accountId);
      const devices = await connection.api.devices.list.query();
      expect(devices.map(({ id }) => id)).toEqual([session.deviceId, second.device.id]);
      expect(devices[1]).toMatchObject(cardOf(second.device));
    });

    test('may be repeated when the answer was lost', async () => {
      const { person } = await somebody();
      const { device } = await addDevice(visit(), person);
      const connection = visit();
      const proof = await prove(connection, device);
      await connection.api.devices.register.mutate({
        address: person.address,
        device: cardOf(device),
        proof,
      });
      expect(await connection.api.devices.list.query()).toHaveLength(2);
    });

    test('refuses a certificate of another account key', async () => {
      const { person } = await somebody();
      const impostor = { ...person, accountKey: makeKey() };
      expect((await refusal(addDevice(visit(), impostor))).code).toBe('signature_invalid');
    });

    test('refuses a certificate without its device’s key', async () => {
      const { person } = await somebody();
      const device = makeDevice(person);
      const connection = visit();
      const proof = await prove(connection, { ...device, key: makeKey() });
      const request = connection.api.devices.register.mutate({
        address: person.address,
        device: cardOf(device),
        proof,
      });
      expect((await refusal(request)).code).toBe('signature_invalid');
    });

    test('refuses an address that nobody has', async () => {
      expect((await refusal(addDevice(visit(), makePerson(site(), 'nobody_here')))).code).toBe(
        'not_found',
      );
    });

    test('refuses the account of another site', async () => {
      const other = await server().createSite('other.example');
      const { person } = await somebody();
      expect((await refusal(addDevice(server().visit(other), person))).code).toBe('not_found');
    });

    test('refuses a device id that is in use', async () => {
      const first = await somebody();
      const second = await somebody();
      const device = makeDevice(second.person, { id: first.device.id });
      const connection = visit();
      const request = connection.api.devices.register.mutate({
        address: second.person.address,
        device: cardOf(device),
        proof: await prove(connection, device),
      });
      expect((await refusal(request)).code).toBe('device_exists');
    });

    test('stops at the limit, also for several at once', async () => {
      const { person, connection } = await somebody();
      for (let count = 1; count < limits.devicesPerAccountMax - 1; count += 1)
        await addDevice(visit(), person);
      const attempts = await Promise.allSettled([1, 2, 3, 4].map(() => addDevice(visit(), person)));
      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await connection.api.devices.list.query()).toHaveLength(limits.devicesPerAccountMax);
      expect((await refusal(addDevice(visit(), person))).code).toBe('devices_full');
    });
  });

  describe('revoking', () => {
    test('tells the device, closes its sockets and ends its sessions', async () => {
      const first = await somebody();
      const second = await addDevice(visit(), first.person);
      const events = await listen(second.connection);
      const idle = server().visit(site(), { session: second.session.token });
      await idle.api.devices.list.query();
      const sockets = [second.connection.socket(), idle.socket()].map(async (socket) => {
        if (socket === null) throw new Error('no socket');
        const [code] = (await once(socket, 'close')) as [number];
        return code;
      });
      await first.connection.api.devices.revoke.mutate({ deviceId: second.device.id });
      expect(await Promise.all(sockets)).toEqual([closeCodes.revoked, closeCodes.revoked]);
      expect(events.all).toContainEqual({ type: 'revoked' });
      const back = server().visit(site(), { session: second.session.token });
      expect((await refusal(back.api.devices.list.query())).code).toBe('unauthenticated');
      expect(await first.connection.api.devices.list.query()).toHaveLength(1);
    });

    test('of one’s own device is answered before the socket closes', async () => {
      const { connection, device } = await somebody();
      await connection.api.devices.revoke.mutate({ deviceId: device.id });
    });

    test('is for one’s own devices only, and once', async () => {
      const first = await somebody();
      const second = await somebody();
      const revoke = (id: typeof first.device.id) =>
        first.connection.api.devices.revoke.mutate({ deviceId: id });
      expect((await refusal(revoke(second.device.id))).code).toBe('not_found');
      expect((await refusal(revoke(makeDevice(first.person).id))).code).toBe('not_found');
      const { device } = await addDevice(visit(), first.person);
      await revoke(device.id);
      expect((await refusal(revoke(device.id))).code).toBe('not_found');
      expect(await second.connection.api.devices.list.query()).toHaveLength(1);
    });

    test('of the last two at once frees the handle', async () => {
      const first = await somebody();
      const second = await addDevice(visit(), first.person);
      await Promise.all([
        first.connection.api.devices.revoke.mutate({ deviceId: first.device.id }),
        second.connection.api.devices.revoke.mutate({ deviceId: second.device.id }),
      ]);
      expect((await refusal(addDevice(visit(), first.person))).code).toBe('not_found');
      const { handle } = first.person;
      expect((await visit().api.accounts.availability.query({ handle })).status).toBe('taken');
    });

    test('does not bring the device back by registering it again', async () => {
      const first = await somebody();
      const { device } = await addDevice(visit(), first.person);
      await first.connection.api.devices.revoke.mutate({ deviceId: device.id });
      const connection = visit();
      const request = connection.api.devices.register.mutate({
        address: first.person.address,
        device: cardOf(device),
        proof: await prove(connection, device),
      });
      expect((await refusal(request)).code).toBe('device_exists');
    });
  });
});
