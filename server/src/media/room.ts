/** One call's room: who is in it by which seat, and what each of them publishes. */
import type { Publisher, VideoRoomHandle } from 'janode/plugins/videoroom';
import type { CallId, DeviceId } from '../ids.js';
import { MediaError, type Participant, type Room, type RoomEvent } from './contract.js';
import type { JanusSession } from './janus-connection.js';
import type { JanusRooms, RoomKeys } from './janus-rooms.js';
import { JanusParticipant } from './participant.js';
import { takeSeat, type RoomNews, type Seat } from './seat.js';
import { Spare } from './spare.js';
import type { PublishedStream } from './subscription.js';
import { detachQuietly } from './trickle.js';

export interface JanusRoomOptions {
  callId: CallId;
  keys: RoomKeys;
  session: JanusSession;
  rooms: JanusRooms;
  onDestroy: () => void;
}

export class JanusRoom implements Room {
  readonly callId: CallId;
  readonly #options: JanusRoomOptions;
  /** The server's own table: whoever is not in it was not let in by this server. */
  readonly #devices = new Map<number, DeviceId>();
  readonly #participants = new Set<JanusParticipant>();
  readonly #streams = new Map<number, PublishedStream[]>();
  readonly #news: RoomNews;
  // While it rings there is time to make what the one who answers will need.
  readonly #spareSeat: Spare<Seat>;
  readonly #spareHandle: Spare<VideoRoomHandle>;
  #entering = 0;
  #destroyed = false;

  constructor(options: JanusRoomOptions) {
    this.callId = options.callId;
    this.#options = options;
    this.#news = {
      published: (publishers) => {
        this.#onPublished(publishers);
      },
      stopped: (feed) => {
        this.#onStopped(feed);
      },
      lost: (feed) => {
        this.#participantAt(feed)?.lose();
      },
    };
    const attach = () => options.session.attach();
    const discard = { seat: (seat: Seat) => detachQuietly(seat.handle), handle: detachQuietly };
    this.#spareSeat = new Spare(() => takeSeat(attach, options.keys, this.#news), discard.seat);
    this.#spareHandle = new Spare(attach, discard.handle);
    options.session.lost.addEventListener('abort', this.#onSessionLost, { once: true });
  }

  async join(device: DeviceId, listener: (event: RoomEvent) => void): Promise<Participant> {
    this.#checkOpen();
    this.#entering += 1;
    try {
      // Janus counts only those whose connection is up.
      if (this.#participants.size + this.#entering > this.#options.rooms.participantsMax)
        throw new MediaError('media_unavailable', 'the room is full');
      return await this.#enter(device, listener);
    } finally {
      this.#entering -= 1;
    }
  }

  async #enter(device: DeviceId, listener: (event: RoomEvent) => void): Promise<Participant> {
    const seat = await this.#seatFor(device);
    const participant = new JanusParticipant({
      seat,
      otherSeat: (former) => this.#otherSeat(device, former),
      attach: () => this.#handle(),
      room: this.#options.keys,
      wanted: (own) => this.#streamsBut(own.feed),
      deviceOf: (feed) => this.#devices.get(feed),
      onStopped: ({ feed }) => {
        this.#onStopped(feed);
      },
      onEvent: listener,
      onLeave: ({ feed }) => {
        this.#participants.delete(participant);
        this.#onStopped(feed);
        this.#devices.delete(feed);
      },
    });
    this.#participants.add(participant);
    // The call ended, or Janus did, while it was letting this one in.
    if (this.#destroyed) await participant.leave();
    else if (this.#options.session.lost.aborted) participant.lose();
    else this.#prepare();
    return participant;
  }

  async destroy(): Promise<void> {
    if (this.#destroyed) return;
    this.#destroyed = true;
    const { session, rooms, keys, onDestroy } = this.#options;
    session.lost.removeEventListener('abort', this.#onSessionLost);
    await Promise.all([
      ...[...this.#participants].map((participant) => participant.leave()),
      this.#spareSeat.discard(),
      this.#spareHandle.discard(),
    ]);
    if (!session.lost.aborted) await rooms.destroy(keys);
    onDestroy();
  }

  /** After the first has entered: one more seat, and a handle to subscribe with. */
  #prepare(): void {
    if (this.#participants.size > 1) return;
    this.#spareSeat.prepare();
    this.#spareHandle.prepare();
  }

  /** Who is alone takes one to hold its lines with; the next finds another. */
  #handle(): Promise<VideoRoomHandle> {
    const handle = this.#spareHandle.take();
    if (!this.#destroyed && this.#participants.size <= 1) this.#spareHandle.prepare();
    return handle;
  }

  async #seatFor(device: DeviceId): Promise<Seat> {
    const seat = await this.#spareSeat.take();
    this.#devices.set(seat.feed, device);
    return seat;
  }

  async #otherSeat(device: DeviceId, former: Seat): Promise<Seat> {
    this.#checkOpen();
    this.#devices.delete(former.feed);
    return this.#seatFor(device);
  }

  #checkOpen(): void {
    if (this.#destroyed || this.#options.session.lost.aborted)
      throw new MediaError('media_unavailable', 'the room is gone');
  }

  readonly #onSessionLost = (): void => {
    for (const participant of [...this.#participants]) participant.lose();
  };

  #participantAt(feed: number): JanusParticipant | undefined {
    return [...this.#participants].find(({ seat }) => seat.feed === feed);
  }

  #streamsBut(own: number): PublishedStream[] {
    return [...this.#streams].flatMap(([feed, streams]) => (feed === own ? [] : streams));
  }

  #onPublished(publishers: Publisher[]): void {
    for (const { feed, streams = [] } of publishers) {
      // Nobody subscribes to one whom this server did not let in.
      if (!this.#devices.has(feed)) continue;
      this.#streams.set(
        feed,
        streams
          .filter(({ type, disabled }) => type !== 'data' && disabled !== true)
          .map(({ mid }) => ({ feed, mid })),
      );
    }
    for (const participant of this.#participants) participant.refresh();
  }

  #onStopped(feed: number): void {
    if (!this.#streams.delete(feed)) return;
    for (const participant of this.#participants) participant.forget(feed);
  }
}
