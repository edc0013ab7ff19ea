/** Where calls get their Janus from: the configured ones, one that the server runs itself, or none. */
import type { Logger } from '../logging.js';
import { MediaError, type Media } from './contract.js';
import { JanusProcess, findJanus } from './janus-process.js';
import { restartWhenHung } from './hung-janus.js';
import { createMedia } from './media.js';
import { storedRoomKey } from './room-key.js';

/** The part of the service's configuration that is about Janus. */
export interface ManagedMediaConfig {
  /** WebSocket addresses of Janus servers, `ws://` or `wss://`; empty: run one as a child. */
  readonly janusUrls: readonly string[];
  /** The `api_secret` of the configured servers; a child gets a random one. */
  readonly janusApiSecret?: string | undefined;
  /** The program of the child; `undefined` starts none. */
  readonly janusProgram?: string | undefined;
  readonly janusRtpPorts?: { readonly from: number; readonly to: number } | undefined;
  /** Interfaces or address prefixes that the child may offer; empty: all. */
  readonly janusIceAddresses?: readonly string[];
  readonly janusNat11?: string | undefined;
  /** Folder of the server's data. */
  readonly dataFolder?: string;
}

const hint =
  'calls are off, for there is no Janus: install it (on Debian and Ubuntu: apt-get install janus) or set JANUS_URLS';

/** How long a start waits for the first Janus before it goes on without. */
const readyMs = 10_000;

/** Starts what is needed and waits, for a bounded time, until calls can be made.
 * Without any Janus it answers a `Media` that is never available, after one line that says how to get one. */
export async function createManagedMedia(
  config: ManagedMediaConfig,
  logger: Logger,
): Promise<Media> {
  const {
    janusUrls,
    janusApiSecret,
    janusProgram,
    janusRtpPorts,
    janusIceAddresses = [],
    janusNat11,
  } = config;
  if (janusUrls.length > 0) {
    const roomKey = await roomKeyOf(config);
    const media = createMedia({ urls: janusUrls, apiSecret: janusApiSecret, roomKey, logger });
    await untilAvailable(media);
    return media;
  }
  const program = janusProgram === undefined ? null : findJanus(janusProgram);
  if (program === null) {
    logger.warn(hint);
    return noMedia;
  }
  const janus = await JanusProcess.start({
    program,
    logger,
    rtpPorts: janusRtpPorts,
    iceEnforceList: janusIceAddresses.length === 0 ? undefined : janusIceAddresses.join(','),
    publicAddress: janusNat11,
  });
  const media = createMedia({ urls: [() => janus.url], apiSecret: janus.apiSecret, logger });
  await untilAvailable(media);
  const over = new AbortController();
  restartWhenHung({ media, janus }, over.signal);
  return {
    get available() {
      return media.available;
    },
    onAvailability: (listener, signal) => {
      media.onAvailability(listener, signal);
    },
    openRoom: (callId) => media.openRoom(callId),
    close: async () => {
      over.abort();
      await media.close();
      await janus.stop();
    },
  };
}

/** With a secret every server that knows it can clean up; without one, the next run of this server can. */
async function roomKeyOf({
  janusApiSecret,
  dataFolder,
}: ManagedMediaConfig): Promise<Uint8Array | undefined> {
  if (janusApiSecret !== undefined || dataFolder === undefined) return undefined;
  return storedRoomKey(dataFolder);
}

const noMedia: Media = {
  available: false,
  onAvailability: () => undefined,
  openRoom: () => Promise.reject(new MediaError('media_unavailable', 'there is no Janus')),
  close: () => Promise.resolve(),
};

async function untilAvailable(media: Media): Promise<void> {
  if (media.available) return;
  const done = new AbortController();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, readyMs);
    media.onAvailability((available) => {
      if (!available) return;
      clearTimeout(timer);
      resolve();
    }, done.signal);
  });
  done.abort();
}
