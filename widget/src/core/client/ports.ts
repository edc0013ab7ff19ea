/** What the client needs of the world around it. */
import type { MediaPort } from '../calls/media-port.js';
import type { Clock, Log } from '../context.js';
import type { Store } from '../store/contract.js';
import type { Transport } from '../transport/contract.js';

export interface ClientPorts {
  store: Store;
  /** Origin of the server: `https://HOST`. */
  serverUrl: string;
  siteKey: string;
  /** Origin of the page, which log-in proofs are bound to. */
  origin: string;
  /** `null`: no camera, microphone or WebRTC here; calls are shown as unsupported. */
  media: MediaPort | null;
  /** Whether the software fall-back of WebCrypto is in use: a standing warning. */
  insecure?: boolean;
  clock?: Clock;
  log?: Log;
  /** For runtimes without them. */
  WebSocket?: typeof WebSocket;
  fetch?: typeof fetch;
  /** Instead of the network, for tests. */
  transport?: Transport;
}

/** The real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener('abort', wake);
    }),
};
