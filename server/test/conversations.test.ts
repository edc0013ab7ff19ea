/** Conversations over the wire: two sites, real sockets, the real server, both databases. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AppRouter } from '../src/router.js';
import { addressSchema, type EnvelopeId } from '../src/ids.js';
import { limits } from '../src/limits.js';
import { createRateLimits } from '../src/rate-limits.js';
import type { Site } from '../src/sites/service.js';
import type { LiveEvent } from '../src/wire.js';
import { connectOverHttp, listen, refusal, type EventLog } from './client.js';
import { commitFrom, from, message, newConversationId, seq } from './conversation-world.js';
import { describeOnDatabases, type DatabasePlace } from './databases.js';
import { addDevice, signUp, type SignedIn } from './person.js';
import { startServer, type TestServer } from './server-fixture.js';
import type { inferRouterInputs } from '@trpc/server';

type Create = inferRouterInputs<AppRouter>['conversations']['create'];

const creation = (peer: SignedIn, changes: Partial<Create> = {}): Create => ({
  conversationId: newConversationId(),
  peer: peer.person.address,
  suite: 83,
  epoch: 1,
  welcome: new Uint8Array([1]),
  groupInfo: new Uint8Array([2]),
  ...changes,
});

const seqsIn = (events: readonly LiveEvent[]) =>
  events.flatMap((event) => (event.type === 'envelope' ? [event.envelope.seq] : []));

/** Asks so many times, ten at a time: a page's requests of one moment share a frame, and frames have a bound. */
const inLanes = (times: number, ask: (index: number) => Promise<unknown>) =>
  Array.from({ length: 10 }, async (_, lane) => {
    for (let index = lane; index < times; index += 10) await ask(index);
  });

const untilSeq = (log: EventLog, last: number) =>
  log.next((event) => event.type === 'envelope' && event.envelope.seq === last, 15_000);

await describeOnDatabases('conversations on the wire', (fixture) => {
  let place: DatabasePlace;
  let server: TestServer;
  let shop: Site;
  let bazaar: Site;
  let alice: SignedIn;
  let bob: SignedIn;

  beforeEach(async () => {
    place = await fixture.place();
    server = await startServer(place);
    shop = await server.createSite('shop.example');
    bazaar = await server.createSite('bazaar.example');
    alice = await signUp(server.visit(shop), shop, 'alice');
    bob = await signUp(server.visit(bazaar), bazaar, 'bob');
  });
  afterEach(() => server.close());

  const talk = (by: SignedIn) => by.connection.api.conversations;

  async function pair() {
    const conversationId = newConversationId();
    await talk(alice).create.mutate(creation(bob, { conversationId }));
    return conversationId;
  }

  test('nobody can put into the answers of another what no answer may hold', async () => {
    // 22 characters that decode to 16 bytes, but are not how these are spelled: clients refuse the whole answer.
    const misspelled = `${newConversationId().slice(0, 21)}B`;
    const { create, commit, send, heads } = talk(alice);
    const refused = { code: 'input_invalid' };
    const bad: Partial<Create>[] = [
      { conversationId: misspelled },
      { epoch: Number.MAX_SAFE_INTEGER },
      { epoch: 2 ** 40 + 1 },
    ];
    for (const changes of bad)
      expect(await refusal(create.mutate(creation(bob, changes)))).toMatchObject(refused);
    const request = creation(bob, { epoch: 2 ** 40 });
    await create.mutate(request);
    const { conversationId, epoch } = request;
    const envelope = { conversationId, epoch, id: misspelled as EnvelopeId };
    const ciphertext = new Uint8Array(1);
    expect(await refusal(send.mutate({ ...envelope, ciphertext }))).toMatchObject(refused);
    const parts = { commit: new Uint8Array(1), groupInfo: new Uint8Array(1) };
    expect(await refusal(commit.mutate({ ...envelope, ...parts }))).toMatchObject(refused);
    const id = newConversationId() as string as EnvelopeId;
    await commit.mutate({ ...envelope, id, ...parts });
    for (const person of [alice, bob])
      expect((await talk(person).heads.query({})).heads).toMatchObject([{ epoch: 2 ** 40 + 1 }]);
    expect((await heads.query({})).heads).toHaveLength(1);
  });

  test('200 messages both ways at once arrive in one order, none twice, none lost', async () => {
    const [atAlice, atBob] = await Promise.all([listen(alice.connection), listen(bob.connection)]);
    const conversationId = await pair();
    await atBob.next(({ type }) => type === 'conversation');
    await Promise.all(
      [alice, bob].flatMap((sender) =>
        inLanes(100, (index) =>
          talk(sender).send.mutate(message(conversationId, `${sender.device.id} ${index}`)),
        ),
      ),
    );
    const all = Array.from({ length: 200 }, (_, index) => index + 1);
    await Promise.all([untilSeq(atAlice, 200), untilSeq(atBob, 200)]);
    expect(seqsIn(atAlice.all)).toEqual(all);
    expect(seqsIn(atBob.all)).toEqual(all);
    const { entries, head } = await talk(bob).pull.query(from(conversationId));
    expect(head).toBe(200);
    const live = atBob.all.flatMap((event) => (event.type === 'envelope' ? [event.envelope] : []));
    expect(entries).toEqual(live);
    expect(
      new Set(entries.map(({ ciphertext }) => Buffer.from(ciphertext ?? []).toString())).size,
    ).toBe(200);
  });

  test('what one connection sends without waiting stands in the order of sending', async () => {
    const [mine, others] = [await pair(), newConversationId()];
    const carol = await signUp(server.visit(bazaar), bazaar, 'carol');
    await talk(alice).create.mutate(creation(carol, { conversationId: others }));
    const burst = Array.from({ length: 40 }, (_, index) =>
      message(index % 4 === 3 ? others : mine, String(index)),
    );
    const before = (index: number) =>
      burst
        .slice(0, index)
        .findLast(({ conversationId }) => conversationId === burst[index]?.conversationId)?.id;
    const asked: Promise<unknown>[] = [];
    for (const [index, one] of burst.entries()) {
      asked.push(talk(alice).send.mutate({ ...one, follows: before(index) }));
      if (index % 8 > 0) continue;
      asked.push(talk(bob).send.mutate(message(mine)));
      // What is asked at once is one frame, which has a bound. The client's own timer, set before, sends it first.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const answers = await Promise.all(asked);
    expect(answers).toHaveLength(45);
    for (const conversationId of [mine, others]) {
      const { entries } = await talk(alice).pull.query(from(conversationId));
      const ids = entries.map(({ id }) => id);
      const sent = burst.filter((one) => one.conversationId === conversationId);
      expect(ids.filter((id) => sent.some((one) => one.id === id))).toEqual(
        sent.map(({ id }) => id),
      );
    }
  });

  test('everything is there after a restart', async () => {
    const conversationId = await pair();
    const draft = message(conversationId);
    const answer = await talk(alice).send.mutate(draft);
    await server.close();
    server = await startServer(place);
    const again = server.visit(bazaar, { session: bob.session.token });
    const { heads } = await again.api.conversations.heads.query({});
    expect(heads).toMatchObject([{ conversationId, head: 1, epoch: 1, welcome: { seq: 0 } }]);
    const { entries } = await again.api.conversations.pull.query(from(conversationId));
    expect(entries).toMatchObject([{ id: draft.id, ciphertext: draft.ciphertext }]);
    const alicesPage = server.visit(shop, { session: alice.session.token });
    expect(await alicesPage.api.conversations.send.mutate(draft)).toEqual(answer);
  });

  test('a stopping server answers only for what it stored', async () => {
    const conversationId = await pair();
    const told: { id: string; at: number }[] = [];
    const sending = Promise.allSettled(
      inLanes(3_000, async () => {
        const draft = message(conversationId);
        const answer = await talk(alice).send.mutate(draft);
        told.push({ id: draft.id, at: answer.seq });
      }),
    );
    await vi.waitUntil(() => told.length >= 50, { timeout: 15_000 });
    await server.close();
    await alice.connection.close();
    expect((await sending).map(({ status }) => status)).toContain('rejected');
    server = await startServer(place);
    const page = server.visit(bazaar, { session: bob.session.token }).api.conversations;
    const stored = new Map<number, string>();
    for (let after = 0; after < told.length; after += limits.pullEntriesMax) {
      const { entries } = await page.pull.query(from(conversationId, after));
      for (const entry of entries) stored.set(entry.seq, entry.id);
    }
    for (const { id, at } of told) expect(stored.get(at)).toBe(id);
  });

  test('the same over HTTP, byte for byte', async () => {
    const conversationId = await pair();
    const overHttp = connectOverHttp({ ...alice.connection.page, session: alice.session.token });
    const draft = { ...message(conversationId), ciphertext: new Uint8Array(randomBytes(1_000)) };
    const answer = await overHttp.conversations.send.mutate(draft);
    expect(await talk(alice).send.mutate(draft)).toEqual(answer);
    const { entries } = await overHttp.conversations.pull.query(from(conversationId));
    expect(entries[0]?.ciphertext).toEqual(draft.ciphertext);
  });

  test('each procedure is closed to nobody and to strangers', async () => {
    const conversationId = await pair();
    const nobody = server.visit(shop).api.conversations;
    const eve = talk(await signUp(server.visit(shop), shop, 'eve'));
    const upTo = [{ conversationId, seq: seq(0) }];
    const requests = (by: typeof eve) => ({
      send: () => by.send.mutate(message(conversationId)),
      commit: () => by.commit.mutate(commitFrom(conversationId, 1, new Uint8Array([1]))),
      pull: () => by.pull.query(from(conversationId)),
      groupInfo: () => by.groupInfo.query({ conversationId }),
      acknowledge: () => by.acknowledge.mutate({ upTo }),
    });
    const signedOut = {
      ...requests(nobody),
      create: () => nobody.create.mutate(creation(bob)),
      heads: () => nobody.heads.query({}),
    };
    for (const request of Object.values(signedOut)) {
      expect(await refusal(request())).toMatchObject({ code: 'unauthenticated' });
    }
    for (const request of Object.values(requests(eve))) {
      expect(await refusal(request())).toMatchObject({ code: 'not_found' });
    }
    expect(await eve.heads.query({})).toEqual({ heads: [], more: false });
    expect(await refusal(eve.create.mutate(creation(bob, { conversationId })))).toMatchObject({
      code: 'conversation_exists',
    });
  });

  test('sites that keep to themselves are not reached, nor is nobody', async () => {
    const island = await server.createSite('island.example', { reach: 'site' });
    const carol = await signUp(server.visit(island), island, 'carol');
    expect(await refusal(talk(alice).create.mutate(creation(carol)))).toMatchObject({
      code: 'reach_refused',
    });
    const nobody = creation(bob, { peer: addressSchema.parse('@nobody_here@shop.example') });
    expect(await refusal(talk(alice).create.mutate(nobody))).toMatchObject({ code: 'not_found' });
  });

  test('what is too large is refused, at the limit it is not', async () => {
    const of = (size: number) => new Uint8Array(size);
    const invalid = { code: 'input_invalid' };
    for (const [part, max] of [
      ['welcome', limits.welcomeBytesMax],
      ['groupInfo', limits.groupInfoBytesMax],
    ] as const) {
      const beyond = creation(bob, { [part]: of(max + 1) });
      expect(await refusal(talk(alice).create.mutate(beyond))).toMatchObject(invalid);
    }
    const welcome = of(limits.welcomeBytesMax);
    const groupInfo = of(limits.groupInfoBytesMax);
    const conversationId = newConversationId();
    const request = creation(bob, { conversationId, welcome, groupInfo });
    await expect(talk(alice).create.mutate(request)).resolves.toMatchObject({ status: 'created' });
    const send = (size: number) =>
      talk(alice).send.mutate({ ...message(conversationId), ciphertext: of(size) });
    expect(await refusal(send(limits.ciphertextBytesMax + 1))).toMatchObject(invalid);
    expect(await refusal(send(0))).toMatchObject(invalid);
    await expect(send(limits.ciphertextBytesMax)).resolves.toMatchObject({ seq: 1 });
    await expect(send(1)).resolves.toMatchObject({ seq: 2 });
    const commit = (size: number) =>
      talk(alice).commit.mutate({ ...commitFrom(conversationId, 1), commit: of(size) });
    expect(await refusal(commit(limits.commitBytesMax + 1))).toMatchObject(invalid);
    await expect(commit(limits.commitBytesMax)).resolves.toMatchObject({ seq: 3 });
    const pull = (limit: number) => talk(alice).pull.query(from(conversationId, 0, limit));
    expect(await refusal(pull(limits.pullEntriesMax + 1))).toMatchObject(invalid);
    expect(await refusal(pull(0))).toMatchObject(invalid);
    expect((await pull(1)).entries).toHaveLength(1);
    // Over HTTP: on the socket the frame itself would be refused.
    const overHttp = connectOverHttp({ ...alice.connection.page, session: alice.session.token });
    const acknowledge = (times: number) => {
      const upTo = Array.from({ length: times }, () => ({ conversationId, seq: seq(3) }));
      return overHttp.conversations.acknowledge.mutate({ upTo });
    };
    expect(await refusal(acknowledge(limits.acknowledgementsMax + 1))).toMatchObject(invalid);
    expect(await refusal(acknowledge(0))).toMatchObject(invalid);
    await acknowledge(limits.acknowledgementsMax);
  });

  test('a new device joins by a commit of its own, a revoked one is done', async () => {
    const conversationId = await pair();
    const tablet = await addDevice(server.visit(bazaar), bob.person);
    const { epoch } = await talk(tablet).groupInfo.query({ conversationId });
    await talk(tablet).commit.mutate(commitFrom(conversationId, epoch));
    await talk(alice).send.mutate(message(conversationId, 'for both', epoch + 1));
    const upTo = [{ conversationId, seq: seq(2) }];
    await talk(alice).acknowledge.mutate({ upTo });
    await talk(bob).acknowledge.mutate({ upTo });
    const ciphertexts = async () => {
      await server.service.services.conversations.sweep();
      const { entries } = await talk(alice).pull.query(from(conversationId));
      return entries.map(({ ciphertext }) => ciphertext !== null);
    };
    expect(await ciphertexts()).toEqual([false, true]);
    await bob.connection.api.devices.revoke.mutate({ deviceId: tablet.device.id });
    expect(await ciphertexts()).toEqual([false, false]);
  });

  test('what an account has stored in an hour is bounded, whatever it is', async () => {
    const strict = await startServer({
      ...(await fixture.place()),
      overrides: { rateLimits: createRateLimits({ storedBytes: { points: 100, seconds: 60 } }) },
    });
    try {
      const site = await strict.createSite('strict.example');
      const [ada, bo] = [
        await signUp(strict.visit(site), site, 'ada'),
        await signUp(strict.visit(site), site, 'bo_'),
      ];
      const conversationId = newConversationId();
      const welcome = new Uint8Array(40);
      await talk(ada).create.mutate(creation(bo, { conversationId, welcome })); // 41 bytes with the GroupInfo
      const send = (by: SignedIn, size: number) =>
        talk(by).send.mutate({ ...message(conversationId), ciphertext: new Uint8Array(size) });
      await send(ada, 59);
      expect(await refusal(send(ada, 1))).toMatchObject({ code: 'too_many' });
      const commit = commitFrom(conversationId, 1);
      expect(await refusal(talk(ada).commit.mutate(commit))).toMatchObject({ code: 'too_many' });
      await expect(send(bo, 100)).resolves.toMatchObject({ seq: 2 });
    } finally {
      await strict.close();
    }
  });
});
