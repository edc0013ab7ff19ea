import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveEvent } from '../events/contract.js';
import type { AccountId, Address, CallId, ConversationId, DeviceId } from '../ids.js';
import { createLogger } from '../logging.js';
import { createInProcessBus } from '../realtime/in-process.js';
import type { Bus } from '../realtime/contract.js';
import type { Party } from './call-state.js';
import type { CallEvent } from './contract.js';
import { createCallsService, type CallsService } from './service.js';
import { Rooms } from './test/rooms.js';

const newId = () => randomBytes(16).toString('base64url');
const party = (name: string, accountId = newId()): Party => ({
  accountId: accountId as AccountId,
  address: `@${name}@bazaar.localhost` as Address,
  deviceId: newId() as DeviceId,
});
const another = (one: Party): Party => ({ ...one, deviceId: newId() as DeviceId });

const asha = party('asha');
const bilal = party('bilal');
const bilalsPhone = another(bilal);
const chitra = party('chitra');
const ashaAndBilal = newId() as ConversationId;
const chitraAndBilal = newId() as ConversationId;
const conversations = new Map([
  [ashaAndBilal, [asha, bilal]],
  [chitraAndBilal, [chitra, bilal]],
]);
const devices = [asha, bilal, bilalsPhone, chitra];

let bus: Bus;
let rooms: Rooms;
let calls: CallsService;
let over: AbortController;
let heard: Map<DeviceId, CallEvent[]>;
let counts: number[];

beforeEach(() => {
  bus = createInProcessBus();
  rooms = new Rooms();
  over = new AbortController();
  counts = [];
  calls = createCallsService({
    media: rooms,
    bus,
    logger: createLogger('silent'),
    ice: { stunUrls: ['stun:stun.test'], turnUrls: [] },
    directory: {
      membersOf: (id) => Promise.resolve(conversations.get(id) ?? []),
      devicesOfAccounts: (accounts) =>
        Promise.resolve(devices.filter(({ accountId }) => accounts.includes(accountId))),
    },
    onCount: (count) => counts.push(count),
  });
  heard = new Map();
  for (const device of devices) connect(device);
});
afterEach(async () => {
  over.abort();
  vi.useRealTimers();
  await calls.close();
});

function connect({ accountId, deviceId }: Party, signal = over.signal): void {
  const events = heard.get(deviceId) ?? [];
  heard.set(deviceId, events);
  const topics = [`account:${accountId}`, `device:${deviceId}`] as const;
  const subscriber = {
    onEvent: (event: LiveEvent) => {
      if (event.type === 'call') events.push(event.call);
    },
  };
  bus.subscribe(topics, subscriber);
  signal.addEventListener('abort', () => bus.unsubscribe(topics, subscriber), { once: true });
}

const wordsOf = ({ deviceId }: Party) =>
  (heard.get(deviceId) ?? []).map((event) =>
    event.event === 'ended' ? event.reason : event.event,
  );
const settle = () => new Promise((resolve) => setImmediate(resolve));

const iceServers = [{ urls: ['stun:stun.test'] }];

async function start(by = asha, conversationId = ashaAndBilal): Promise<CallId> {
  const callId = newId() as CallId;
  await calls.start(by, { callId, conversationId, video: false });
  return callId;
}

describe('a call', () => {
  it('rings at every device of the callee, is answered by one and hung up by the other', async () => {
    const callId = await start();
    expect(wordsOf(bilal)).toEqual(['ringing']);
    expect(heard.get(bilal.deviceId)?.[0]).toMatchObject({ iceServers });
    expect(wordsOf(bilalsPhone)).toEqual(['ringing']);
    await expect(calls.answer(bilal, callId, 'offer')).resolves.toBe('answer to offer');
    await settle();
    expect([...(rooms.open.get(callId)?.keys() ?? [])]).toEqual([asha.deviceId, bilal.deviceId]);
    expect(wordsOf(asha)).toEqual(['answered']);
    expect(wordsOf(bilalsPhone)).toEqual(['ringing', 'answered_elsewhere']);
    expect(wordsOf(bilal)).toEqual(['ringing']);
    calls.hangUp(bilal, callId);
    await settle();
    expect(wordsOf(asha)).toEqual(['answered', 'hung_up']);
    expect(rooms.open.size).toBe(0);
    expect(counts).toEqual([1, 0]);
  });

  it('carries SDP for the devices in it, and offers to the device that they are for', async () => {
    const callId = await start();
    await calls.answer(bilal, callId, 'offer');
    await expect(calls.publish(asha, callId, 'offer')).resolves.toBe('answer to offer');
    rooms.open.get(callId)?.get(bilal.deviceId)?.({
      event: 'offer',
      sdp: 'v=0',
      feeds: [{ mid: '0', device: asha.deviceId, kind: 'audio' }],
    });
    await settle();
    expect(heard.get(bilal.deviceId)?.at(-1)).toMatchObject({ event: 'offer', callId, sdp: 'v=0' });
    expect(wordsOf(bilalsPhone)).not.toContain('offer');
  });

  it('answers the same to the same request again', async () => {
    const callId = newId() as CallId;
    const call = { callId, conversationId: ashaAndBilal, video: false };
    expect(await calls.start(asha, call)).toEqual(await calls.start(asha, call));
    const answer = () => calls.answer(bilal, callId, 'offer');
    expect(await answer()).toEqual(await answer());
    expect(wordsOf(bilal)).toEqual(['ringing']);
  });

  it('tells a device that connects while it rings', async () => {
    expect(calls.ringing(bilal.accountId)).toEqual([]);
    const callId = await start();
    expect(calls.ringing(bilal.accountId)).toMatchObject([{ event: 'ringing', callId }]);
    expect(calls.ringing(asha.accountId)).toEqual([]);
    await calls.answer(bilal, callId, 'offer');
    expect(calls.ringing(bilal.accountId)).toEqual([]);
  });

  it('is declined, and both may call again at once', async () => {
    calls.decline(bilal, await start());
    await settle();
    expect(wordsOf(asha)).toEqual(['declined']);
    expect(wordsOf(bilalsPhone)).toEqual(['ringing', 'declined']);
    await start(bilal);
    expect(wordsOf(asha)).toEqual(['declined', 'ringing']);
  });

  it('that only rings keeps nobody from calling, or from being called', async () => {
    const silent = await start(asha);
    // Bilal's client may show nothing of it: the invitation inside MLS never comes.
    const other = await start(chitra, chitraAndBilal);
    expect(wordsOf(bilal)).toEqual(['ringing', 'ringing']);
    expect(calls.ringing(bilal.accountId)).toHaveLength(2);
    await calls.answer(bilal, other, 'offer');
    calls.hangUp(bilal, other);
    await start(bilal, chitraAndBilal);
    expect(wordsOf(chitra)).toEqual(['answered', 'hung_up', 'ringing']);
    calls.hangUp(asha, silent);
    expect(calls.ringing(bilal.accountId)).toEqual([]);
  });

  it('meets a busy callee: the caller hears it, the callee nothing', async () => {
    await calls.answer(bilal, await start(asha), 'offer');
    await start(chitra, chitraAndBilal);
    await settle();
    await settle();
    expect(wordsOf(chitra)).toEqual(['busy']);
    expect(wordsOf(bilal)).toEqual(['ringing']);
    expect(rooms.open.size).toBe(1);
  });

  it('takes the place of the one that its device lost in a reload', async () => {
    const lost = await start();
    const fresh = await start();
    await settle();
    expect(wordsOf(bilal)).toEqual(['ringing', 'cancelled', 'ringing']);
    expect([...rooms.open.keys()]).toEqual([fresh]);
    await expect(calls.answer(bilal, lost, 'offer')).rejects.toMatchObject({ code: 'call_ended' });
  });

  it('moves to another room when its own is lost, and everyone is told to publish again', async () => {
    const callId = await start();
    await calls.answer(bilal, callId, 'offer');
    const lost = rooms.open.get(callId);
    for (const listener of [...(lost?.values() ?? [])]) listener({ event: 'lost' });
    await vi.waitFor(() => {
      expect([wordsOf(asha), wordsOf(bilal)]).toEqual([
        ['answered', 'moved'],
        ['ringing', 'moved'],
      ]);
    }, 10_000);
    expect(rooms.open.size).toBe(1);
    expect([...(rooms.open.get(callId)?.keys() ?? [])]).toEqual([asha.deviceId, bilal.deviceId]);
    expect(rooms.open.get(callId)).not.toBe(lost);
    await expect(calls.publish(asha, callId, 'offer')).resolves.toBe('answer to offer');
    // What the former room says is of no interest any more.
    lost?.forEach((listener) => {
      listener({ event: 'lost' });
    });
    await settle();
    expect(wordsOf(asha)).toEqual(['answered', 'moved']);
  });

  it('fails with the server', async () => {
    await calls.answer(bilal, await start(), 'offer');
    await calls.close();
    expect(rooms.open.size).toBe(0);
    expect(wordsOf(asha).at(-1)).toBe('failed');
  });
});

describe('in time', () => {
  beforeEach(async () => {
    vi.useFakeTimers();
    await calls.close();
    calls = createCallsService({
      media: rooms,
      bus,
      logger: createLogger('silent'),
      ice: { stunUrls: [], turnUrls: [] },
      directory: {
        membersOf: (id) => Promise.resolve(conversations.get(id) ?? []),
        devicesOfAccounts: () => Promise.resolve(devices),
      },
    });
  });

  it('a call that nobody answers ends', async () => {
    await start();
    await vi.advanceTimersByTimeAsync(43_000);
    expect(rooms.open.size).toBe(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(wordsOf(asha)).toEqual(['unanswered']);
    expect(wordsOf(bilal)).toEqual(['ringing', 'unanswered']);
    expect(rooms.open.size).toBe(0);
  });

  it('a device that loses its socket may come back for half a minute', async () => {
    const connection = new AbortController();
    const laptop = another(bilal);
    connect(laptop, connection.signal);
    await calls.answer(laptop, await start(), 'offer');
    connection.abort();
    await vi.advanceTimersByTimeAsync(25_000);
    connect(laptop);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(rooms.open.size).toBe(1);
  });

  it('a caller who comes back soon goes on ringing, and one who does not rings no more', async () => {
    const phone = another(asha);
    const [first, second] = [new AbortController(), new AbortController()];
    connect(phone, first.signal);
    const callId = newId() as CallId;
    await calls.start(phone, { callId, conversationId: ashaAndBilal, video: true });
    first.abort();
    await vi.advanceTimersByTimeAsync(6_000);
    connect(phone, second.signal);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(wordsOf(bilal)).toEqual(['ringing']);
    second.abort();
    await vi.advanceTimersByTimeAsync(7_000);
    expect(wordsOf(bilal)).toEqual(['ringing']);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(wordsOf(bilal)).toEqual(['ringing', 'cancelled']);
    expect(rooms.open.size).toBe(0);
  });

  it('a call waits for another room as long as it is worth it, then fails for both', async () => {
    const callId = await start();
    await calls.answer(bilal, callId, 'offer');
    rooms.available = false;
    rooms.open.get(callId)?.get(asha.deviceId)?.({ event: 'lost' });
    await vi.advanceTimersByTimeAsync(19_000);
    expect(wordsOf(asha)).toEqual(['answered']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([wordsOf(asha).at(-1), wordsOf(bilal).at(-1)]).toEqual(['failed', 'failed']);
  });

  it('one of whom nothing arrives any more is gone, whatever their socket says', async () => {
    const callId = await start();
    await calls.answer(bilal, callId, 'offer');
    const say = (flowing: boolean) =>
      rooms.open.get(callId)?.get(bilal.deviceId)?.({ event: 'flow', flowing });
    say(true);
    await vi.advanceTimersByTimeAsync(60_000);
    say(false);
    await vi.advanceTimersByTimeAsync(15_000);
    say(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(rooms.open.size).toBe(1);
    say(false);
    await vi.advanceTimersByTimeAsync(18_000);
    expect(rooms.open.size).toBe(1);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(wordsOf(asha)).toEqual(['answered', 'failed']);
    expect(rooms.open.size).toBe(0);
  });

  it('a call that both have left without a word is freed within a minute', async () => {
    const callId = await start();
    await calls.answer(bilal, callId, 'offer');
    over.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(rooms.open.size).toBe(0);
  });
});

describe('refused is', () => {
  const code = (code: string) => expect.objectContaining({ code }) as Error;
  const start2 = { video: false, conversationId: ashaAndBilal };

  it('a call into a conversation of others, or into none', async () => {
    await expect(start(chitra, ashaAndBilal)).rejects.toEqual(code('not_found'));
    await expect(start(asha, newId() as ConversationId)).rejects.toEqual(code('not_found'));
    expect(rooms.open.size).toBe(0);
  });

  it('a second call of an account that is in one', async () => {
    await start();
    const ashasPhone = another(asha);
    await expect(start(ashasPhone)).rejects.toEqual(code('call_busy'));
    // Called in the very conversation in which one wants to call: that call is there to be taken.
    await expect(start(bilal)).rejects.toEqual(code('call_busy'));
  });

  it('an answer of an account that is in another call', async () => {
    const first = await start();
    const second = await start(chitra, chitraAndBilal);
    await calls.answer(bilal, first, 'offer');
    await expect(calls.answer(bilalsPhone, second, 'offer')).rejects.toEqual(code('call_busy'));
    expect(wordsOf(chitra)).toEqual([]);
  });

  it('a call id that somebody else uses', async () => {
    const callId = await start();
    await expect(calls.start(bilal, { ...start2, callId })).rejects.toEqual(code('forbidden'));
  });

  it('any call while there is no Janus', async () => {
    rooms.available = false;
    await expect(start()).rejects.toEqual(code('calls_unavailable'));
    rooms.available = true;
    rooms.refuses = true;
    await expect(start()).rejects.toEqual(code('calls_unavailable'));
    rooms.refuses = false;
    await expect(start()).resolves.toBeTypeOf('string');
    expect(wordsOf(bilal)).toEqual(['ringing']);
  });

  it('an answer by the caller, a stranger, too late, or to nothing', async () => {
    const callId = await start();
    for (const nobody of [asha, another(asha), chitra]) {
      await expect(calls.answer(nobody, callId, 'offer')).rejects.toEqual(code('call_ended'));
    }
    await calls.answer(bilal, callId, 'offer');
    await expect(calls.answer(bilalsPhone, callId, 'offer')).rejects.toEqual(code('call_ended'));
    await expect(calls.answer(bilal, newId() as CallId, 'offer')).rejects.toEqual(
      code('call_ended'),
    );
  });

  it('media of a stranger, of a device that did not answer, and after the end', async () => {
    const callId = await start();
    const attempts = (by: Party) => [
      calls.publish(by, callId, 'offer'),
      calls.answerMedia(by, callId, 'answer'),
      calls.candidate(by, callId, { direction: 'publish', candidate: null }),
    ];
    for (const attempt of attempts(chitra))
      await expect(attempt).rejects.toEqual(code('call_ended'));
    for (const attempt of attempts(bilal)) await expect(attempt).rejects.toEqual(code('forbidden'));
    await calls.answer(bilal, callId, 'offer');
    for (const attempt of attempts(bilalsPhone))
      await expect(attempt).rejects.toEqual(code('forbidden'));
    for (const attempt of attempts(bilal)) await attempt;
    calls.hangUp(asha, callId);
    for (const attempt of attempts(bilal))
      await expect(attempt).rejects.toEqual(code('call_ended'));
  });

  it('malformed SDP, and the call goes on', async () => {
    const callId = await start();
    await expect(calls.publish(asha, callId, 'bad')).rejects.toEqual(code('sdp_invalid'));
    await expect(calls.publish(asha, callId, 'good')).resolves.toBe('answer to good');
  });

  it('a hang-up or decline by a stranger: nothing happens', async () => {
    const callId = await start();
    calls.hangUp(chitra, callId);
    calls.decline(chitra, callId);
    calls.hangUp(bilal, callId);
    expect(calls.ringing(bilal.accountId)).toHaveLength(1);
  });
});
