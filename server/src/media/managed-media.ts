/** Where calls get their Janus from: the configured ones, one that the server runs itself, or none. */
import type { Logger } from '../logging.js';
import { MediaError, type Media } from './contract.js';
import { JanusProcess, findJanus } from './janus-process.js';
import { createMedia } from './media.js';

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
    const media = createMedia({ urls: janusUrls, apiSecret: janusApiSecret, logger });
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
  return {
    get available() {
      return media.available;
    },
    onAvailability: (listener, signal) => {
      media.onAvailability(listener, signal);
    },
    openRoom: (callId) => media.openRoom(callId),
    close: async () => {
      await media.close();
      await janus.stop();
    },
  };
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
