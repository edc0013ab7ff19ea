/** The receiving half of a participant: one multistream subscription to everything the others publish. */
import Janode, { type Jsep } from 'janode';
import videoroom, { type SubscriptionStream, type VideoRoomHandle } from 'janode/plugins/videoroom';
import type { DeviceId } from '../ids.js';
import { MediaError, type IceCandidate, type RoomEvent } from './contract.js';
import { asMediaError, withDeadline } from './deadline.js';
import type { RoomKeys } from './janus-rooms.js';
import { detachQuietly, trickle } from './trickle.js';

/** One media line that a publisher of the room offers. */
export interface PublishedStream {
  feed: number;
  mid: string;
}

export interface SubscriptionOptions {
  attach: () => Promise<VideoRoomHandle>;
  room: RoomKeys;
  /** Everything that others publish at this moment. */
  wanted: () => PublishedStream[];
  /** The server's own table: feed ids are its own random numbers. */
  deviceOf: (feed: number) => DeviceId | undefined;
  onOffer: (offer: Extract<RoomEvent, { event: 'offer' }>) => void;
  onLost: () => void;
}

/** Asks Janus for one offer at a time: the next change waits until the device has answered the last. */
export class Subscription {
  readonly #options: SubscriptionOptions;
  #handle: VideoRoomHandle | null = null;
  /** The device's own feed, once it is there. */
  #own: number | null = null;
  /** Whether its lines are held for what others will publish. */
  #holding = false;
  #phase: 'idle' | 'asking' | 'offered' | 'closed' = 'idle';
  #stale = false;
  #restart = false;
  #subscribed = new Set<string>();

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  /** Brings the subscription up to what is wanted now. `restart`: with new ICE credentials. */
  refresh({ restart = false } = {}): void {
    this.#restart ||= restart;
    if (this.#phase !== 'idle') {
      this.#stale = true;
      return;
    }
    this.#phase = 'asking';
    this.#stale = false;
    this.#ask().catch((error: unknown) => {
      this.#onRefused(error);
    });
  }

  /** The device's own connection stands. While nobody else publishes, its own feed holds the lines of what will come:
   * Janus subscribes nobody to nothing. No device is named for them, so the page refuses to receive; but the way to it
   * stands, and the first picture of who answers does not wait for ICE and DTLS. */
  warm(own: number): void {
    this.#own = own;
    if (this.#handle === null) this.refresh();
  }

  /** A publisher has stopped: Janus offers again by itself, and what it publishes later is new. */
  forget(feed: number): void {
    this.#subscribed = new Set(
      [...this.#subscribed].filter((key) => !key.startsWith(`${String(feed)}/`)),
    );
  }

  /** @throws MediaError `sdp_invalid` also when no offer is waiting for an answer. */
  async answer(sdp: string): Promise<void> {
    if (this.#handle === null || this.#phase !== 'offered') {
      throw new MediaError('sdp_invalid', 'no offer waits for an answer');
    }
    try {
      await withDeadline(
        'start',
        this.#handle.start({ e2ee: true, jsep: { type: 'answer', sdp } }),
      );
    } catch (error) {
      throw asMediaError('start', error);
    }
    this.#settle();
  }

  async candidate(candidate: IceCandidate | null): Promise<void> {
    if (this.#handle !== null) await trickle(this.#handle, candidate);
  }

  async close(): Promise<void> {
    this.#phase = 'closed';
    const handle = this.#handle;
    this.#handle = null;
    if (handle !== null) await detachQuietly(handle);
  }

  /** Janus may refuse because a publisher has just gone: then the next news tells what there is to ask for.
   * No answer at all is another thing. */
  #onRefused(error: unknown): void {
    if (this.#isClosed()) return;
    if (error instanceof MediaError) {
      void this.close();
      this.#options.onLost();
    } else if (this.#subscribed.size === 0 && !this.#holding && this.#handle !== null) {
      void this.#drop(this.#handle);
    } else {
      this.#settleIfAsking();
    }
  }

  async #ask(): Promise<void> {
    const subscribe = this.#options
      .wanted()
      .filter((stream) => !this.#subscribed.has(keyOf(stream)));
    if (this.#handle === null) {
      if (subscribe.length > 0) await this.#open(subscribe);
      else if (this.#own !== null) await this.#open([], this.#own);
      else this.#settle();
      return;
    }
    const restart = this.#restart;
    this.#restart = false;
    if (subscribe.length > 0) await this.#update(this.#handle, subscribe);
    else if (restart)
      this.#take(await withDeadline('restart', this.#handle.configure({ restart: true })), []);
    if (restart && subscribe.length > 0) this.#stale = this.#restart = true;
    this.#settleIfAsking();
  }

  async #update(handle: VideoRoomHandle, subscribe: PublishedStream[]): Promise<void> {
    const held = this.#holding && this.#own !== null ? [{ feed: this.#own }] : [];
    const change = held.length > 0 ? { subscribe, unsubscribe: held } : { subscribe };
    const updated = await withDeadline('update', handle.update(change));
    this.#holding = false;
    this.#take(updated, subscribe);
  }

  /** @param held the feed whose lines are held, when there is nothing to subscribe to. */
  async #open(wanted: PublishedStream[], held: number | null = null): Promise<void> {
    const { attach, room } = this.#options;
    const handle = await attach();
    if (this.#isClosed()) {
      await detachQuietly(handle);
      return;
    }
    this.#handle = handle;
    this.#restart = false;
    handle.on(
      videoroom.EVENT['VIDEOROOM_UPDATED'],
      (update: { jsep?: Jsep; streams?: SubscriptionStream[] }) => {
        this.#take(update, []);
      },
    );
    // The peer connection is over, closed by the page or by the network: what is published next opens a fresh one.
    handle.once(Janode.EVENT.HANDLE_HANGUP, () => void this.#drop(handle));
    const streams = held === null ? wanted : [{ feed: held }];
    const join = handle.joinSubscriber({ room: room.id, pin: room.pin, streams });
    const joined = await withDeadline('join', join);
    this.#holding = held !== null;
    this.#take(joined, wanted);
    this.#settleIfAsking();
  }

  #take(
    { jsep, streams }: { jsep?: Jsep; streams?: SubscriptionStream[] },
    asked: PublishedStream[],
  ): void {
    if (this.#isClosed()) return;
    for (const stream of asked) this.#subscribed.add(keyOf(stream));
    if (jsep === undefined) return;
    this.#streams = streams ?? this.#streams;
    this.#phase = 'offered';
    this.#options.onOffer({ event: 'offer', sdp: jsep.sdp, feeds: this.#feeds() });
  }

  #streams: SubscriptionStream[] = [];

  #feeds() {
    return this.#streams.flatMap(({ mid, type, active, feed_id }) => {
      const isOwn = feed_id === this.#own;
      const device = feed_id === undefined || isOwn ? undefined : this.#options.deviceOf(feed_id);
      return device === undefined || active === false || type === 'data'
        ? []
        : [{ mid, device, kind: type }];
    });
  }

  async #drop(handle: VideoRoomHandle): Promise<void> {
    if (this.#handle !== handle) return;
    this.#handle = null;
    this.#holding = false;
    this.#subscribed.clear();
    this.#streams = [];
    this.#stale = false;
    this.#phase = 'idle';
    await detachQuietly(handle);
  }

  #settleIfAsking(): void {
    if (this.#phase === 'asking') this.#settle();
  }

  #settle(): void {
    if (this.#isClosed()) return;
    this.#phase = 'idle';
    if (this.#stale) this.refresh();
  }

  #isClosed(): boolean {
    return this.#phase === 'closed';
  }
}

function keyOf({ feed, mid }: PublishedStream): string {
  return `${String(feed)}/${mid}`;
}
