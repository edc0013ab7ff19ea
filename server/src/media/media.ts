/** The pool of Janus servers: which of them answer, and which takes the next room. */
import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { CallId } from '../ids.js';
import type { Logger } from '../logging.js';
import { MediaError, type Media, type Room } from './contract.js';
import { JanusConnection } from './janus-connection.js';
import { JanusRooms } from './janus-rooms.js';
import { JanusRoom } from './room.js';

export interface MediaOptions {
  /** WebSocket addresses of Janus servers, or functions that tell the present one. */
  urls: readonly (string | (() => string))[];
  /** The `api_secret` of all of them. */
  apiSecret?: string | undefined;
  /** What rooms' secrets are made from; the `api_secret` when absent. With neither, a random one: then nobody can
   * clean up what this run leaves. */
  roomKey?: Uint8Array | undefined;
  /** Between two questions whether a Janus still works. */
  probeMs?: number;
  logger: Logger;
  /** Publishers that a room takes at most. */
  participantsMax?: number;
  /** What Janus lets a publisher send at most, in bits a second. */
  videoBitrateMax?: number;
}

/** Connects to every Janus of the pool, and stays connected until closed.
 * Returns at once: `available` turns true when the first one answers. */
export function createMedia(options: MediaOptions): Media {
  return new JanusPool(options);
}

interface Server {
  connection: JanusConnection;
  rooms: JanusRooms;
}

class JanusPool implements Media {
  readonly #servers: Server[];
  readonly #changes = new EventEmitter<{ change: [boolean] }>();
  #available = false;

  constructor({
    urls,
    apiSecret,
    roomKey,
    probeMs,
    logger,
    participantsMax = 32,
    videoBitrateMax = 2_000_000,
  }: MediaOptions) {
    this.#changes.setMaxListeners(0);
    const key = roomKey ?? (apiSecret === undefined ? randomBytes(32) : Buffer.from(apiSecret));
    this.#servers = urls.map((url) => {
      const connection = new JanusConnection({
        url: typeof url === 'string' ? () => url : url,
        apiSecret,
        probeMs,
        logger,
      });
      connection.on('change', () => {
        this.#update();
      });
      const rooms = new JanusRooms(connection, {
        roomKey: key,
        participantsMax,
        videoBitrateMax,
        logger,
      });
      return { connection, rooms };
    });
  }

  get available(): boolean {
    return this.#available;
  }

  onAvailability(listener: (available: boolean) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#changes.on('change', listener);
    signal.addEventListener('abort', () => this.#changes.off('change', listener), { once: true });
  }

  async openRoom(callId: CallId): Promise<Room> {
    const candidates = this.#servers
      .filter(({ connection }) => connection.session !== null)
      .sort((one, other) => one.connection.rooms - other.connection.rooms);
    let failure: unknown;
    for (const server of candidates) {
      try {
        return await openOn(server, callId);
      } catch (error) {
        failure = error;
      }
    }
    throw new MediaError('media_unavailable', 'no Janus takes a room', { cause: failure });
  }

  async close(): Promise<void> {
    this.#changes.removeAllListeners();
    await Promise.all(
      this.#servers.map(async ({ connection, rooms }) => {
        rooms.close();
        await connection.close();
      }),
    );
  }

  #update(): void {
    const available = this.#servers.some(({ connection }) => connection.session !== null);
    if (available === this.#available) return;
    this.#available = available;
    this.#changes.emit('change', available);
  }
}

async function openOn({ connection, rooms }: Server, callId: CallId): Promise<Room> {
  const { session } = connection;
  if (session === null) throw new MediaError('media_unavailable', 'Janus is not connected');
  // Counted before it is open, so that rooms asked for at once spread over the pool.
  connection.rooms += 1;
  const onDestroy = () => {
    connection.rooms -= 1;
  };
  try {
    const keys = await rooms.create();
    return new JanusRoom({ callId, keys, session, rooms, onDestroy });
  } catch (error) {
    onDestroy();
    throw error;
  }
}
