/** Which way to the server: a WebSocket, or HTTP where that cannot open. */
import { randomBytes, toBase64Url } from '../bytes.js';
import type { Connection, Transport } from './contract.js';
import { TransportError } from './errors.js';
import { connectWebSocket } from './websocket.js';

export interface TransportPorts {
  /** Origin of the server: `https://HOST`. */
  serverUrl: string;
  siteKey: string;
  /** For runtimes without one, and for tests. */
  WebSocket?: typeof WebSocket;
  fetch?: typeof fetch;
  /** Has the code of the way over HTTP. */
  loadHttp?: () => Promise<Pick<typeof import('./http.js'), 'connectHttp'>>;
}

/** Loaded only where it is needed: most never do. */
const importHttp = () => import('./http.js');

/** After so many HTTP connections, a WebSocket is tried again: the network may be another one by now. */
const httpConnectionsMax = 5;

export function createTransport(given: TransportPorts): Transport {
  const ports = { ...given, instance: toBase64Url(randomBytes(16)) };
  const { loadHttp = importHttp } = ports;
  let httpConnections = 0;
  /** The last socket opened, and then nothing came: a proxy may take sockets and let nothing through. */
  let isMute = false;

  const overHttp = async (options: {
    session: Uint8Array | null;
    signal: AbortSignal;
  }): Promise<Connection> => {
    const { signal } = options;
    const loaded = new AbortController();
    const stopped = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', reject, { signal: loaded.signal });
    });
    const { connectHttp } = await Promise.race([loadHttp(), stopped])
      .catch((cause: unknown) => {
        // The code comes from the server too: what cannot be had from it is a connection.
        throw new TransportError('offline', { cause });
      })
      .finally(() => {
        loaded.abort();
      });
    const connection = connectHttp({ ...ports, ...options });
    try {
      // The browser hides why a WebSocket did not open. HTTP says: unknown site, refused origin, or nobody there.
      await connection.siteInfo();
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  };

  return {
    async connect(options) {
      if (httpConnections > 0 && httpConnections < httpConnectionsMax) {
        httpConnections += 1;
        return overHttp(options);
      }
      const wasMute = isMute;
      isMute = !wasMute;
      if (!wasMute) {
        try {
          return await connectWebSocket({
            ...ports,
            ...options,
            onSign: () => {
              isMute = false;
              httpConnections = 0;
            },
          });
        } catch (error) {
          if (options.signal.aborted || !(error instanceof TransportError)) throw error;
          isMute = false;
        }
      }
      const connection = await overHttp(options);
      httpConnections = 1;
      return connection;
    },
  };
}
