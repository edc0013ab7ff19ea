/** One call's room and who has a seat in it; and another room when that one is lost. */
import type { CallId, DeviceId } from '../ids.js';
import type { Logger } from '../logging.js';
import {
  MediaError,
  type Media,
  type Participant,
  type Room,
  type RoomEvent,
} from '../media/contract.js';

/** How long a call waits for another room; everyone in it sees that it reconnects. */
const moveMs = 20_000;
const retryMs = 500;

export interface CallMediaOptions {
  media: Media;
  callId: CallId;
  logger: Logger;
  /** What a device hears of the present room. */
  onEvent: (deviceId: DeviceId, event: RoomEvent) => void;
}

/** Methods return at once; whoever needs the room waits for `participant`. */
export class CallMedia {
  readonly #options: CallMediaOptions;
  readonly #participants = new Map<DeviceId, Promise<Participant>>();
  readonly #over = new AbortController();
  #room: Promise<Room>;

  constructor(options: CallMediaOptions) {
    this.#options = options;
    this.#room = options.media.openRoom(options.callId);
    // Whoever joins hears of it.
    this.#room.catch(() => undefined);
  }

  join(deviceId: DeviceId): void {
    this.#seat(this.#room, deviceId);
  }

  leave(deviceId: DeviceId): void {
    const leaving = this.#participants.get(deviceId);
    this.#participants.delete(deviceId);
    void leaving?.then(
      (participant) => participant.leave(),
      () => undefined,
    );
  }

  /** `undefined`: this device never joined. */
  participant(deviceId: DeviceId): Promise<Participant> | undefined {
    return this.#participants.get(deviceId);
  }

  /** Opens another room and gives everyone a seat there. @returns whether that worked in time. */
  async move(): Promise<boolean> {
    void this.#free(this.#room);
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
    }, moveMs);
    const given = AbortSignal.any([late.signal, this.#over.signal]);
    try {
      while (!given.aborted) {
        if (await this.#tryRoom(given)) return true;
        await untilEither(given, (resolve) => setTimeout(resolve, retryMs));
      }
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Frees the room. */
  async close(): Promise<void> {
    this.#over.abort();
    await this.#free(this.#room);
  }

  async #tryRoom(late: AbortSignal): Promise<boolean> {
    const { media, callId, logger } = this.#options;
    await untilAvailable(media, late);
    if (late.aborted) return false;
    const room = media.openRoom(callId);
    this.#room = room;
    try {
      await room;
      const devices = [...this.#participants.keys()];
      for (const deviceId of devices) this.#seat(room, deviceId);
      await Promise.all(this.#participants.values());
      logger.info({ call: callId }, 'a call moved to another room');
      return !this.#over.signal.aborted;
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      void this.#free(room);
      return false;
    }
  }

  #seat(room: Promise<Room>, deviceId: DeviceId): void {
    const participant = room.then((opened) =>
      opened.join(deviceId, (event) => {
        // A former room has nothing more to say.
        if (this.#room === room) this.#options.onEvent(deviceId, event);
      }),
    );
    participant.catch(() => undefined);
    this.#participants.set(deviceId, participant);
  }

  async #free(room: Promise<Room>): Promise<void> {
    const opened = await room.catch(() => null);
    await opened?.destroy();
  }
}

async function untilAvailable(media: Media, late: AbortSignal): Promise<void> {
  if (media.available) return;
  const done = new AbortController();
  await untilEither(late, (resolve) => {
    media.onAvailability((available) => {
      if (available) resolve();
    }, done.signal);
  });
  done.abort();
}

/** Waits for what `begin` begins, or for the signal. */
async function untilEither(
  signal: AbortSignal,
  begin: (resolve: () => void) => unknown,
): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    begin(done);
  });
}
