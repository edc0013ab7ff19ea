/** The connection as the rest of the engine sees it: there and logged in, there, or not there. */
import type { Clock } from '../context.js';
import type { ConversationId } from '../ids.js';
import type { Connection } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';

/** A command given while the connection is being made waits this long for it. */
const patienceMs = 10_000;

export interface Link {
  /** @throws TransportError `offline` */
  current(): Connection;
  readonly online: boolean;
  opened(connection: Connection): void;
  loggedIn(connection: Connection): void;
  /** This connection's heads were taken, of one conversation or of all the others. Nothing, where there is another now.
   * @param isHeard `false`: that one's could not be, so far. */
  settle(connection: Connection, conversationId?: ConversationId, isHeard?: boolean): void;
  /** Whether everything that the log had for a conversation at the beginning of this connection was heard. */
  settled(conversationId: ConversationId): boolean;
  lost(): void;
  /** Waits for a connection. @param who `member`: one that is logged in.
   * @throws TransportError `offline` */
  wait(who: 'anybody' | 'member'): Promise<Connection>;
}

export function createLink(clock: Clock, signal: AbortSignal): Link {
  let open: Connection | null = null;
  let member = false;
  let allSettled = false;
  const settled = new Map<ConversationId, boolean>();
  const reset = (connection: Connection | null): void => {
    open = connection;
    member = allSettled = false;
    settled.clear();
  };
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const check of waiting) check();
  };
  const have = (who: 'anybody' | 'member'): Connection | null =>
    who === 'member' && !member ? null : open;

  return {
    current() {
      if (open === null || !member) throw new TransportError('offline');
      return open;
    },
    get online() {
      return open !== null && member;
    },
    opened(connection) {
      reset(connection);
      wake();
    },
    loggedIn(connection) {
      if (open !== connection) return;
      member = true;
      wake();
    },
    settle(connection, conversationId, isHeard = true) {
      if (open !== connection) return;
      if (conversationId === undefined) allSettled = true;
      else if (isHeard || !settled.has(conversationId)) settled.set(conversationId, isHeard);
    },
    settled: (conversationId) => settled.get(conversationId) ?? allSettled,
    lost() {
      reset(null);
    },
    async wait(who) {
      const present = have(who);
      if (present !== null) return present;
      const enough = new AbortController();
      const check = (): void => {
        if (have(who) !== null) enough.abort();
      };
      waiting.add(check);
      await clock.sleep(patienceMs, AbortSignal.any([signal, enough.signal]));
      waiting.delete(check);
      const late = have(who);
      if (late === null) throw new TransportError('offline');
      return late;
    },
  };
}
