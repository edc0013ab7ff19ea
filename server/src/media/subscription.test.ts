/** The order of a subscription's requests; what Janus makes of them is shown in test/calls.test.ts. */
import { EventEmitter } from 'node:events';
import type { Jsep } from 'janode';
import type { SubscriptionStream, VideoRoomHandle } from 'janode/plugins/videoroom';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeviceId } from '../ids.js';
import { MediaError, type RoomEvent } from './contract.js';
import { Subscription, type PublishedStream } from './subscription.js';

interface Offered {
  jsep?: Jsep;
  streams?: SubscriptionStream[];
}

/** A handle that answers as told, and remembers what it was asked. */
class FakeHandle extends EventEmitter {
  readonly asked: string[] = [];
  refusal: Error | null = null;

  #answer(what: string): Promise<Offered> {
    this.asked.push(what);
    if (this.refusal !== null) return Promise.reject(this.refusal);
    const streams = published.map(({ feed, mid }, index): SubscriptionStream => ({
      type: 'audio',
      mid: String(index),
      feed_id: feed,
      feed_mid: mid,
    }));
    return Promise.resolve({
      jsep: { type: 'offer', sdp: `offer ${String(this.asked.length)}` },
      streams,
    });
  }

  joinSubscriber = ({ streams }: { streams: Named[] }) => this.#answer(`join ${namesOf(streams)}`);
  update = ({ subscribe, unsubscribe }: { subscribe: Named[]; unsubscribe?: Named[] }) =>
    this.#answer(
      `update ${namesOf(subscribe)}${unsubscribe ? ` instead of ${namesOf(unsubscribe)}` : ''}`,
    );
  configure = () => this.#answer('restart');
  start = () => Promise.resolve(this.asked.push('start'));
  detach = () => Promise.resolve(void this.asked.push('detach'));
}

interface Named {
  feed: number;
  mid?: string;
}
const namesOf = (streams: Named[]) =>
  streams.map(({ feed, mid = 'all' }) => `${String(feed)}/${mid}`).join(' ');
const settle = () => new Promise((resolve) => setImmediate(resolve));

let published: PublishedStream[];
let refuses: boolean;
let handles: FakeHandle[];
let offers: Extract<RoomEvent, { event: 'offer' }>[];
let onLost: ReturnType<typeof vi.fn<() => void>>;
let subscription: Subscription;

beforeEach(() => {
  published = [{ feed: 1, mid: '0' }];
  refuses = false;
  handles = [];
  offers = [];
  onLost = vi.fn<() => void>();
  subscription = new Subscription({
    attach: () => {
      const handle = new FakeHandle();
      if (refuses) handle.refusal = new Error('428 No such feed');
      handles.push(handle);
      return Promise.resolve(handle as unknown as VideoRoomHandle);
    },
    room: { id: 1, secret: 's', pin: 'p' },
    wanted: () => published,
    deviceOf: (feed) => (feed === 9 ? undefined : (`device ${String(feed)}` as DeviceId)),
    onOffer: (offer) => offers.push(offer),
    onLost,
  });
});

async function refresh(options?: { restart: boolean }): Promise<void> {
  subscription.refresh(options);
  await settle();
}

it('asks for nothing while nobody publishes', async () => {
  published = [];
  await refresh();
  expect(handles).toEqual([]);
});

describe('while nobody else publishes', () => {
  const own = 7;
  beforeEach(async () => {
    published = [];
    await refresh();
  });

  async function warm(): Promise<void> {
    subscription.warm(own);
    await settle();
  }

  it('holds lines with the own feed, names no device for them, and gives them to who comes', async () => {
    await warm();
    expect(handles[0]?.asked).toEqual(['join 7/all']);
    handles[0]?.emit('videoroom_updated', {
      jsep: { type: 'offer', sdp: 'held' },
      streams: [{ type: 'audio', mid: '0', feed_id: own, feed_mid: '0' }],
    });
    expect(offers.map(({ feeds }) => feeds)).toEqual([[], []]);
    await subscription.answer('answer');
    published = [{ feed: 1, mid: '0' }];
    await refresh();
    expect(handles[0]?.asked.at(-1)).toBe('update 1/0 instead of 7/all');
    expect(offers.at(-1)?.feeds).toEqual([{ mid: '0', device: 'device 1', kind: 'audio' }]);
    await subscription.answer('answer');
    published = [...published, { feed: 2, mid: '0' }];
    await refresh();
    expect(handles[0]?.asked.at(-1)).toBe('update 2/0');
    expect(handles).toHaveLength(1);
  });

  it('holds none for who subscribes already, or if Janus refuses', async () => {
    refuses = true;
    await warm();
    expect(handles[0]?.asked).toEqual(['join 7/all', 'detach']);
    refuses = false;
    published = [{ feed: 1, mid: '0' }];
    await refresh();
    await warm();
    expect(handles[1]?.asked).toEqual(['join 1/0']);
    expect(onLost).not.toHaveBeenCalled();
  });

  it('keeps the connection when the one who came is gone in the same moment', async () => {
    await warm();
    await subscription.answer('answer');
    const [handle] = handles;
    if (handle === undefined) throw new Error('no handle');
    handle.refusal = new Error('428 No such feed');
    published = [{ feed: 1, mid: '0' }];
    await refresh();
    handle.refusal = null;
    await refresh();
    expect(handle.asked.at(-1)).toBe('update 1/0 instead of 7/all');
    expect(handles).toHaveLength(1);
  });
});

it('names the device of each line by its own table, and no line of a stranger', async () => {
  published = [
    { feed: 1, mid: '0' },
    { feed: 9, mid: '0' },
  ];
  await refresh();
  expect(offers[0]?.feeds).toEqual([{ mid: '0', device: 'device 1', kind: 'audio' }]);
});

it('waits with the next change until the last offer is answered', async () => {
  await refresh();
  published = [...published, { feed: 2, mid: '0' }];
  await refresh();
  published = [...published, { feed: 3, mid: '0' }];
  await refresh();
  expect(handles[0]?.asked).toEqual(['join 1/0']);
  await subscription.answer('answer');
  await settle();
  expect(handles[0]?.asked).toEqual(['join 1/0', 'start', 'update 2/0 3/0']);
  expect(offers).toHaveLength(2);
});

it('takes no answer when no offer waits for one', async () => {
  await expect(subscription.answer('answer')).rejects.toMatchObject({ code: 'sdp_invalid' });
  await refresh();
  await subscription.answer('answer');
  await expect(subscription.answer('answer')).rejects.toMatchObject({ code: 'sdp_invalid' });
});

it('passes on what Janus offers by itself', async () => {
  await refresh();
  await subscription.answer('answer');
  handles[0]?.emit('videoroom_updated', { jsep: { type: 'offer', sdp: 'by itself' }, streams: [] });
  expect(offers.at(-1)).toEqual({ event: 'offer', sdp: 'by itself', feeds: [] });
});

it('asks again for what a publisher that had stopped publishes anew', async () => {
  await refresh();
  await subscription.answer('answer');
  await refresh();
  expect(handles[0]?.asked).toEqual(['join 1/0', 'start']);
  subscription.forget(1);
  await refresh();
  expect(handles[0]?.asked.at(-1)).toBe('update 1/0');
});

it('renews its connection when told to', async () => {
  await refresh();
  await subscription.answer('answer');
  await refresh({ restart: true });
  expect(handles[0]?.asked.at(-1)).toBe('restart');
});

it('opens a fresh one after its connection has ended', async () => {
  await refresh();
  await subscription.answer('answer');
  handles[0]?.emit('handle_hangup');
  await settle();
  expect(handles[0]?.asked.at(-1)).toBe('detach');
  await refresh();
  expect(handles[1]?.asked).toEqual(['join 1/0']);
  expect(onLost).not.toHaveBeenCalled();
});

it('is not lost because a publisher went in the same moment', async () => {
  await refresh();
  await subscription.answer('answer');
  const [handle] = handles;
  if (handle === undefined) throw new Error('no handle');
  handle.refusal = new Error('428 No such feed');
  published = [...published, { feed: 2, mid: '0' }];
  await refresh();
  expect(onLost).not.toHaveBeenCalled();
  handle.refusal = null;
  await refresh();
  expect(handle.asked.at(-1)).toBe('update 2/0');
});

it('is lost when Janus does not answer', async () => {
  await refresh();
  await subscription.answer('answer');
  const [handle] = handles;
  if (handle === undefined) throw new Error('no handle');
  handle.refusal = new MediaError('media_unavailable', 'no answer');
  published = [...published, { feed: 2, mid: '0' }];
  await refresh();
  expect(onLost).toHaveBeenCalledOnce();
  expect(handle.asked.at(-1)).toBe('detach');
});

it('does nothing after it is closed', async () => {
  await refresh();
  await subscription.close();
  await refresh();
  handles[0]?.emit('videoroom_updated', { jsep: { type: 'offer', sdp: 'late' } });
  expect(offers).toHaveLength(1);
  expect(handles).toHaveLength(1);
});
