import { expect, it } from 'vitest';
import type { Client, ClientEvent, Problem } from '../../core/snapshot.js';
import { closedClient } from '../tabs/closed-client.js';
import { startingSnapshot } from '../tabs/starting-snapshot.js';
import { renewedClient } from './renewed-client.js';

const storage: Problem = { code: 'storage_unavailable' };

/** A core that opened. */
const openClient = (phase: 'ready' | 'unclaimed' | 'signed_out'): Client => ({
  snapshot: { ...startingSnapshot, phase },
  subscribe: () => undefined,
  run: (() => Promise.resolve(null)) as Client['run'],
  close: () => Promise.resolve(),
});

/** Gives one client after another, the last one for ever. */
async function renewing(...clients: Client[]) {
  let created = 0;
  const client = await renewedClient(() => {
    const next = clients[Math.min(created, clients.length - 1)];
    created += 1;
    if (next === undefined) throw new Error('none');
    return Promise.resolve(next);
  });
  const phases: string[] = [];
  client.subscribe((event: ClientEvent) => {
    if (event.type === 'snapshot') phases.push(event.snapshot.phase);
  }, new AbortController().signal);
  return { client, phases, created: () => created };
}

it('tries again where it could not be opened', async () => {
  const { client, phases } = await renewing(
    closedClient(storage),
    closedClient(storage),
    openClient('ready'),
  );
  const again = () => client.run<'reconnect'>({ type: 'reconnect' });
  await expect(again()).rejects.toMatchObject({ problem: storage });
  expect(client.snapshot).toMatchObject({ phase: 'closed', problem: storage });
  expect(await again()).toBeNull();
  expect(client.snapshot.phase).toBe('ready');
  expect(phases).toEqual(['closed', 'ready']);
});

it('tries once for all tabs that ask at a time', async () => {
  const { client, created } = await renewing(closedClient(storage), openClient('ready'));
  const again = () => client.run<'reconnect'>({ type: 'reconnect' });
  await Promise.all([again(), again(), again()]);
  expect(created()).toBe(2);
});

it('does not speak of signing out where nobody did', async () => {
  const { client, phases } = await renewing(closedClient(storage), openClient('unclaimed'));
  await client.run<'reconnect'>({ type: 'reconnect' });
  expect(phases).toEqual(['unclaimed']);
});

it('goes on with signing out where it was cut off', async () => {
  const { client, created } = await renewing(openClient('signed_out'), openClient('unclaimed'));
  await expect.poll(created).toBe(2);
  expect(client.snapshot.phase).toBe('signed_out');
});

it('shows that the person signed out, until somebody signs in', async () => {
  const { client, phases } = await renewing(openClient('ready'), openClient('unclaimed'));
  await client.run<'sign_out'>({ type: 'sign_out' });
  expect(phases).toEqual(['signed_out']);
  expect(client.snapshot.phase).toBe('signed_out');
});
