/** What happens on a fresh connection, in which order, and what the live stream brings. */
import { publishFirstKeyPackage, topUpKeyPackages } from '../account/key-packages.js';
import type { Problem } from '../snapshot.js';
import type { Connection, LiveEvent } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';
import type { Base, Parts } from './parts.js';
import { problemOf } from './problems.js';

/** Two clocks so far apart mean that one is wrong: the person is told, since which one nobody can know. */
const clocksApartMs = 30 * 24 * 3_600_000;

/** 1. what the site is; 2. an unfinished claim; 3. with an account: log-in, stream, heads. */
export async function begin(parts: Parts, connection: Connection): Promise<void> {
  const { domain, reach, callsAvailable, now } = await connection.siteInfo();
  const serverAhead = now - parts.context.clock.now();
  const problem: Problem | null =
    Math.abs(serverAhead) > clocksApartMs ? { code: 'clock_wrong' } : null;
  parts.set({ site: { domain, reach }, callsAvailable, serverAhead, problem });
  parts.link.opened(connection);
  try {
    await parts.account.proceed(connection);
  } catch (error) {
    const failure = problemOf(error);
    if (['offline', 'server_error', 'answer_malformed'].includes(failure.code)) throw error;
    parts.set({ problem: failure });
  }
  if (parts.account.stored?.status === 'ready') await goOnline(parts, connection);
  else parts.set({ connection: 'online' });
}

/** 1. a session; 2. the live stream, so that nothing is missed from here on; 3. what is unfinished; 4. the heads. */
export async function goOnline(parts: Parts, connection: Connection): Promise<void> {
  const { account, context, link, set, state } = parts;
  const onEvent = (event: LiveEvent): void => {
    takeEvent(parts, event);
  };
  if (account.session(context.clock.now()) === null) await account.logIn(connection);
  try {
    await connection.subscribe(onEvent);
  } catch (error) {
    if (!(error instanceof TransportError && error.code === 'unauthenticated')) throw error;
    await account.logIn(connection);
    await connection.subscribe(onEvent);
  }
  link.loggedIn(connection);
  background(parts, 'calls', parts.calling.recall());
  // Before the person is told that they can be found: whoever hears of them may write at once.
  await publishFirstKeyPackage(context);
  // Meanwhile the connection may be lost, the person have signed out, or another owner taken the store.
  if (state.phase === 'unclaimed' || state.phase === 'ready')
    set({ phase: 'ready', ...(context.online() && { connection: 'online' }) });
  await parts.opening.resume();
  await parts.heads.sync();
  link.settle(connection);
  for (const conversation of parts.directory.all()) {
    parts.ready(conversation);
    // Also where the heads did not name it.
    if (conversation.record.state === 'out')
      background(parts, 'rejoin', parts.follower.catchUp(conversation));
  }
  background(parts, 'key_packages', topUpKeyPackages(context));
}

function takeEvent(parts: Parts, event: LiveEvent): void {
  const { directory, follower, heads, context } = parts;
  switch (event.type) {
    case 'envelope': {
      const conversation = directory.named(event.conversationId);
      if (conversation !== undefined) follower.live(conversation, event.envelope);
      return;
    }
    case 'conversation':
      background(parts, 'conversation', heads.take(event.head));
      return;
    case 'key_packages_low':
      background(parts, 'key_packages', topUpKeyPackages(context));
      return;
    case 'replaced':
      background(parts, 'replaced', giveWay(parts));
      return;
    case 'revoked':
      parts.set({ phase: 'signed_out', problem: { code: 'device_revoked' } });
      return;
    case 'call':
      background(parts, 'call', parts.calling.serverEvent(event.call));
      return;
    case 'subscribed':
      return;
  }
}

/** Another client of this device is at work. Where it has taken the store over, this one only ends; else it works on a
 * copy of the store, and two that encrypt with the same keys must not go on side by side. */
async function giveWay({ context, end }: Base): Promise<void> {
  await context.store.commit([]);
  end({ code: 'profile_copied' });
}

/** Work that nobody waits for; what fails is tried again at the next connection. */
function background({ context }: Base, name: string, work: Promise<void>): void {
  work.catch((error: unknown) => {
    const { code } = problemOf(error);
    context.log(code === 'internal' ? 'error' : 'debug', `${name}_failed`, { code });
    context.failed(error);
  });
}

/** Why a connection could not be had, or begin. @returns whether another attempt makes sense. */
export function onFailure(base: Base, error: unknown): boolean {
  const problem: Problem = problemOf(error);
  if (problem.code === 'device_revoked') {
    // No news to somebody who signs out.
    if (base.state.phase !== 'signed_out') base.set({ phase: 'signed_out', problem });
    return false;
  }
  if (problem.code !== 'offline') base.set({ problem });
  return base.state.phase !== 'signed_out';
}
