/** Every procedure, tried by people without the right to it: as nobody, as another account, as a member of other
 * conversations alone, as a revoked device. A procedure that is not in the table fails. */
import { once } from 'node:events';
import { getUntypedClient } from '@trpc/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountIdSchema } from '../src/ids.js';
import { appRouter } from '../src/router.js';
import type { ServerErrorCode } from '../src/wire.js';
import { connectOverHttp, listen, refusal, type TestConnection } from './client.js';
import { describeOnDatabases } from './databases.js';
import {
  addDevice,
  cardOf,
  logIn,
  makeDevice,
  makeId,
  makePerson,
  prove,
  signUp,
  type SignedIn,
} from './person.js';
import { presentMedia } from './present-media.js';
import { startServer, type TestServer } from './server-fixture.js';

/** What the inputs are made of: two who talk, and one who has nothing to do with it. */
interface Scene {
  ada: SignedIn;
  bo: SignedIn;
  conversationId: string;
  /** Ada's call, which rings at Bo. */
  callId: string;
}

interface Row {
  input: (scene: Scene, connection: TestConnection) => unknown;
  /** What somebody hears who is not signed in, or whose device is revoked; `ok` for what pages may ask before. */
  nobody: ServerErrorCode | 'ok';
  /** What another account hears, a member of other conversations or of none; `own` where one can only ever name or reach what is one's own, or public. */
  stranger: ServerErrorCode | 'own';
  /** What a member of other conversations hears, where that differs. */
  elsewhere?: ServerErrorCode | 'own';
}

const bytes = new Uint8Array(16).fill(7);
const nothing = (): undefined => undefined;
const byCall = ({ callId }: Scene): object => ({ callId });

const table: Record<string, Row> = {
  'sites.info': { input: nothing, nobody: 'ok', stranger: 'own' },
  'accounts.availability': { input: () => ({ handle: 'free_one' }), nobody: 'ok', stranger: 'own' },
  'accounts.challenge': { input: nothing, nobody: 'ok', stranger: 'own' },
  'accounts.claim': {
    // Somebody else's handle, with keys of one's own.
    input: async ({ ada }, connection) => {
      const thief = { ...makePerson(ada.person.site, ada.person.handle) };
      const device = makeDevice(thief);
      const proof = await prove(connection, device);
      const accountKey = thief.accountKey.publicKey;
      return { handle: thief.handle, accountKey, device: cardOf(device), proof };
    },
    nobody: 'handle_taken',
    stranger: 'handle_taken',
  },
  'accounts.logIn': {
    // Somebody else's device, without its key.
    input: async ({ ada }, connection) => {
      const forged = makeDevice(ada.person, { id: ada.device.id });
      return { deviceId: ada.device.id, proof: await prove(connection, forged) };
    },
    nobody: 'signature_invalid',
    stranger: 'signature_invalid',
  },
  'accounts.logOut': { input: nothing, nobody: 'unauthenticated', stranger: 'own' },
  'accounts.lookUp': {
    input: ({ ada }) => ({ address: ada.person.address }),
    nobody: 'unauthenticated',
    stranger: 'own',
  },
  'devices.register': {
    // A device of somebody else's account, certified by a key of one's own.
    input: async ({ ada }, connection) => {
      const device = makeDevice(makePerson(ada.person.site, ada.person.handle));
      return {
        address: ada.person.address,
        device: cardOf(device),
        proof: await prove(connection, device),
      };
    },
    nobody: 'signature_invalid',
    stranger: 'signature_invalid',
  },
  'devices.list': { input: nothing, nobody: 'unauthenticated', stranger: 'own' },
  'devices.revoke': {
    input: ({ ada }) => ({ deviceId: ada.device.id }),
    nobody: 'unauthenticated',
    stranger: 'not_found',
  },
  'devices.stock': { input: nothing, nobody: 'unauthenticated', stranger: 'own' },
  'devices.publish': {
    input: () => ({ oneTime: [bytes] }),
    nobody: 'unauthenticated',
    stranger: 'key_package_invalid',
  },
  'devices.claimKeyPackages': {
    input: ({ ada }) => ({ address: ada.person.address }),
    nobody: 'unauthenticated',
    stranger: 'own',
  },
  'conversations.create': {
    // The id of a conversation of others.
    input: ({ ada, conversationId }) => ({
      conversationId,
      peer: ada.person.address,
      suite: 61_453,
      epoch: 1,
      welcome: bytes,
      groupInfo: bytes,
    }),
    nobody: 'unauthenticated',
    stranger: 'conversation_exists',
    // Cleo and Ada have one already, and that is what is named.
    elsewhere: 'own',
  },
  'conversations.send': {
    input: ({ conversationId }) => ({ conversationId, id: makeId(), epoch: 1, ciphertext: bytes }),
    nobody: 'unauthenticated',
    stranger: 'not_found',
  },
  'conversations.commit': {
    input: ({ conversationId }) => ({
      conversationId,
      id: makeId(),
      epoch: 1,
      commit: bytes,
      groupInfo: bytes,
    }),
    nobody: 'unauthenticated',
    stranger: 'not_found',
  },
  'conversations.heads': { input: () => ({}), nobody: 'unauthenticated', stranger: 'own' },
  'conversations.pull': {
    input: ({ conversationId }) => ({ conversationId, after: 0, limit: 10 }),
    nobody: 'unauthenticated',
    stranger: 'not_found',
  },
  'conversations.groupInfo': {
    input: ({ conversationId }) => ({ conversationId }),
    nobody: 'unauthenticated',
    stranger: 'not_found',
  },
  'conversations.acknowledge': {
    input: ({ conversationId }) => ({ upTo: [{ conversationId, seq: 1 }] }),
    nobody: 'unauthenticated',
    stranger: 'not_found',
  },
  'calls.start': {
    input: ({ conversationId }) => ({ callId: makeId(), conversationId, video: false }),
    nobody: 'unauthenticated',
    stranger: 'not_found',
  },
  'calls.answer': {
    input: ({ callId }) => ({ callId, sdp: 'v=0', e2ee: true }),
    nobody: 'unauthenticated',
    stranger: 'call_ended',
  },
  'calls.decline': { input: byCall, nobody: 'unauthenticated', stranger: 'own' },
  'calls.hangUp': { input: byCall, nobody: 'unauthenticated', stranger: 'own' },
  'calls.publish': {
    input: ({ callId }) => ({ callId, sdp: 'v=0', e2ee: true }),
    nobody: 'unauthenticated',
    stranger: 'call_ended',
  },
  'calls.answerMedia': {
    input: ({ callId }) => ({ callId, sdp: 'v=0', e2ee: true }),
    nobody: 'unauthenticated',
    stranger: 'call_ended',
  },
  'calls.candidate': {
    input: ({ callId }) => ({ callId, direction: 'publish', candidate: null }),
    nobody: 'unauthenticated',
    stranger: 'call_ended',
  },
  'events.subscribe': { input: nothing, nobody: 'unauthenticated', stranger: 'own' },
};

const procedures = Object.entries(appRouter._def.procedures).map(([path, procedure]) => ({
  path,
  type: (procedure as unknown as { _def: { type: 'query' | 'mutation' | 'subscription' } })._def
    .type,
}));

await describeOnDatabases('authorisation', (fixture) => {
  let server: TestServer;
  let scene: Scene;
  /** Somebody who talks with Ada as well, elsewhere. */
  let cleo: SignedIn;
  /** A device of Bo's, and so of the conversation, that he has revoked. */
  let lost: SignedIn;
  beforeAll(async () => {
    server = await startServer({ ...(await fixture.place()), overrides: { media: presentMedia } });
    const site = await server.createSite('shop.example');
    const ada = await signUp(server.visit(site), site, 'ada');
    const bo = await signUp(server.visit(site), site, 'bo_');
    cleo = await signUp(server.visit(site), site, 'cleo');
    lost = await addDevice(server.visit(site), bo.person);
    const conversationId = await begin(ada, bo);
    await begin(cleo, ada);
    // Who is not there rings for a few seconds only.
    await listen(ada.connection);
    await bo.connection.api.devices.revoke.mutate({ deviceId: lost.device.id });
    scene = { ada, bo, conversationId, callId: '' };
  });
  afterAll(() => server.close());

  async function begin(by: SignedIn, peer: SignedIn): Promise<string> {
    const conversationId = makeId();
    const { address } = peer.person;
    const group = { suite: 61_453, epoch: 1, welcome: bytes, groupInfo: bytes };
    await by.connection.api.conversations.create.mutate({
      conversationId,
      peer: address,
      ...group,
    });
    return conversationId;
  }

  /** Has Ada's call ring at Bo, where the procedure is about calls. */
  async function ringFor(path: string): Promise<void> {
    if (!path.startsWith('calls.')) return;
    const { calls } = scene.ada.connection.api;
    if (scene.callId !== '') await calls.hangUp.mutate({ callId: scene.callId });
    scene.callId = makeId();
    const { callId, conversationId } = scene;
    await calls.start.mutate({ callId, conversationId, video: false });
  }

  /** Nothing that the others tried has changed anything of Ada's and Bo's. */
  async function expectUntouched(path: string): Promise<void> {
    const { api } = scene.ada.connection;
    expect(await api.devices.list.query()).toHaveLength(1);
    const { conversationId } = scene;
    const { entries } = await api.conversations.pull.query({ conversationId, after: 0, limit: 10 });
    expect(entries).toEqual([]);
    if (!path.startsWith('calls.')) return;
    const accountId = accountIdSchema.parse(scene.bo.session.accountId);
    const ringing = server.service.services.calls.ringing(accountId);
    expect(ringing).toMatchObject([{ callId: scene.callId }]);
  }

  test('is described for every procedure, and for no other', () => {
    expect(Object.keys(table).sort()).toEqual(procedures.map(({ path }) => path).sort());
  });

  test.each(procedures)('$path as nobody', async ({ path, type }) => {
    const row = rowOf(path);
    await ringFor(path);
    const connection = server.visit(scene.ada.person.site);
    const request = call(connection, { path, type }, await row.input(scene, connection));
    if (row.nobody === 'ok') await request;
    else expect((await refusal(request)).code).toBe(row.nobody);
    await expectUntouched(path);
  });

  test.each(procedures)('$path as another account', async ({ path, type }) => {
    const row = rowOf(path);
    await ringFor(path);
    const { site } = scene.ada.person;
    const handle = `eve_${path.replace('.', '_').toLowerCase()}`.slice(0, 30);
    const { connection } = await signUp(server.visit(site), site, handle);
    const request = call(connection, { path, type }, await row.input(scene, connection));
    if (row.stranger === 'own') await request;
    else expect((await refusal(request)).code).toBe(row.stranger);
    await expectUntouched(path);
  });

  test.each(procedures)('$path as a member of other conversations', async ({ path, type }) => {
    const row = rowOf(path);
    await ringFor(path);
    const { site } = scene.ada.person;
    const { connection } = await logIn(server.visit(site), cleo.person, cleo.device);
    const request = call(connection, { path, type }, await row.input(scene, connection));
    const expected = row.elsewhere ?? row.stranger;
    if (expected === 'own') await request;
    else expect((await refusal(request)).code).toBe(expected);
    await expectUntouched(path);
  });

  test.each(procedures)('$path with the session of a revoked device', async ({ path, type }) => {
    const row = rowOf(path);
    await ringFor(path);
    const { site } = scene.bo.person;
    const session = lost.session.token;
    const connection = server.visit(site, { session });
    const input = await row.input(scene, connection);
    const request = call(connection, { path, type }, input);
    if (row.nobody === 'ok') await request;
    else expect((await refusal(request)).code).toBe(row.nobody);
    await expectUntouched(path);
    // Over HTTP the token comes with each request. What takes a challenge has used up the one of above.
    if (type === 'subscription' || row.nobody !== 'unauthenticated') return;
    const api = connectOverHttp({ ...connection.page, session });
    expect((await refusal(call({ api }, { path, type }, input))).code).toBe('unauthenticated');
  });

  test('a revoked device does not come back by its own key', async () => {
    const connection = server.visit(scene.bo.person.site);
    const { person, device } = lost;
    expect((await refusal(logIn(connection, person, device))).code).toBe('device_revoked');
    const again = { device: cardOf(device), proof: await prove(connection, device) };
    const { address } = person;
    const registering = connection.api.devices.register.mutate({ address, ...again });
    expect((await refusal(registering)).code).toBe('device_exists');
    const proof = await prove(connection, device);
    const { handle, accountKey } = person;
    const claim = { handle, accountKey: accountKey.publicKey, device: cardOf(device), proof };
    expect((await refusal(connection.api.accounts.claim.mutate(claim))).code).toBe('handle_taken');
  });

  test('revoking ends the sockets and the subscriptions that the device has', async () => {
    const { ada, bo, conversationId, callId } = scene;
    await ada.connection.api.calls.hangUp.mutate({ callId });
    const { site } = bo.person;
    const phone = await addDevice(server.visit(site), bo.person);
    const elsewhere = server.visit(site, { session: phone.session.token });
    const logs = [await listen(phone.connection), await listen(elsewhere)];
    const sockets = [phone.connection.socket(), elsewhere.socket()];
    const closed = sockets.map((socket) => once(socket as NonNullable<typeof socket>, 'close'));
    await bo.connection.api.devices.revoke.mutate({ deviceId: phone.device.id });
    for (const close of closed) expect((await close)[0]).toBe(4401);
    const message = { conversationId, id: makeId(), epoch: 1, ciphertext: bytes };
    const other = await listen(bo.connection);
    await ada.connection.api.conversations.send.mutate(message);
    await other.next(({ type }) => type === 'envelope');
    for (const { all } of logs)
      expect(all.map(({ type }) => type)).toEqual(['subscribed', 'revoked']);
  });
});

function rowOf(path: string): Row {
  const row = table[path];
  if (row === undefined) throw new Error(`${path} is not in the table`);
  return row;
}

/** Calls a procedure by its path; a subscription counts as answered when it starts. */
async function call(
  { api }: Pick<TestConnection, 'api'>,
  { path, type }: { path: string; type: 'query' | 'mutation' | 'subscription' },
  input: unknown,
): Promise<unknown> {
  const client = getUntypedClient(api);
  if (type === 'query') return client.query(path, input);
  if (type === 'mutation') return client.mutation(path, input);
  return new Promise((resolve, reject) => {
    const subscription = client.subscription(path, input, {
      onData: (data) => {
        subscription.unsubscribe();
        resolve(data);
      },
      onError: reject,
    });
  });
}
