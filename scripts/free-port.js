/** TCP ports for what tests start by number: a server that must come back where it was, a PostgreSQL, a Janus.
 *
 * A port that the kernel chose (`listen(0)`) lies among those it gives to outgoing connections, and each of them
 * keeps its port from being listened on while it lasts and a minute longer. What tests listen on later, or again,
 * therefore lies below. */
import { createServer } from 'node:net';

/** Below what Linux (32768), macOS and Windows (49152) give to outgoing connections. */
const from = 12_000;
const below = 32_000;

/** A port on loopback, 12000 to 31999, that was free a moment ago. */
export async function freePort() {
  for (;;) {
    const port = from + Math.floor(Math.random() * (below - from));
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
