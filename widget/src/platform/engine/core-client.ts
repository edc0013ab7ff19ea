/** The core on this browser's database, for one site of one server. */
import {
  createClient,
  openIndexedDbStore,
  ProblemError,
  problemOf,
  type Client,
} from '../../core/index.js';
import { closedClient } from '../tabs/closed-client.js';
import { prepareCrypto } from '../crypto.js';
import type { CoreOptions } from './host.js';
import { renewedClient } from './renewed-client.js';

/** @returns a client that says why it is closed where it cannot be opened; `reconnect` tries again. */
export function createCore(options: CoreOptions): Promise<Client> {
  return renewedClient(() => open(options).catch(closed));
}

async function open({ place, media }: CoreOptions): Promise<Client> {
  const found = await prepareCrypto(place);
  if (found === 'refused') throw new ProblemError({ code: 'crypto_unavailable' });
  const insecure = found === 'software';
  const store = await openIndexedDbStore({
    name: `parley ${place.server} ${place.site}`,
    softwareCrypto: insecure,
  });
  try {
    return await createClient({
      store,
      serverUrl: place.server,
      siteKey: place.site,
      origin: globalThis.origin,
      media,
      insecure,
    });
  } catch (error) {
    // Who tries again opens it anew.
    await store.close();
    throw error;
  }
}

function closed(error: unknown): Client {
  return closedClient(problemOf(error));
}
