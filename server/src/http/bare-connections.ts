/** Bounds on bare TCP connections: those that have not said yet what they want, and may never. */
import type { Server } from 'node:net';
import { limits } from '../limits.js';
import { countedAs } from './client-address.js';

export interface BareConnectionBounds {
  /** Of all; Node itself refuses what is beyond. */
  max: number;
  /** Of one network address. Behind a proxy all come from that: there it is the proxy's business. */
  perAddressMax: number;
}

/** Every connection may be asked for and be asking for a while before it counts, or say something over HTTP beside it. */
export const bareConnectionBounds: BareConnectionBounds = {
  max: 2 * limits.connectionsMax,
  perAddressMax: 2 * limits.connectionsPerAddressMax,
};

/** Ends what is beyond at once, before a byte of it is read. */
export function boundBareConnections(server: Server, bounds: BareConnectionBounds): void {
  const open = new Map<string, number>();
  server.maxConnections = bounds.max;
  server.on('connection', (socket) => {
    const address = countedAs(socket.remoteAddress ?? 'unknown');
    const present = open.get(address) ?? 0;
    if (present >= bounds.perAddressMax) {
      socket.destroy();
      return;
    }
    open.set(address, present + 1);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}
