/** Puts the parts together: one owner of all state, one connection at a time. */
import { loadAccount, type Account } from '../account/account.js';
import { topUpKeyPackages } from '../account/key-packages.js';
import { loadPins } from '../account/pins.js';
import type { Context } from '../context.js';
import { encodeContent } from '../content/index.js';
import type { Conversation } from '../conversations/conversation.js';
import { loadDirectory, type Directory } from '../conversations/directory.js';
import { update } from '../conversations/draft.js';
import { newMessageId } from '../conversations/message-id.js';
import { createOpening } from '../conversations/open.js';
import { createDrain, type Drain } from '../outbox/drain.js';
import { enqueue } from '../outbox/entries.js';
import { createSpeaker } from '../outbox/speaker.js';
import { ProblemError } from '../snapshot.js';
import { createAcknowledgements } from '../sync/acknowledgements.js';
import { startConnectionLoop, type ConnectionLoop } from '../sync/connection-loop.js';
import { createFollower, type Follower } from '../sync/follower.js';
import { createHeads } from '../sync/heads.js';
import { createTransport } from '../transport/transport.js';
import { createCalling, type Calling } from './calling.js';
import { createLink } from './link.js';
import type { Base, Engine } from './parts.js';
import { systemClock, type ClientPorts } from './ports.js';
import { isUntrue, problemOf } from './problems.js';
import { begin, goOnline, onFailure } from './session.js';
import { watchStore } from './watched-store.js';
import { loadSettings } from './settings.js';
import { buildSnapshot, createBroadcast, type ClientState } from './snapshot.js';

/** Who closes does not wait longer than this for the server to hear what is stored: it will hear it next time. */
const lastWordMs = 1_000;
/** How often a disk that refuses is tried again. */
const storeRetryMs = 5_000;
/** What comes due with time alone (renewals, requests that nobody answered, a session that is over) is seen to at the
 * heads: a connection may hold for weeks. */
const headsEveryMs = 3_600_000;

export async function createEngine(ports: ClientPorts): Promise<Engine> {
  const { clock = systemClock, log = () => undefined } = ports;
  const stopped = new AbortController();
  const known: {
    directory?: Directory;
    epochChanged?: Context['epochChanged'];
    goOn?: () => void;
  } = {};
  const store = watchStore(ports.store, {
    tell: (problem) => {
      set({ problem });
    },
    // Another owner has it, or it was deleted: what this engine knows is no longer what is stored.
    onGone: () => {
      log('warn', 'store_gone');
      end();
    },
    onBack: () => {
      known.goOn?.();
    },
    async wait() {
      await clock.sleep(storeRetryMs, stopped.signal);
      return !stopped.signal.aborted;
    },
  });
  const end: Base['end'] = (problem) => {
    if (stopped.signal.aborted) return;
    set({ phase: 'closed', connection: 'offline', ...(problem && { problem }) });
    stopped.abort();
  };
  const [account, pins, settings] = await Promise.all([
    loadAccount({ ...ports, store }),
    loadPins(store),
    loadSettings(store),
  ]);
  const link = createLink(clock, stopped.signal);
  const state = stateAtFirst(account, settings.sound);
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
    settled: link.settled,
    settle: link.settle,
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
    failed: (error) => {
      const problem = problemOf(error);
      if (isUntrue(problem)) set({ problem });
    },
    epochChanged: (conversationId) => known.epochChanged?.(conversationId),
  };
  const directory = await loadDirectory(context);
  known.directory = directory;
  const base = { context, account, pins, settings, directory, broadcast, state, link, set, end };
  const engine = assemble(base, { ports, stopped });
  known.epochChanged = (conversationId) => {
    if (state.call === null) return;
    void engine.calling.run((calls) => {
      calls.epochChanged(conversationId);
    });
  };
  const goOn = (known.goOn = () => {
    goOnWithAll(engine).catch((error: unknown) => {
      context.log('debug', 'not_caught_up', { code: problemOf(error).code });
    });
  });
  void every(headsEveryMs, { clock, signal: stopped.signal, run: goOn });
  void engine.calling.supported.then((mediaSupport) => {
    set({ mediaSupport });
  });
  return engine;
}

/** Asks where everything stands, sends what waits, and renews what is due. */
async function goOnWithAll({ context, directory, heads, ready }: Engine): Promise<void> {
  if (!context.online()) return;
  const synced = heads.sync();
  for (const conversation of directory.all()) ready(conversation);
  await synced;
  await topUpKeyPackages(context);
}

async function every(
  ms: number,
  { clock, signal, run }: Pick<Context, 'clock' | 'signal'> & { run: () => void },
): Promise<void> {
  for (;;) {
    await clock.sleep(ms, signal);
    if (signal.aborted) return;
    run();
  }
}

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
    catchUp: follower.catchUp,
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
    onReady: (conversation) => {
      ready(conversation);
      // The other may have answered before this device had stored that the conversation is there.
      follower.catchUp(conversation).catch((error: unknown) => {
        context.log('debug', 'not_caught_up', { code: problemOf(error).code });
      });
    },
  });
  const parts = {
    ...base,
    acknowledgements,
    follower,
    speaker: createSpeaker(),
    drain,
    heads,
    opening,
    calling,
    ready,
  };
  const transport = ports.transport ?? createTransport(ports);
  let loop: ConnectionLoop | undefined;

  return {
    ...parts,
    goOnline: (connection) => goOnline(parts, connection),
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
        begin: (connection) => begin(parts, connection),
        onFailure: (error) => onFailure(base, error),
      });
    },
    hurry: () => loop?.hurry(),
    async stop() {
      await Promise.race([
        acknowledgements.flush(),
        context.clock.sleep(lastWordMs, stopped.signal),
      ]);
      // From here on no request and no pause goes on: what is waited for is the disk.
      stopped.abort();
      await loop?.done;
      await Promise.all([drain.idle(), follower.idle()]);
      await Promise.all(directory.all().map((conversation) => conversation.idle()));
    },
  };
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

/** Before anything was heard from the server. */
function stateAtFirst({ leaving, stored }: Account, sound: boolean): ClientState {
  const known = stored?.status === 'ready' ? 'ready' : 'unclaimed';
  return {
    phase: leaving ? 'signed_out' : known,
    connection: 'connecting',
    site: null,
    serverAhead: 0,
    callsAvailable: false,
    mediaSupport: 'unsupported',
    call: null,
    sound,
    problem: null,
  };
}
