/** Databases that earlier versions wrote open in this one, and their people go on. A later version's is refused. */
import { createPrivateKey, sign } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Sequelize } from 'sequelize';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDatabase } from '../src/database/connection.js';
import { execute } from '../src/database/query.js';
import { siteKeySchema } from '../src/ids.js';
import { connect, refusal, type TestConnection } from './client.js';
import { describeOnDatabases, type DatabaseFixture, type DatabasePlace } from './databases.js';
import { makeKeyPackages } from './key-packages.js';
import { addDevice, logIn, makeId, type Key, type Person, type TestDevice } from './person.js';
import { startServer, type TestServer } from './server-fixture.js';

/** What was in the database when it was written; bytes as base64. */
interface Written {
  writtenAt: number;
  conversationId: string;
  entries: { seq: number; kind: string; id: string; epoch: number; ciphertext: string | null }[];
  welcome: { seq: number; bytes: string };
  stock: { oneTime: number; lastResort: boolean };
  ada: WrittenPerson;
  adaPhone: WrittenPerson;
  bo: WrittenPerson;
  cleo: WrittenPerson;
  lost: WrittenPerson;
  gone: WrittenPerson;
}
interface WrittenPerson {
  handle: string;
  address: string;
  siteKey: string;
  origin: string;
  deviceId: string;
  deviceSeed: string;
  accountSeed: string;
  accountKey: string;
  signatureKey: string;
  certificate: string;
  session: string;
}

const earlier = (name: string): string =>
  fileURLToPath(new URL(`earlier/${name}`, import.meta.url));
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

/** A key from its seed, as `makeKey` makes one afresh. */
function keyOf(seed: string, publicKey: string): Key {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), bytes(seed)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    publicKey: bytes(publicKey),
    seed: bytes(seed),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

/** The person and the device as tests know them. */
function revive(written: WrittenPerson): { person: Person; device: TestDevice } {
  const key = keyOf(written.deviceSeed, written.signatureKey);
  const site = { key: siteKeySchema.parse(written.siteKey), domain: written.address.split('@')[2] };
  return {
    person: {
      site: site as Person['site'],
      handle: written.handle,
      address: written.address as Person['address'],
      accountKey: keyOf(written.accountSeed, written.accountKey),
    },
    device: {
      id: written.deviceId as TestDevice['id'],
      key,
      signatureKey: key.publicKey,
      certificate: bytes(written.certificate),
    },
  };
}

/** Puts the earlier database in a fresh place. */
async function restore(
  fixture: DatabaseFixture,
): Promise<{ place: DatabasePlace; written: Written }> {
  const place = await fixture.place();
  const dialect = fixture.dialect;
  const json = await readFile(earlier(`first-version.${dialect}.json`), 'utf8');
  if (place.databaseUrl === undefined) {
    const file = gunzipSync(await readFile(earlier('first-version.sqlite.gz')));
    await writeFile(join(place.dataFolder, 'parley.sqlite'), file);
  } else {
    const dump = gunzipSync(await readFile(earlier('first-version.sql.gz'))).toString();
    const database = new Sequelize(place.databaseUrl, { logging: false, pool: { max: 1 } });
    // Lines that begin with a backslash are for `psql`, not for the server.
    await database.query(dump.replace(/^\\.*$/gm, ''));
    await database.close();
  }
  return { place, written: JSON.parse(json) as Written };
}

await describeOnDatabases('a database of the first version', (fixture) => {
  let written: Written;
  let place: DatabasePlace;
  let server: TestServer;
  const connections: TestConnection[] = [];
  beforeEach(async () => {
    ({ place, written } = await restore(fixture));
    // Sessions and key packages have their time: it is an hour later.
    vi.useFakeTimers({ toFake: ['Date'], now: written.writtenAt + 3_600_000 });
    server = await startServer(place);
  });
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
    await server.close();
    vi.useRealTimers();
  });

  const visit = (who: WrittenPerson, session?: string): TestConnection => {
    const { siteKey, origin } = who;
    const token = session === undefined ? undefined : bytes(session);
    const connection = connect({ url: server.url, siteKey, origin, session: token });
    connections.push(connection);
    return connection;
  };

  test('opens, and all that is in it can be read', async () => {
    const { conversationId, ada, bo, cleo, lost, gone } = written;
    const { api } = visit(ada, ada.session);
    const { entries, head } = await api.conversations.pull.query({
      conversationId: conversationId,
      after: 0,
      limit: 200,
    });
    expect(head).toBe(6);
    const readable = entries.map(({ ciphertext, ...entry }) => ({
      ...entry,
      ciphertext: ciphertext === null ? null : Buffer.from(ciphertext).toString('base64'),
    }));
    expect(readable).toEqual(written.entries);
    expect(await api.devices.list.query()).toHaveLength(2);
    expect(await api.devices.stock.query()).toEqual(written.stock);
    expect(await api.conversations.groupInfo.query({ conversationId: conversationId })).toEqual({
      epoch: 2,
      seq: 4,
      groupInfo: new Uint8Array(950).fill(5),
    });
    expect(await api.accounts.lookUp.query({ address: bo.address })).toMatchObject({
      accountKey: bytes(bo.accountKey),
      devices: [{ id: bo.deviceId }],
    });
    const waiting = await visit(cleo, cleo.session).api.conversations.heads.query({});
    expect(waiting.heads).toMatchObject([
      { welcome: { seq: written.welcome.seq, welcome: bytes(written.welcome.bytes) } },
    ]);
    // Who was shut out stays so, and a freed handle still rests.
    const shutOut = visit(lost, lost.session).api.devices.list.query();
    expect((await refusal(shutOut)).code).toBe('unauthenticated');
    const { person, device } = revive(lost);
    expect((await refusal(logIn(visit(lost), person, device))).code).toBe('device_revoked');
    const { status } = await visit(gone).api.accounts.availability.query({ handle: gone.handle });
    expect(status).toBe('taken');
  });

  test('its people log in, write, publish, claim and acknowledge', async () => {
    const { conversationId, ada, bo } = written;
    const someone = revive(bo);
    const { connection } = await logIn(visit(bo), someone.person, someone.device);
    const { api } = connection;
    const sent = await api.conversations.send.mutate({
      conversationId: conversationId,
      id: makeId(),
      epoch: 2,
      ciphertext: new Uint8Array(300).fill(9),
    });
    expect(sent.seq).toBe(7);
    // A message of then, sent again, still has its place.
    const old = written.entries.find(({ seq }) => seq === 6);
    const again = await api.conversations.send.mutate({
      conversationId: conversationId,
      id: old?.id as never,
      epoch: 2,
      ciphertext: bytes(old?.ciphertext ?? ''),
    });
    expect(again.seq).toBe(6);
    const packages = await makeKeyPackages(someone.person, someone.device, 1);
    expect(await api.devices.publish.mutate({ oneTime: packages })).toMatchObject({ oneTime: 3 });
    expect(await api.devices.claimKeyPackages.mutate({ address: ada.address })).toMatchObject([
      { deviceId: ada.deviceId },
    ]);
    for (const one of [ada, written.adaPhone, bo])
      await visit(one, one.session).api.conversations.acknowledge.mutate({
        upTo: [{ conversationId: conversationId, seq: 6 }],
      });
    await server.service.services.conversations.sweep();
    const left = await api.conversations.pull.query({
      conversationId: conversationId,
      after: 0,
      limit: 200,
    });
    expect(left.entries.map(({ ciphertext }) => ciphertext === null)).toEqual([
      ...Array<boolean>(6).fill(true),
      false,
    ]);
    const third = await addDevice(visit(ada), revive(ada).person);
    expect(await third.connection.api.devices.list.query()).toHaveLength(3);
  });

  test('refused where a later version has been at it, in one line', async () => {
    await server.close();
    const later = await createDatabase(place);
    await later.write((transaction) =>
      execute(later, "INSERT INTO schema_migrations (name) VALUES ('9999-of-tomorrow')", {
        transaction,
      }),
    );
    await later.close();
    await expect(createDatabase(place)).rejects.toMatchObject({
      code: 'schema_newer',
      message:
        'the database was migrated by a newer version (9999-of-tomorrow); install that version or restore a backup',
    });
  });
});
