/** One device in one room: its publisher handle, and its subscription to the others. */
import Janode, { type Jsep } from 'janode';
import videoroom, { type Publisher, type VideoRoomHandle } from 'janode/plugins/videoroom';
import { MediaError, type IceCandidate, type Participant } from './contract.js';
import { asMediaError, withDeadline } from './deadline.js';
import type { JanusSession } from './janus-connection.js';
import type { RoomKeys } from './janus-rooms.js';
import { checkCandidate, checkSdp } from './sdp.js';
import { Subscription, detachQuietly, trickle, type SubscriptionOptions } from './subscription.js';

const candidatesMax = 400;
/** Offers that may wait for their turn. */
const offersWaitingMax = 8;

/** What a publisher handle hears of the room; all handles hear the same, so the room keeps one table. */
export interface RoomNews {
  published: (publishers: Publisher[]) => void;
  stopped: (feed: number) => void;
}

export interface ParticipantOptions extends Omit<SubscriptionOptions, 'onLost'> {
  session: JanusSession;
  room: RoomKeys;
  feed: number;
  news: RoomNews;
  onLeave: () => void;
  /** Called once at most; the participant is of no use afterwards. */
  onLost: () => void;
}

export class JanusParticipant implements Participant {
  readonly #options: ParticipantOptions;
  readonly #publisher: VideoRoomHandle;
  #subscription: Subscription | null = null;
  #published = false;
  #ufrag: string | undefined;
  #over = false;
  readonly #left = new AbortController();
  #candidates = 0;
  #offersWaiting = 0;
  /** Offers of one device are worked off one after the other. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(publisher: VideoRoomHandle, options: ParticipantOptions) {
    this.#publisher = publisher;
    this.#options = options;
    this.#listen();
  }

  /** Enters the room with the feed id that the room has drawn for this device.
   * @throws MediaError `media_unavailable` */
  static async join(options: ParticipantOptions): Promise<JanusParticipant> {
    const { session, room, feed, news } = options;
    const publisher = await session.attach();
    const participant = new JanusParticipant(publisher, options);
    try {
      const joined = await withDeadline(
        'join',
        publisher.joinPublisher({ room: room.id, pin: room.pin, feed }),
      );
      news.published(joined.publishers);
    } catch (error) {
      participant.#over = true;
      participant.#left.abort();
      await detachQuietly(publisher);
      throw asMediaError('join', error);
    }
    return participant;
  }

  /** Looks again at what others publish. A device that does not publish itself receives nothing. */
  refresh(): void {
    this.#subscription?.refresh();
  }

  forget(feed: number): void {
    this.#subscription?.forget(feed);
  }

  async publish(sdp: string): Promise<string> {
    checkSdp(sdp);
    if (this.#offersWaiting >= offersWaitingMax) {
      throw new MediaError('media_unavailable', 'too many offers at once');
    }
    this.#offersWaiting += 1;
    const turn = this.#tail.then(() => this.#publish(sdp));
    this.#tail = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#offersWaiting -= 1;
    }
  }

  async answer(sdp: string): Promise<void> {
    checkSdp(sdp);
    if (this.#subscription === null)
      throw new MediaError('sdp_invalid', 'no offer waits for an answer');
    await this.#subscription.answer(sdp);
  }

  async candidate(
    direction: 'publish' | 'subscribe',
    candidate: IceCandidate | null,
  ): Promise<void> {
    if (candidate !== null) checkCandidate(candidate);
    this.#candidates += 1;
    if (this.#over || this.#candidates > candidatesMax) return;
    if (direction === 'publish') await trickle(this.#publisher, candidate);
    else await this.#subscription?.candidate(candidate);
  }

  async leave(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#left.abort();
    this.#options.onLeave();
    await Promise.all([this.#subscription?.close(), detachQuietly(this.#publisher)]);
  }

  async #publish(sdp: string): Promise<string> {
    if (this.#over) throw new MediaError('media_unavailable', 'the participant has left');
    const jsep: Jsep = { type: 'offer', sdp };
    const ufrag = /^a=ice-ufrag:(.*)$/m.exec(sdp)?.[1]?.trim();
    const restarted = this.#published && ufrag !== this.#ufrag;
    // The page had to make a new connection: it will want a new one for receiving as well.
    if (!this.#published) await this.#endSubscription();
    let answer: { jsep?: Jsep };
    try {
      answer = await withDeadline(
        'publish',
        this.#published
          ? this.#publisher.configure({ e2ee: true, jsep })
          : this.#publisher.publish({ e2ee: true, jsep }),
      );
    } catch (error) {
      throw asMediaError('publish', error);
    }
    if (answer.jsep === undefined)
      throw new MediaError('sdp_invalid', 'Janus gave no answer to the offer');
    this.#published = true;
    this.#ufrag = ufrag;
    // A device whose network has changed renews both of its connections.
    this.#subscribe(restarted);
    return answer.jsep.sdp;
  }

  async #endSubscription(): Promise<void> {
    const subscription = this.#subscription;
    this.#subscription = null;
    await subscription?.close();
  }

  #subscribe(restart: boolean): void {
    this.#subscription ??= new Subscription({
      ...this.#options,
      onLost: () => {
        this.#lose();
      },
    });
    this.#subscription.refresh({ restart });
  }

  #listen(): void {
    const { news, feed, session } = this.#options;
    const { EVENT } = videoroom;
    const stopped = (event: { feed: number }) => {
      news.stopped(event.feed);
    };
    const lose = () => {
      this.#lose();
    };
    this.#publisher.on(EVENT['VIDEOROOM_PUB_LIST'], (event: { publishers: Publisher[] }) => {
      news.published(event.publishers);
    });
    this.#publisher.on(EVENT['VIDEOROOM_UNPUBLISHED'], stopped);
    this.#publisher.on(EVENT['VIDEOROOM_LEAVING'], stopped);
    this.#publisher.on(EVENT['VIDEOROOM_KICKED'], stopped);
    this.#publisher.once(EVENT['VIDEOROOM_DESTROYED'], lose);
    this.#publisher.once(Janode.EVENT.HANDLE_DETACHED, lose);
    // The page closed its connection, or the network broke it: Janus takes a new offer on the same handle.
    this.#publisher.on(Janode.EVENT.HANDLE_HANGUP, () => {
      this.#published = false;
      news.stopped(feed);
    });
    session.lost.addEventListener('abort', lose, { once: true, signal: this.#left.signal });
  }

  #lose(): void {
    if (this.#over) return;
    void this.leave();
    this.#options.onLost();
  }
}
