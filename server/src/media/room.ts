/** One call's room: who is in it by which feed, and what each of them publishes. */
import { randomInt } from 'node:crypto';
import type { Publisher } from 'janode/plugins/videoroom';
import type { CallId, DeviceId } from '../ids.js';
import { MediaError, type Participant, type Room, type RoomEvent } from './contract.js';
import type { JanusSession } from './janus-connection.js';
import type { JanusRooms, RoomKeys } from './janus-rooms.js';
import { JanusParticipant } from './participant.js';
import type { PublishedStream } from './subscription.js';

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
  readonly #devices = new Map<number, DeviceId>();
  readonly #participants = new Map<number, JanusParticipant>();
  readonly #streams = new Map<number, PublishedStream[]>();
  #destroyed = false;

  constructor(options: JanusRoomOptions) {
    this.callId = options.callId;
    this.#options = options;
  }

  async join(device: DeviceId, listener: (event: RoomEvent) => void): Promise<Participant> {
    const { session, keys } = this.#options;
    if (this.#destroyed || session.lost.aborted)
      throw new MediaError('media_unavailable', 'the room is gone');
    const feed = randomInt(1, 2 ** 48 - 1);
    this.#devices.set(feed, device);
    try {
      const participant = await JanusParticipant.join({
        session,
        room: keys,
        feed,
        wanted: () =>
          [...this.#streams].flatMap(([other, streams]) => (other === feed ? [] : streams)),
        deviceOf: (other) => this.#devices.get(other),
        news: {
          published: (publishers) => {
            this.#onPublished(publishers);
          },
          stopped: (other) => {
            this.#onStopped(other);
          },
        },
        onOffer: listener,
        onLeave: () => {
          this.#participants.delete(feed);
          this.#onStopped(feed);
          this.#devices.delete(feed);
        },
        onLost: () => {
          listener({ event: 'lost' });
        },
      });
      this.#participants.set(feed, participant);
      // The call ended while Janus was letting it in.
      if (this.#isDestroyed()) await participant.leave();
      return participant;
    } catch (error) {
      this.#devices.delete(feed);
      throw error;
    }
  }

  async destroy(): Promise<void> {
    if (this.#destroyed) return;
    this.#destroyed = true;
    await Promise.all([...this.#participants.values()].map((participant) => participant.leave()));
    if (!this.#options.session.lost.aborted) await this.#options.rooms.destroy(this.#options.keys);
    this.#options.onDestroy();
  }

  #isDestroyed(): boolean {
    return this.#destroyed;
  }

  #onPublished(publishers: Publisher[]): void {
    for (const { feed, streams = [] } of publishers) {
      // Whoever is not in the table was not let in by this server: nobody subscribes to it.
      if (!this.#devices.has(feed)) continue;
      this.#streams.set(
        feed,
        streams
          .filter(({ type, disabled }) => type !== 'data' && disabled !== true)
          .map(({ mid }) => ({ feed, mid })),
      );
    }
    for (const participant of this.#participants.values()) participant.refresh();
  }

  #onStopped(feed: number): void {
    if (!this.#streams.delete(feed)) return;
    for (const participant of this.#participants.values()) participant.forget(feed);
  }
}
