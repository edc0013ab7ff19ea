/** A client that can be used again after signing out, and tried again where it could not be opened: a fresh core takes
 * the place of the one that ended. */
import {
  ProblemError,
  type Client,
  type ClientEvent,
  type ClientSnapshot,
  type Command,
} from '../../core/snapshot.js';

/** How often a storage that could not be opened is tried again. */
const tryAgainMs = 5_000;
/** What changes without the person doing anything in this tab. */
const passing = new Set<string | undefined>([
  'storage_unavailable',
  'storage_full',
  'storage_blocked',
]);

/** Between two of an account that signed out the person sees that they are signed out, not that they never were here. */
export async function renewedClient(create: () => Promise<Client>): Promise<Client> {
  let current = await create();
  let signedOut = false;
  let closed = false;
  const listeners = new Set<(event: ClientEvent) => void>();
  let listening = new AbortController();

  const seen = (snapshot: ClientSnapshot): ClientSnapshot => {
    if (snapshot.phase === 'ready') signedOut = false;
    const waits = snapshot.phase === 'unclaimed' || snapshot.phase === 'starting';
    return signedOut && waits ? { ...snapshot, phase: 'signed_out' } : snapshot;
  };
  const tell = (event: ClientEvent): void => {
    const told = event.type === 'snapshot' ? { ...event, snapshot: seen(event.snapshot) } : event;
    for (const listener of [...listeners]) listener(told);
  };
  const listen = (): void => {
    listening = new AbortController();
    current.subscribe(tell, listening.signal);
    const { phase, problem } = current.snapshot;
    // Cut off while signing out.
    if (phase === 'signed_out') void run({ type: 'sign_out' }).catch(() => undefined);
    if (phase !== 'closed' || !passing.has(problem?.code)) return;
    const timer = setTimeout(() => {
      tryAgain().catch(() => undefined);
    }, tryAgainMs);
    listening.signal.addEventListener('abort', () => {
      clearTimeout(timer);
    });
  };
  const renew = async (): Promise<void> => {
    listening.abort();
    await current.close();
    if (closed) return;
    current = await create();
    listen();
    tell({ type: 'snapshot', snapshot: current.snapshot });
  };

  /** Several tabs may ask at once. */
  let trying: Promise<void> | undefined;
  const tryAgain = async (): Promise<null> => {
    trying ??= renew().finally(() => (trying = undefined));
    await trying;
    const { phase, problem } = current.snapshot;
    if (phase === 'closed') throw new ProblemError(problem ?? { code: 'internal' });
    return null;
  };

  const run = async (command: Command): Promise<unknown> => {
    if (command.type === 'reconnect' && current.snapshot.phase === 'closed') return tryAgain();
    const result = await current.run(command);
    if (command.type === 'sign_out') {
      signedOut = true;
      await renew();
    }
    return result;
  };
  listen();
  return {
    get snapshot() {
      return seen(current.snapshot);
    },
    subscribe(listener, signal) {
      if (signal.aborted) return;
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
    run: run as Client['run'],
    async close() {
      closed = true;
      listening.abort();
      await current.close();
    },
  };
}
