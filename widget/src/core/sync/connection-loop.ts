/** The outer loop: connect, begin, wait for the end, wait a little, again. */
import type { Clock, Log } from '../context.js';
import type { Connection, Transport } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';

const delayMinMs = 500;
const delayMaxMs = 30_000;
/** A connection that held so long was a good one: the next failure starts with the shortest delay. */
const steadyMs = 20_000;

/** How long to wait before the nth attempt: doubling, half of it random, so that a restarted server is not stormed. */
export function retryDelayMs(attempt: number, random: number): number {
  const full = Math.min(delayMaxMs, delayMinMs * 2 ** Math.min(attempt, 10));
  return full / 2 + (full / 2) * random;
}

export interface LoopPorts {
  transport: Transport;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  session: () => Uint8Array | null;
  onState(state: 'connecting' | 'offline'): void;
  /** Everything that a fresh connection needs; the loop goes on once the connection is closed.
   * A throw ends the connection. */
  begin(connection: Connection): Promise<void>;
  /** @returns whether another attempt makes sense. */
  onFailure(error: unknown): boolean;
}

export interface ConnectionLoop {
  /** Ends a delay between two attempts. */
  hurry(): void;
  readonly done: Promise<void>;
}

export function startConnectionLoop(ports: LoopPorts): ConnectionLoop {
  const { transport, clock, signal, log } = ports;
  let hurry: () => void = () => undefined;

  const attempt = async (): Promise<boolean> => {
    ports.onState('connecting');
    let connection: Connection | undefined;
    let isOver = false;
    try {
      connection = await transport.connect({ session: ports.session(), signal });
      // Shown and known at once, though `begin` may still have something to store.
      void connection.closed.then(() => {
        if (!isOver) ports.onState('offline');
      });
      await ports.begin(connection);
      const why = await connection.closed;
      if (why !== null) throw why;
      return true;
    } catch (error) {
      const code = error instanceof TransportError ? error.code : 'internal';
      log(code === 'internal' ? 'error' : 'debug', 'connection_failed', { code });
      return ports.onFailure(error);
    } finally {
      isOver = true;
      connection?.close();
      ports.onState('offline');
    }
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      const startedAt = clock.now();
      if (!(await attempt())) return;
      failures = clock.now() - startedAt > steadyMs ? 0 : failures + 1;
      const pause = new AbortController();
      hurry = () => {
        pause.abort();
      };
      await clock.sleep(
        retryDelayMs(Math.max(0, failures - 1), Math.random()),
        AbortSignal.any([signal, pause.signal]),
      );
    }
  };

  return {
    hurry: () => {
      hurry();
    },
    done: run(),
  };
}
