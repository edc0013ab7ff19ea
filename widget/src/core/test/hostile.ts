/** A server that lies: a real connection whose answers and events a test may change on their way. */
import { WebSocket as NodeWebSocket } from 'ws';
import type { Connection, LiveEvent, Transport } from '../transport/contract.js';

export interface Lies {
  /** Replaces an event; an empty array swallows it. */
  event?: (event: LiveEvent) => LiveEvent[];
  /** Replaces procedures of a fresh connection. */
  procedures?: (honest: Connection) => Partial<Connection>;
}

/** @param lies read at every use, so that a test may change its mind. */
export function lyingTransport(honest: Transport, lies: Lies): Transport {
  return {
    async connect(options) {
      const connection = await honest.connect(options);
      return {
        ...connection,
        subscribe: (listener) =>
          connection.subscribe((event) => {
            for (const told of lies.event?.(event) ?? [event]) listener(told);
          }),
        ...proxied(connection, lies),
      };
    },
  };
}

function proxied(connection: Connection, lies: Lies): Partial<Connection> {
  const names = [
    'siteInfo',
    'lookUp',
    'pull',
    'heads',
    'send',
    'commit',
    'groupInfo',
    'createConversation',
    'acknowledge',
    'keyPackageStock',
  ] as const;
  return Object.fromEntries(
    names.map((name) => [
      name,
      (...input: unknown[]) => {
        const lie = lies.procedures?.(connection)[name] as
          ((...args: unknown[]) => unknown) | undefined;
        return lie === undefined
          ? (connection[name] as (...args: unknown[]) => unknown)(...input)
          : lie(...input);
      },
    ]),
  );
}

/** A network that lets no socket open. */
class Blocked extends NodeWebSocket {
  constructor() {
    super('ws://127.0.0.1:1/');
  }
}
export const BlockedSocket = Blocked as unknown as typeof WebSocket;

/** A network that can be unplugged. */
export interface Cable {
  readonly transport: Transport;
  unplug(): void;
  plug(): void;
}

export function createCable(inner: Transport, offline: () => Error): Cable {
  let plugged = true;
  const open = new Set<Connection>();
  return {
    transport: {
      async connect(options) {
        if (!plugged) throw offline();
        const connection = await inner.connect(options);
        open.add(connection);
        void connection.closed.then(() => open.delete(connection));
        return connection;
      },
    },
    unplug() {
      plugged = false;
      for (const connection of open) connection.close();
    },
    plug() {
      plugged = true;
    },
  };
}
