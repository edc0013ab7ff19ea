/** Every procedure, tried by people without the right to it. A procedure that is not in the table fails. */
import { getUntypedClient } from '@trpc/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appRouter } from '../src/router.js';
import type { ServerErrorCode } from '../src/wire.js';
import { refusal, type TestConnection } from './client.js';
import { describeOnDatabases } from './databases.js';
import { cardOf, makeDevice, makeId, makePerson, prove, signUp, type SignedIn } from './person.js';
import { startServer, type TestServer } from './server-fixture.js';

/** What the inputs are made of: two who talk, and one who has nothing to do with it. */
interface Scene {
  ada: SignedIn;
  bo: SignedIn;
  conversationId: string;
}

interface Row {
  input: (scene: Scene, connection: TestConnection) => unknown;
  /** What somebody hears who is not signed in; `ok` for what pages may ask before. */
  nobody: ServerErrorCode | 'ok';
  /** What another account hears; `own` where one can only ever name or reach what is one's own, or public. */
  stranger: ServerErrorCode | 'own';
}

const bytes = new Uint8Array(16).fill(7);
const callId = makeId();
const nothing = (): undefined => undefined;
const byCall = (): object => ({ callId });

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
    input: ({ conversationId }) => ({ callId, conversationId, video: false }),
    nobody: 'unauthenticated',
    stranger: 'not_found',
  },
  'calls.answer': { input: byCall, nobody: 'unauthenticated', stranger: 'call_ended' },
  'calls.decline': { input: byCall, nobody: 'unauthenticated', stranger: 'own' },
  'calls.hangUp': { input: byCall, nobody: 'unauthenticated', stranger: 'own' },
  'calls.publish': {
    input: () => ({ callId, sdp: 'v=0', e2ee: true }),
    nobody: 'unauthenticated',
    stranger: 'call_ended',
  },
  'calls.answerMedia': {
    input: () => ({ callId, sdp: 'v=0', e2ee: true }),
    nobody: 'unauthenticated',
    stranger: 'call_ended',
  },
  'calls.candidate': {
    input: () => ({ callId, direction: 'publish', candidate: null }),
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
  beforeAll(async () => {
    server = await startServer(await fixture.place());
    const site = await server.createSite('shop.example');
    const ada = await signUp(server.visit(site), site, 'ada');
    const bo = await signUp(server.visit(site), site, 'bo_');
    const conversationId = makeId();
    await call(
      ada.connection,
      { path: 'conversations.create', type: 'mutation' },
      {
        conversationId,
        peer: bo.person.address,
        suite: 61_453,
        epoch: 1,
        welcome: bytes,
        groupInfo: bytes,
      },
    );
    scene = { ada, bo, conversationId };
  });
  afterAll(() => server.close());

  test('is described for every procedure, and for no other', () => {
    expect(Object.keys(table).sort()).toEqual(procedures.map(({ path }) => path).sort());
  });

  test.each(procedures)('$path as nobody', async ({ path, type }) => {
    const row = rowOf(path);
    const connection = server.visit(scene.ada.person.site);
    const request = call(connection, { path, type }, await row.input(scene, connection));
    if (row.nobody === 'ok') await request;
    else expect((await refusal(request)).code).toBe(row.nobody);
  });

  test.each(procedures)('$path as another account', async ({ path, type }) => {
    const row = rowOf(path);
    const { site } = scene.ada.person;
    const handle = `eve_${path.replace('.', '_').toLowerCase()}`.slice(0, 30);
    const { connection } = await signUp(server.visit(site), site, handle);
    const request = call(connection, { path, type }, await row.input(scene, connection));
    if (row.stranger === 'own') await request;
    else expect((await refusal(request)).code).toBe(row.stranger);
    expect(await devicesOfAda()).toBe(1);
  });

  async function devicesOfAda(): Promise<number> {
    return (await scene.ada.connection.api.devices.list.query()).length;
  }
});

function rowOf(path: string): Row {
  const row = table[path];
  if (row === undefined) throw new Error(`${path} is not in the table`);
  return row;
}

/** Calls a procedure by its path; a subscription counts as answered when it starts. */
async function call(
  { api }: TestConnection,
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
