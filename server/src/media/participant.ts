/** One device in one room: the seat that it publishes from, and its subscription to the others. */
import Janode, { type Jsep } from 'janode';
import { MediaError, type IceCandidate, type Participant, type RoomEvent } from './contract.js';
import { asMediaError, withDeadline } from './deadline.js';
import { Flow } from './flow.js';
import {
  answerMediaLinesMax,
  checkCandidate,
  checkedSdp,
  identityOf,
  offerMediaLinesMax,
  type ConnectionIdentity,
} from './sdp.js';
import type { Seat } from './seat.js';
import { Subscription, type PublishedStream, type SubscriptionOptions } from './subscription.js';
import { detachQuietly, trickle } from './trickle.js';

/** Candidates of one connection, both directions. */
const candidatesMax = 400;
/** Offers that may wait for their turn, and those of one call. */
const offersWaitingMax = 8;
const offersMax = 200;

export interface ParticipantOptions extends Pick<
  SubscriptionOptions,
  'attach' | 'room' | 'deviceOf'
> {
  /** The first seat, entered already. */
  seat: Seat;
  /** Another one for this device, in place of that one. @throws MediaError */
  otherSeat: (former: Seat) => Promise<Seat>;
  /** What is published from seats but this one. */
  wanted: (own: Seat) => PublishedStream[];
  /** What this seat published is over. */
  onStopped: (seat: Seat) => void;
  onEvent: (event: RoomEvent) => void;
  onLeave: (seat: Seat) => void;
}

export class JanusParticipant implements Participant {
  readonly #options: ParticipantOptions;
  readonly #flow: Flow;
  #seat: Seat;
  #subscription: Subscription | null = null;
  /** The connection that publishes from this seat; `null` before the first offer. */
  #connection: ConnectionIdentity | null = null;
  /** The connection is over: this seat is of no more use to another one. */
  #hungUp = false;
  #over = false;
  #candidates = 0;
  #offers = 0;
  #offersWaiting = 0;
  /** Offers of one device are worked off one after the other. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: ParticipantOptions) {
    this.#options = options;
    this.#seat = options.seat;
    this.#flow = new Flow((flowing) => {
      if (!this.#over) options.onEvent({ event: 'flow', flowing });
    });
    this.#listen(options.seat);
  }

  get seat(): Seat {
    return this.#seat;
  }

  /** Looks again at what others publish. A device that does not publish itself receives nothing. */
  refresh(): void {
    this.#subscription?.refresh();
  }

  forget(feed: number): void {
    this.#subscription?.forget(feed);
  }

  async publish(offer: string): Promise<string> {
    const sdp = checkedSdp(offer, offerMediaLinesMax);
    this.#offers += 1;
    if (this.#offersWaiting >= offersWaitingMax || this.#offers > offersMax) {
      throw new MediaError('media_unavailable', 'too many offers');
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

  async answer(answer: string): Promise<void> {
    const sdp = checkedSdp(answer, answerMediaLinesMax);
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
    if (direction === 'publish') await trickle(this.#seat.handle, candidate);
    else await this.#subscription?.candidate(candidate);
  }

  async leave(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#options.onLeave(this.#seat);
    await Promise.all([this.#subscription?.close(), detachQuietly(this.#seat.handle)]);
  }

  /** The seat, the subscription or the whole Janus is gone. */
  lose(): void {
    if (this.#over) return;
    void this.leave();
    this.#options.onEvent({ event: 'lost' });
  }

  async #publish(sdp: string): Promise<string> {
    this.#checkPresence();
    const before = this.#connection;
    const next = identityOf(sdp);
    // Janus cannot move a seat to another connection, nor may it know yet that the old one is gone.
    if (before !== null && (this.#hungUp || before.fingerprint !== next.fingerprint))
      await this.#changeSeat();
    const isFirst = this.#connection === null;
    // What others publish already is asked for at once, beside the offer.
    this.#subscribe(!isFirst && before?.ufrag !== next.ufrag);
    const jsep: Jsep = { type: 'offer', sdp };
    const { handle } = this.#seat;
    this.#connection = next;
    try {
      const request = { e2ee: true as const, jsep };
      const answer = await withDeadline(
        'publish',
        isFirst ? handle.publish(request) : handle.configure(request),
      );
      if (answer.jsep === undefined)
        throw new MediaError('sdp_invalid', 'Janus gave no answer to the offer');
      return answer.jsep.sdp;
    } catch (error) {
      if (isFirst) this.#connection = null;
      throw asMediaError('publish', error);
    }
  }

  async #changeSeat(): Promise<void> {
    const former = this.#seat;
    this.#options.onStopped(former);
    this.#flow.stop();
    const subscription = this.#subscription;
    // The page wants a new connection for receiving as well.
    this.#subscription = null;
    this.#seat = await this.#options.otherSeat(former);
    this.#connection = null;
    this.#hungUp = false;
    this.#candidates = 0;
    this.#listen(this.#seat);
    void subscription?.close();
    void detachQuietly(former.handle);
    if (this.#over) void detachQuietly(this.#seat.handle);
    this.#checkPresence();
  }

  #checkPresence(): void {
    if (this.#over) throw new MediaError('media_unavailable', 'the participant has left');
  }

  #subscribe(restart: boolean): void {
    const { attach, room, deviceOf, wanted, onEvent } = this.#options;
    this.#subscription ??= new Subscription({
      attach,
      room,
      deviceOf,
      wanted: () => wanted(this.#seat),
      onOffer: onEvent,
      onLost: () => {
        this.lose();
      },
    });
    this.#subscription.refresh({ restart });
  }

  #listen(seat: Seat): void {
    this.#flow.follow(seat.handle);
    seat.handle.on(Janode.EVENT.HANDLE_WEBRTCUP, () => {
      if (this.#seat === seat) this.#subscription?.warm(seat.feed);
    });
    // The page closed its connection, or the network broke it.
    seat.handle.on(Janode.EVENT.HANDLE_HANGUP, () => {
      if (this.#seat !== seat) return;
      this.#hungUp = this.#connection !== null;
      this.#flow.stop();
      this.#options.onStopped(seat);
    });
  }
}
