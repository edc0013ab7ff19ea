/** Puts the parts together: one owner of all state, one connection at a time. */
import { loadAccount, type Account } from '../account/account.js';
import { publishFirstKeyPackage, topUpKeyPackages } from '../account/key-packages.js';
import { loadPins, type Pins } from '../account/pins.js';
import type { Context } from '../context.js';
import { encodeContent } from '../content/index.js';
import type { Conversation } from '../conversations/conversation.js';
import { loadDirectory, type Directory } from '../conversations/directory.js';
import { update } from '../conversations/draft.js';
import { newMessageId } from '../conversations/message-id.js';
import { createOpening, type Opening } from '../conversations/open.js';
import { createDrain, type Drain } from '../outbox/drain.js';
import { enqueue } from '../outbox/entries.js';
import { ProblemError, type Problem } from '../snapshot.js';
import { createAcknowledgements, type Acknowledgements } from '../sync/acknowledgements.js';
import { startConnectionLoop, type ConnectionLoop } from '../sync/connection-loop.js';
import { createFollower, type Follower } from '../sync/follower.js';
import { createHeads, type Heads } from '../sync/heads.js';
import type { Connection, LiveEvent } from '../transport/contract.js';
import { TransportError } from '../transport/errors.js';
import { createTransport } from '../transport/transport.js';
import { createCalling, type Calling } from './calling.js';
import { createLink, type Link } from './link.js';
import { systemClock, type ClientPorts } from './ports.js';
import { problemOf } from './problems.js';
import { loadSettings, type Settings } from './settings.js';
import { buildSnapshot, createBroadcast, type Broadcast, type ClientState } from './snapshot.js';

export interface Engine {
  readonly context: Context;
  readonly account: Account;
  readonly pins: Pins;
  readonly settings: Settings;
  readonly directory: Directory;
  readonly broadcast: Broadcast;
  readonly state: ClientState;
  readonly link: Link;
  readonly drain: Drain;
  readonly opening: Opening;
  readonly heads: Heads;
  readonly follower: Follower;
  readonly acknowledgements: Acknowledgements;
  readonly calling: Calling;
  /** Changes the small state, and has the snapshot told. */
  set(fields: Partial<ClientState>): void;
  /** Sends what waits, the display name first if the other does not know it. */
  ready(conversation: Conversation): void;
  /** Goes on after an account was claimed on this connection. */
  goOnline(connection: Connection): Promise<void>;
  /** Starts the connection loop. */
  start(): void;
  hurry(): void;
  /** Ends everything that runs, what is being stored included. */
  stop(): Promise<void>;
}

export async function createEngine(ports: ClientPorts): Promise<Engine> {
  const { store, clock = systemClock, log = () => undefined } = ports;
  const stopped = new AbortController();
  const [account, pins, settings] = await Promise.all([
    loadAccount(ports),
    loadPins(store),
    loadSettings(store),
  ]);
  const link = createLink(clock, stopped.signal);
  const state: ClientState = {
    phase: account.stored?.status === 'ready' ? 'ready' : 'unclaimed',
    connection: 'connecting',
    site: null,
    serverAhead: 0,
    callsAvailable: false,
    mediaSupport: ports.media === null ? 'unsupported' : await ports.media.supported(),
    call: null,
    sound: settings.sound,
    problem: null,
  };
  const known: { directory?: Directory; epochChanged?: Context['epochChanged'] } = {};
  const broadcast = createBroadcast(() =>
    buildSnapshot({
      insecure: ports.insecure ?? false,
      state: () => state,
      account: () => account,
      pins: () => pins,
      conversations: () => known.directory?.all() ?? [],
    }),
  );
  const set = (fields: Partial<ClientState>): void => {
    Object.assign(state, fields);
    broadcast.changed();
  };
  const context: Context = {
    store,
    clock,
    log,
    pins,
    signal: stopped.signal,
    identity: () => {
      if (account.stored?.status !== 'ready') throw new ProblemError({ code: 'internal' });
      return account.stored.identity;
    },
    displayName: () => account.displayName,
    time: () => clock.now() + state.serverAhead,
    inCall: (callId) => state.call?.id === callId && state.call.phase !== 'ended',
    connection: () => link.current(),
    online: () => link.online,
    changed: () => {
      broadcast.changed();
    },
    messages: (conversationId, messages, removed) => {
      broadcast.emit({ type: 'messages', conversationId, messages, removed });
    },
    arrived: (conversationId, message) => {
      broadcast.emit({ type: 'arrived', conversationId, message });
    },
    problem: (problem) => {
      set({ problem });
    },
    epochChanged: (conversationId) => known.epochChanged?.(conversationId),
  };
  const directory = await loadDirectory(context);
  known.directory = directory;
  const base = { context, account, pins, settings, directory, broadcast, state, link, set };
  const engine = assemble(base, { ports, stopped });
  known.epochChanged = (conversationId) => {
    if (state.call === null) return;
    void engine.calling.run((calls) => {
      calls.epochChanged(conversationId);
    });
  };
  return engine;
}

type Base = Pick<
  Engine,
  'context' | 'account' | 'pins' | 'settings' | 'directory' | 'broadcast' | 'state' | 'link' | 'set'
>;

function assemble(
  base: Base,
  { ports, stopped }: { ports: ClientPorts; stopped: AbortController },
): Engine {
  const { context, directory } = base;
  const acknowledgements = createAcknowledgements(context);
  const ready = (conversation: Conversation): void => {
    void tellName(context, conversation).then(
      () => {
        drain.start(conversation);
      },
      (error: unknown) => {
        context.log('error', 'name_not_told', { code: problemOf(error).code });
      },
    );
  };
  const follower: Follower = createFollower(context, {
    acknowledgements,
    onFollowed: ready,
    onCalls: (conversation, spoken) => {
      calling.heard(conversation.record.id, spoken);
    },
  });
  const calling: Calling = createCalling({
    context,
    directory: () => directory,
    media: ports.media,
    onCall: (call) => {
      // The screens count the seconds by their own clock.
      const activeSince =
        call?.activeSince === undefined
          ? {}
          : { activeSince: call.activeSince - base.state.serverAhead };
      base.set({ call: call === null ? null : { ...call, ...activeSince } });
    },
    onQueued: (id) => {
      drain.start(directory.get(id));
    },
  });
  const drain: Drain = createDrain(context, (conversation) => follower.catchUp(conversation));
  const heads = createHeads({ context, directory, follower, acknowledgements, onReady: ready });
  const opening = createOpening({
    context,
    directory,
    syncHeads: () => heads.sync(),
    onReady: ready,
  });
  const parts = { ...base, acknowledgements, follower, drain, heads, opening, calling, ready };
  const transport = ports.transport ?? createTransport(ports);
  let loop: ConnectionLoop | undefined;

  const goOnline = (connection: Connection): Promise<void> => goOnlineWith(parts, connection);
  return {
    ...parts,
    goOnline,
    start() {
      loop = startConnectionLoop({
        transport,
        clock: context.clock,
        log: context.log,
        signal: stopped.signal,
        session: () => base.account.session(context.clock.now()),
        onState: (connection) => {
          base.link.lost();
          base.set({ connection });
        },
        begin: (connection) => begin(parts, connection, goOnline),
        onFailure: (error) => onFailure(base, error),
      });
    },
    hurry: () => loop?.hurry(),
    async stop() {
      if (context.online()) await acknowledgements.flush();
      stopped.abort();
      await loop?.done;
      await Promise.all([drain.idle(), follower.idle()]);
      await Promise.all(directory.all().map((conversation) => conversation.idle()));
    },
  };
}

type Parts = Base &
  Pick<
    Engine,
    'acknowledgements' | 'follower' | 'drain' | 'heads' | 'opening' | 'calling' | 'ready'
  >;

/** 1. what the site is; 2. an unfinished claim; 3. with an account: log-in, stream, heads. */
async function begin(
  parts: Parts,
  connection: Connection,
  goOnline: Engine['goOnline'],
): Promise<void> {
  const { domain, reach, callsAvailable, now } = await connection.siteInfo();
  const serverAhead = now - parts.context.clock.now();
  parts.set({ site: { domain, reach }, callsAvailable, serverAhead, problem: null });
  parts.link.opened(connection);
  try {
    await parts.account.proceed(connection);
  } catch (error) {
    const problem = problemOf(error);
    if (problem.code === 'offline' || problem.code === 'server_error') throw error;
    parts.set({ problem });
  }
  if (parts.account.stored?.status === 'ready') await goOnline(connection);
  else parts.set({ connection: 'online' });
}

/** 1. a session; 2. the live stream, so that nothing is missed from here on; 3. what is unfinished; 4. the heads. */
async function goOnlineWith(parts: Parts, connection: Connection): Promise<void> {
  const { account, context, link, set } = parts;
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
  set({ phase: 'ready', connection: 'online' });
  await publishFirstKeyPackage(context);
  await parts.opening.resume();
  await parts.heads.sync();
  for (const conversation of parts.directory.all()) parts.ready(conversation);
  background(parts, 'key_packages', topUpKeyPackages(context));
}

function takeEvent(parts: Parts, event: LiveEvent): void {
  const { directory, follower, heads, context } = parts;
  switch (event.type) {
    case 'envelope': {
      const conversation = directory.find(event.conversationId);
      if (conversation !== undefined) follower.live(conversation, event.envelope);
      return;
    }
    case 'conversation':
      background(parts, 'conversation', heads.take(event.head));
      return;
    case 'key_packages_low':
      background(parts, 'key_packages', topUpKeyPackages(context));
      return;
    case 'revoked':
      parts.set({ phase: 'signed_out', problem: { code: 'device_revoked' } });
      return;
    case 'call':
      if (parts.state.mediaSupport !== 'available') return;
      background(
        parts,
        'call',
        parts.calling.run((calls) => {
          calls.serverEvent(event.call);
        }),
      );
      return;
    case 'subscribed':
      return;
  }
}

/** Work that nobody waits for; what fails is tried again at the next connection. */
function background({ context }: Base, name: string, work: Promise<void>): void {
  work.catch((error: unknown) => {
    const { code } = problemOf(error);
    context.log(code === 'internal' ? 'error' : 'debug', `${name}_failed`, { code });
  });
}

async function tellName(context: Context, conversation: Conversation): Promise<void> {
  const displayName = context.displayName();
  const isTold = ({ state, toldName }: Conversation['record']): boolean =>
    state !== 'ready' || (toldName ?? '') === (displayName ?? '');
  if (isTold(conversation.record)) return;
  await conversation.change(async (draft) => {
    if (isTold(draft.record)) return;
    const id = newMessageId();
    const content = {
      type: 'profile' as const,
      id,
      at: context.time(),
      displayName: displayName ?? '',
    };
    await enqueue(draft, id, encodeContent(content));
    update(draft, { toldName: displayName ?? '' });
  });
}

function onFailure(base: Base, error: unknown): boolean {
  const problem: Problem = problemOf(error);
  if (problem.code === 'device_revoked') {
    base.set({ phase: 'signed_out', problem });
    return false;
  }
  if (problem.code !== 'offline') base.set({ problem });
  return base.state.phase !== 'signed_out';
}
