/** Connects this page to the one engine of its site: as its owner, or through the tab that is. */
import type { ClientSnapshot, Problem, ProblemCode } from '../../core/snapshot.js';
import { ProblemError } from '../../core/snapshot.js';
import { runEngine, type EngineSource } from '../engine/run-engine.js';
import { ownByClaim } from './claims.js';
import { heardFromTab } from './heard.js';
import { ownByLock, type Lead, type Ownership } from './ownership.js';
import { channelName, ownerLock, tabLock, type FromEngine, type Place } from './protocol.js';
import { startingSnapshot } from './starting-snapshot.js';
import { TabClient } from './tab-client.js';

/** How often a tab that is looked at makes sure that its engine is awake. */
const attendEveryMs = 15_000;
/** Within this time an engine starts here, or the call that needs it fails. */
const takeOverMs = 15_000;

/** An engine that broke so often in a row will not come by waiting: the person is told, and it is tried on. */
const breaksMax = 3;

const closedBy = (code: ProblemCode): Partial<ClientSnapshot> => ({
  phase: 'closed',
  connection: 'offline',
  problem: { code },
});

export interface ConnectOptions {
  place: Place;
  engine: EngineSource;
  signal: AbortSignal;
}

/** @returns the client of this tab, working until the signal aborts. */
export function connectTab({ place, engine, signal }: ConnectOptions): TabClient {
  const tab = crypto.getRandomValues(new Uint32Array(4)).join('-');
  const channel = new BroadcastChannel(channelName(place));
  const { locks } = navigator as { locks?: LockManager };
  let started = deferred();
  let breaks = 0;

  const lead: Lead = async (turn) => {
    const quiet = answerWhileStarting(channel);
    try {
      await runEngine(
        engine,
        { place, owner: tab, after: client.term },
        {
          signal: turn,
          onStarted: () => {
            breaks = 0;
            quiet.abort();
            started.resolve();
          },
        },
      );
    } catch (error) {
      breaks += 1;
      if (breaks === breaksMax) client.showLocally(closedBy('internal'));
      throw error;
    } finally {
      quiet.abort();
      started = deferred();
    }
  };
  const takeOver = async (): Promise<void> => {
    await ownership.take();
    await Promise.race([started.promise, failAfter(takeOverMs, { code: 'internal' })]);
  };

  const isLookedAt = (): boolean => document.visibilityState === 'visible' && document.hasFocus();
  const client: TabClient = new TabClient({
    tab,
    channel,
    isLookedAt,
    speaks: () => locks !== undefined || ownership.owns,
    onSilence: () => {
      if (document.visibilityState !== 'visible') return;
      client.showLocally({ connection: 'connecting' });
      void ownership.take();
    },
    owns: () => ownership.owns,
    takeOver,
  });
  const ownership: Ownership =
    locks === undefined
      ? ownByClaim({
          place,
          lead,
          signal,
          onOther: (other) => {
            client.showLocally(other ? closedBy('other_tab') : startingSnapshot);
          },
        })
      : ownByLock(locks, {
          lock: ownerLock(place),
          lead,
          signal,
          onRefused: () => {
            client.showLocally(closedBy('storage_unavailable'));
          },
        });

  void locks
    ?.request(tabLock(place, tab), { signal }, () => untilAborted(signal))
    .catch(() => undefined);
  client.greet();
  attendWhenLookedAt(client, isLookedAt, signal);
  signal.addEventListener('abort', () => void client.close(), { once: true });
  return client;
}

/** The engine is on its way: others need not take its silence for sleep. */
function answerWhileStarting(channel: BroadcastChannel): AbortController {
  const quiet = new AbortController();
  const reply: FromEngine = { from: 'engine', type: 'starting' };
  channel.addEventListener(
    'message',
    ({ data }: MessageEvent<unknown>) => {
      if (heardFromTab(data) !== null) channel.postMessage(reply);
    },
    { signal: quiet.signal },
  );
  return quiet;
}

function attendWhenLookedAt(
  client: TabClient,
  isLookedAt: () => boolean,
  signal: AbortSignal,
): void {
  const attend = (): void => {
    if (isLookedAt()) client.attend();
  };
  document.addEventListener('visibilitychange', attend, { signal });
  globalThis.addEventListener('focus', attend, { signal });
  // The network is back: no need to wait for the next attempt.
  const reconnect = (): void => {
    client.run<'reconnect'>({ type: 'reconnect' }).catch(() => undefined);
  };
  globalThis.addEventListener('online', reconnect, { signal });
  globalThis.addEventListener(
    'pagehide',
    () => {
      client.leave();
    },
    { signal },
  );
  const timer = setInterval(attend, attendEveryMs);
  signal.addEventListener(
    'abort',
    () => {
      clearInterval(timer);
    },
    { once: true },
  );
}

interface Deferred {
  promise: Promise<void>;
  resolve: () => void;
}

function deferred(): Deferred {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });

const failAfter = (ms: number, problem: Problem): Promise<never> =>
  new Promise((_resolve, reject) =>
    setTimeout(() => {
      reject(new ProblemError(problem));
    }, ms),
  );
