/** A client that can be used again after signing out: the core ends there, and a fresh one takes its place. */
import type { Client, ClientEvent, ClientSnapshot, Command } from '../../core/snapshot.js';

/** Between the two the person sees that they are signed out, not that they never were here. */
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
  };
  const renew = async (): Promise<void> => {
    listening.abort();
    signedOut = true;
    await current.close();
    if (closed) return;
    current = await create();
    listen();
    tell({ type: 'snapshot', snapshot: current.snapshot });
  };

  listen();
  const run = async (command: Command): Promise<unknown> => {
    const result = await current.run(command);
    if (command.type === 'sign_out') await renew();
    return result;
  };
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
