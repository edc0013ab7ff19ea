/** Calls over the wire: two sites, real sockets, the real server, a real Janus that answers what it is offered. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { callIdSchema, type CallId, type ConversationId } from '../src/ids.js';
import { limits } from '../src/limits.js';
import { createLogger } from '../src/logging.js';
import type { Media } from '../src/media/contract.js';
import { findJanus } from '../src/media/janus-process.js';
import { createManagedMedia } from '../src/media/managed-media.js';
import { offer } from '../src/media/test/offer.js';
import type { CallEvent } from '../src/calls/contract.js';
import type { Site } from '../src/sites/service.js';
import type { LiveEvent } from '../src/wire.js';
import { connectOverHttp, listen, refusal, type EventLog } from './client.js';
import { newConversationId } from './conversation-world.js';
import { addDevice, makeId, signUp, type SignedIn } from './person.js';
import { startServer, type TestServer } from './server-fixture.js';

const newCallId = () => callIdSchema.parse(makeId());

function saying(event: CallEvent['event'], callId: CallId) {
  return (live: LiveEvent) =>
    live.type === 'call' && live.call.event === event && live.call.callId === callId;
}

const reasonsIn = (log: EventLog) =>
  log.all.flatMap((live) =>
    live.type === 'call' && live.call.event === 'ended' ? [live.call.reason] : [],
  );

describe.skipIf(findJanus('janus') === null)('calls on the wire', () => {
  let media: Media;
  let server: TestServer;
  let bazaar: Site;
  let alice: SignedIn;
  let bob: SignedIn;
  let eve: SignedIn;
  let atAlice: EventLog;
  let atBob: EventLog;
  let conversationId: ConversationId;

  beforeEach(async () => {
    media = await createManagedMedia(
      { janusUrls: [], janusProgram: 'janus' },
      createLogger('silent'),
    );
    // It goes on without a Janus that takes long to start.
    await vi.waitUntil(() => media.available, { timeout: 60_000 });
    server = await startServer({ overrides: { media } });
    const shop = await server.createSite('shop.example');
    bazaar = await server.createSite('bazaar.example');
    alice = await signUp(server.visit(shop), shop, 'alice');
    bob = await signUp(server.visit(bazaar), bazaar, 'bob');
    eve = await signUp(server.visit(shop), shop, 'eve');
    [atAlice, atBob] = await Promise.all([listen(alice.connection), listen(bob.connection)]);
    conversationId = newConversationId();
    await alice.connection.api.conversations.create.mutate({
      conversationId,
      peer: bob.person.address,
      suite: 83,
      epoch: 1,
      welcome: new Uint8Array([1]),
      groupInfo: new Uint8Array([2]),
    });
  });
  afterEach(() => server.close());

  const calls = (by: SignedIn) => by.connection.api.calls;
  async function ring(): Promise<CallId> {
    const callId = newCallId();
    await calls(alice).start.mutate({ callId, conversationId, video: true });
    await atBob.next(saying('ringing', callId));
    return callId;
  }

  test('ring, answer, publish, hang up', async () => {
    const callId = await ring();
    expect(atBob.all.find(saying('ringing', callId))).toMatchObject({
      type: 'call',
      call: {
        caller: alice.person.address,
        callerDevice: alice.device.id,
        conversationId,
        video: true,
      },
    });
    await calls(bob).answer.mutate({ callId, sdp: offer, e2ee: true });
    expect(await atAlice.next(saying('answered', callId))).toMatchObject({
      call: { by: bob.person.address, device: bob.device.id },
    });
    for (const one of [alice, bob]) {
      const { sdp } = await calls(one).publish.mutate({ callId, sdp: offer, e2ee: true });
      expect(sdp).toMatch(/^v=0/);
    }
    await calls(bob).hangUp.mutate({ callId });
    await atAlice.next(saying('ended', callId));
    expect(reasonsIn(atAlice)).toEqual(['hung_up']);
    expect(
      (await refusal(calls(alice).publish.mutate({ callId, sdp: offer, e2ee: true }))).code,
    ).toBe('call_ended');
  });

  test('the phone falls silent when the laptop answers, and cannot enter', async () => {
    const phone = await addDevice(server.visit(bazaar), bob.person);
    const atPhone = await listen(phone.connection);
    const callId = await ring();
    await calls(bob).answer.mutate({ callId, sdp: offer, e2ee: true });
    await atPhone.next(saying('ended', callId));
    expect(reasonsIn(atPhone)).toEqual(['answered_elsewhere']);
    expect(reasonsIn(atBob)).toEqual([]);
    expect(
      (await refusal(calls(phone).answer.mutate({ callId, sdp: offer, e2ee: true }))).code,
    ).toBe('call_ended');
    expect(
      (await refusal(calls(phone).publish.mutate({ callId, sdp: offer, e2ee: true }))).code,
    ).toBe('forbidden');
  });

  test('a device that connects while it rings rings as well', async () => {
    const callId = await ring();
    const phone = await addDevice(server.visit(bazaar), bob.person);
    const atPhone = await listen(phone.connection);
    await atPhone.next(saying('ringing', callId));
    await calls(phone).decline.mutate({ callId });
    await Promise.all([atAlice.next(saying('ended', callId)), atBob.next(saying('ended', callId))]);
    expect([reasonsIn(atAlice), reasonsIn(atBob)]).toEqual([['declined'], ['declined']]);
  });

  test('a caller who is gone rings no more', { timeout: 60_000 }, async () => {
    const callId = await ring();
    await alice.connection.close();
    await atBob.next(saying('ended', callId), limits.ringSeconds * 1000 - 10_000);
    expect(reasonsIn(atBob)).toEqual(['cancelled']);
  });

  test('somebody who is in a call is busy', async () => {
    await calls(bob).answer.mutate({ callId: await ring(), sdp: offer, e2ee: true });
    const other = newConversationId();
    await eve.connection.api.conversations.create.mutate({
      conversationId: other,
      peer: bob.person.address,
      suite: 83,
      epoch: 1,
      welcome: new Uint8Array([1]),
      groupInfo: new Uint8Array([2]),
    });
    const atEve = await listen(eve.connection);
    const callId = newCallId();
    await calls(eve).start.mutate({ callId, conversationId: other, video: false });
    await atEve.next(saying('ended', callId));
    expect(reasonsIn(atEve)).toEqual(['busy']);
  });

  test('works over HTTP as well', async () => {
    const callId = await ring();
    const api = connectOverHttp({ ...bob.connection.page, session: bob.session.token });
    await expect(
      api.calls.answer.mutate({ callId, sdp: offer, e2ee: true }),
    ).resolves.toBeDefined();
    await expect(
      api.calls.publish.mutate({ callId, sdp: offer, e2ee: true }),
    ).resolves.toBeDefined();
  });

  test('a stranger neither calls into a conversation nor learns of a call', async () => {
    const start = { callId: newCallId(), conversationId, video: false };
    expect((await refusal(calls(eve).start.mutate(start))).code).toBe('not_found');
    const callId = await ring();
    expect((await refusal(calls(eve).answer.mutate({ callId, sdp: offer, e2ee: true }))).code).toBe(
      'call_ended',
    );
    expect(
      (await refusal(calls(eve).publish.mutate({ callId, sdp: offer, e2ee: true }))).code,
    ).toBe('call_ended');
    await calls(eve).hangUp.mutate({ callId });
    await calls(eve).decline.mutate({ callId });
    await calls(bob).answer.mutate({ callId, sdp: offer, e2ee: true });
  });

  test('SDP is checked: shape, size, and that it is encrypted end to end', async () => {
    const callId = await ring();
    const publish = (sdp: string, e2ee: unknown = true) =>
      refusal(calls(alice).publish.mutate({ callId, sdp, e2ee: e2ee as true }));
    expect((await publish('hello')).code).toBe('sdp_invalid');
    expect((await publish(offer.replace('VP8/90000', 'XX/1').replace('a=mid:1', 'a='))).code).toBe(
      'sdp_invalid',
    );
    expect((await publish(offer, false)).code).toBe('input_invalid');
    expect((await publish(offer, null)).code).toBe('input_invalid');
    expect((await publish('')).code).toBe('input_invalid');
    expect((await publish(offer.padEnd(limits.sdpCharactersMax, '\0'))).code).toBe('sdp_invalid');
    expect((await publish(offer.padEnd(limits.sdpCharactersMax + 1, '\0'))).code).toBe(
      'input_invalid',
    );
    const answer = { callId, sdp: offer, e2ee: true as const };
    expect((await refusal(calls(alice).answerMedia.mutate(answer))).code).toBe('sdp_invalid');
    const candidate = { candidate: 'nonsense', sdpMid: '0', sdpMLineIndex: 0 };
    const trickled = { callId, direction: 'publish' as const, candidate };
    expect((await refusal(calls(alice).candidate.mutate(trickled))).code).toBe('sdp_invalid');
    await expect(
      calls(alice).publish.mutate({ callId, sdp: offer, e2ee: true }),
    ).resolves.toBeDefined();
  });
});

describe('without any Janus', () => {
  test('calls are said to be off, and refused', async () => {
    const server = await startServer();
    const shop = await server.createSite('shop.example');
    const alice = await signUp(server.visit(shop), shop, 'alice');
    const bob = await signUp(server.visit(shop), shop, 'bob');
    const conversationId = newConversationId();
    await alice.connection.api.conversations.create.mutate({
      conversationId,
      peer: bob.person.address,
      suite: 83,
      epoch: 1,
      welcome: new Uint8Array([1]),
      groupInfo: new Uint8Array([2]),
    });
    expect((await alice.connection.api.sites.info.query()).callsAvailable).toBe(false);
    const start = { callId: newCallId(), conversationId, video: false };
    expect((await refusal(alice.connection.api.calls.start.mutate(start))).code).toBe(
      'calls_unavailable',
    );
    await server.close();
  });
});
