/** One Janus: a socket that is opened again when it drops, and the session all its handles live in. */
import { EventEmitter, setMaxListeners } from 'node:events';
import Janode, { type Connection, type Session } from 'janode';
import videoroom, { type VideoRoomHandle } from 'janode/plugins/videoroom';
import type { Logger } from '../logging.js';
import { MediaError } from './contract.js';
import { asMediaError, withDeadline } from './deadline.js';
import { pause, probe, untilSilent } from './janus-probe.js';

// Janode prints whole messages, SDP included, with its own logger: ours says what matters.
Janode.Logger.setLevel('none');

const retryMs = { first: 250, max: 10_000 };
/** Janus forgets sessions after a minute; whether it lives is what the probe tells. */
const keepAliveSeconds = 20;
const usualProbeMs = 8_000;
const messageBytesMax = 1_048_576;

/** The session with Janus; ended as soon as its socket is. */
export interface JanusSession {
  attach(): Promise<VideoRoomHandle>;
  /** Aborts when the socket or the session is lost: Janus has forgotten every handle then. */
  readonly lost: AbortSignal;
}

export interface JanusConnectionOptions {
  /** Read at every attempt: a restarted child may listen elsewhere. */
  url: () => string;
  apiSecret: string | undefined;
  /** Between two questions whether its rooms still work. */
  probeMs?: number | undefined;
  logger: Logger;
}

/** Keeps a session with one Janus for as long as it is not closed. Emits `change` when `session` comes or goes. */
export class JanusConnection extends EventEmitter<{ change: [] }> {
  /** Rooms that are open here: the pool's measure of load. */
  rooms = 0;
  readonly #options: JanusConnectionOptions;
  readonly #closing = new AbortController();
  readonly #loop: Promise<void>;
  #session: JanusSession | null = null;

  constructor(options: JanusConnectionOptions) {
    super();
    this.#options = options;
    this.#loop = this.#run();
  }

  /** `null` while Janus does not answer. */
  get session(): JanusSession | null {
    return this.#session;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { logger } = this.#options;
    let delayMs = retryMs.first;
    while (!this.#closing.signal.aborted) {
      try {
        await this.#hold(() => (delayMs = retryMs.first));
        if (!this.#isClosing())
          logger.warn({ janus: this.#options.url() }, 'lost the connection to Janus');
      } catch (error) {
        // The first failures are usual while a child starts: only lasting ones are worth a warning.
        const level = delayMs >= 2_000 ? 'warn' : 'debug';
        logger[level](
          { janus: this.#options.url(), reason: reasonOf(error) },
          'Janus does not answer',
        );
      }
      if (this.#isClosing()) return;
      // Jitter, so that several servers do not come back in step.
      await pause(delayMs * (0.75 + Math.random() / 2), this.#closing.signal);
      delayMs = Math.min(delayMs * 2, retryMs.max);
    }
  }

  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Connects and resolves when the connection is over; `onSession` once it serves. */
  async #hold(onSession: () => void): Promise<void> {
    const { apiSecret, probeMs = usualProbeMs } = this.#options;
    const url = this.#options.url();
    const connection = await withDeadline(
      'connect',
      Janode.connect({
        address: { url, ...(apiSecret === undefined ? {} : { apisecret: apiSecret }) },
        max_retries: 0,
        ws_options: { maxPayload: messageBytesMax, handshakeTimeout: 5_000 },
      }),
    );
    const lost = new AbortController();
    // Every participant listens to it.
    setMaxListeners(0, lost.signal);
    const over = () => {
      lost.abort();
    };
    connection.once(Janode.EVENT.CONNECTION_CLOSED, over);
    connection.once(Janode.EVENT.CONNECTION_ERROR, over);
    try {
      const session = await withDeadline('session', connection.create(keepAliveSeconds));
      session.once(Janode.EVENT.SESSION_DESTROYED, over);
      const probing = await probe(session, probeMs);
      if (this.#isClosing()) return;
      this.#session = wrapSession(session, lost.signal);
      this.#options.logger.info({ janus: url }, 'Janus is connected');
      onSession();
      this.emit('change');
      await untilSilent(probing, probeMs, AbortSignal.any([lost.signal, this.#closing.signal]));
    } finally {
      const had = this.#session !== null;
      this.#session = null;
      lost.abort();
      if (had) this.emit('change');
      await closeQuietly(connection);
    }
  }
}

function wrapSession(session: Session, lost: AbortSignal): JanusSession {
  return {
    lost,
    attach: async () => {
      if (lost.aborted) throw new MediaError('media_unavailable', 'Janus is not connected');
      try {
        return await withDeadline('attach', session.attach(videoroom));
      } catch (error) {
        throw asMediaError('attach', error);
      }
    },
  };
}

/** Closing an already broken socket is no news. */
async function closeQuietly(connection: Connection): Promise<void> {
  await withDeadline('close', connection.close(), 2_000).catch(() => undefined);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  return typeof message === 'string' && message !== '' ? message : 'unreachable';
}
