/** Rooms of one Janus: opened for a call, destroyed with it, and swept when an earlier run left them behind. */
import { createHmac, randomInt } from 'node:crypto';
import type { VideoRoomHandle } from 'janode/plugins/videoroom';
import type { Logger } from '../logging.js';
import { MediaError } from './contract.js';
import { asMediaError, withDeadline } from './deadline.js';
import type { JanusConnection, JanusSession } from './janus-connection.js';

const sweepMs = 60_000;
/** After a connection: what an earlier run left is gone soon, and rooms that others are just opening are spared. */
const secondLookMs = 5_000;
const description = 'parley';

/** What lets a participant in, and the server close the door. */
export interface RoomKeys {
  id: number;
  secret: string;
  pin: string;
}

export interface JanusRoomsOptions {
  /** Secret and pin of a room are made from this key and its random id: a later run of the server, or another
   * node with the same key, can destroy what is left over, and nobody without it can enter or destroy. */
  roomKey: Uint8Array;
  participantsMax: number;
  videoBitrateMax: number;
  logger: Logger;
}

export class JanusRooms {
  readonly #connection: JanusConnection;
  readonly #options: JanusRoomsOptions;
  readonly #own = new Set<number>();
  readonly #timer: NodeJS.Timeout;
  #emptyBefore = new Set<number>();
  #secondLook: NodeJS.Timeout | undefined;
  #control: { session: JanusSession; handle: Promise<VideoRoomHandle> } | null = null;

  constructor(connection: JanusConnection, options: JanusRoomsOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#timer = setInterval(() => void this.sweep(), sweepMs);
    this.#timer.unref();
    connection.on('change', () => {
      clearTimeout(this.#secondLook);
      this.#own.clear();
      this.#emptyBefore.clear();
      if (connection.session === null) return;
      void this.sweep();
      this.#secondLook = setTimeout(() => void this.sweep(), secondLookMs);
      this.#secondLook.unref();
    });
  }

  get participantsMax(): number {
    return this.#options.participantsMax;
  }

  /** @throws MediaError `media_unavailable` */
  async create(): Promise<RoomKeys> {
    const room = this.#keysOf(randomInt(1, 2 ** 48 - 1));
    // Before the request: a sweep in between must not take it for a stale one.
    this.#own.add(room.id);
    try {
      const handle = await this.#handle();
      await withDeadline('create', handle.message({ request: 'create', ...this.#settings(room) }));
    } catch (error) {
      this.#own.delete(room.id);
      throw asMediaError('create', error);
    }
    return room;
  }

  /** Destroys the room; one that is gone already is no error. */
  async destroy({ id, secret }: RoomKeys): Promise<void> {
    this.#own.delete(id);
    try {
      const handle = await this.#handle();
      await withDeadline('destroy', handle.destroy({ room: id, secret, permanent: false }));
    } catch (error) {
      this.#options.logger.debug(
        { room: id, cause: asMediaError('destroy', error).message },
        'room not destroyed',
      );
    }
  }

  /** Destroys rooms of Parley that stood empty at this and at the previous sweep and are not of this run. */
  async sweep(): Promise<void> {
    try {
      const handle = await this.#handle();
      const { list } = await withDeadline('list', handle.list());
      const empty = list
        .filter(
          (room) =>
            room.description === description &&
            room.num_participants === 0 &&
            !this.#own.has(room.room),
        )
        .map((room) => room.room);
      const stale = empty.filter((id) => this.#emptyBefore.has(id));
      this.#emptyBefore = new Set(empty);
      for (const id of stale) await this.destroy(this.#keysOf(id));
      if (stale.length > 0)
        this.#options.logger.info({ rooms: stale.length }, 'destroyed stale rooms');
    } catch {
      // Not connected, or lost in between: the next sweep does it.
    }
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#secondLook);
  }

  #handle(): Promise<VideoRoomHandle> {
    const session = this.#connection.session;
    if (session === null) throw new MediaError('media_unavailable', 'Janus is not connected');
    if (this.#control?.session !== session) {
      const handle = session.attach();
      this.#control = { session, handle };
      handle.catch(() => {
        if (this.#control?.handle === handle) this.#control = null;
      });
    }
    return this.#control.handle;
  }

  #keysOf(id: number): RoomKeys {
    const derive = (label: string) =>
      createHmac('sha256', this.#options.roomKey)
        .update(`parley room ${label} ${String(id)}`)
        .digest('base64url');
    return { id, secret: derive('secret'), pin: derive('pin') };
  }

  #settings({ id, secret, pin }: RoomKeys): Record<string, unknown> {
    return {
      room: id,
      secret,
      pin,
      description,
      permanent: false,
      // Listed, so that a later run finds it; the pin keeps people out, and only who knows the API secret sees it.
      is_private: false,
      publishers: this.#options.participantsMax,
      require_e2ee: true,
      audiocodec: 'opus',
      videocodec: 'vp8',
      bitrate: this.#options.videoBitrateMax,
      // Loudness would travel in the clear and tell Janus who speaks when.
      audiolevel_ext: false,
      audiolevel_event: false,
      notify_joining: false,
      record: false,
      lock_record: true,
    };
  }
}
