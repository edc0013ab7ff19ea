/** The engine's side of the channel: one client of the core for all tabs of the page's origin. */
import { ProblemError, type Client, type ClientEvent } from '../../core/snapshot.js';
import { heardFromTab } from './heard.js';
import {
  tabLock,
  type FromEngine,
  type FromTab,
  type Outcome,
  type Place,
  type TabChannel,
  type TabId,
  type Term,
} from './protocol.js';

/** A command that came twice (to an engine just starting) is done once; older ones are forgotten. */
const rememberedMax = 1_000;
/** Five tabs with all that each may have open. What is said beyond is not heard: a tab says it again. */
const runningMax = 1_000;
/** Tabs that are remembered, for who announces. */
const tabsMax = 100;

export interface ServeTabsOptions {
  client: Client;
  channel: TabChannel;
  place: Place;
  /** The tab whose page started this engine: it announces until another is looked at. */
  owner: TabId;
  /** The last engine's term, as far as the owner knows. */
  after: Term;
  signal: AbortSignal;
}

/** Serves until the signal aborts; then the tabs know that another engine has to come. */
export function serveTabs({
  client,
  channel,
  place,
  owner,
  after,
  signal,
}: ServeTabsOptions): void {
  // A clock may be set back; a term may not.
  const term: Term = Math.max(Date.now(), after + 1);
  const seen = new Set<string>();
  let running = 0;
  const tabs = new TabList({
    owner,
    place,
    signal,
    onChange: () => {
      say({ from: 'engine', type: 'announcer', term, announcer: tabs.announcer });
    },
  });
  const say = (message: FromEngine): void => {
    channel.postMessage(message);
  };
  const greet = (): void => {
    say({
      from: 'engine',
      type: 'engine',
      term,
      snapshot: client.snapshot,
      announcer: tabs.announcer,
    });
  };

  const run = async ({ tab, id, command }: Extract<FromTab, { type: 'run' }>): Promise<void> => {
    const name = `${tab} ${String(id)}`;
    if (seen.has(name) || running >= runningMax) return;
    seen.add(name);
    running += 1;
    for (const oldest of seen) {
      if (seen.size <= rememberedMax) break;
      seen.delete(oldest);
    }
    say({ from: 'engine', type: 'taken', term, tab, id });
    const outcome = await outcomeOf(client.run(command));
    running -= 1;
    if (!signal.aborted) say({ from: 'engine', type: 'done', term, tab, id, outcome });
  };

  const hear = (message: FromTab): void => {
    if (message.type === 'run') void run(message);
    else if (message.type === 'ping') say({ from: 'engine', type: 'pong', term, tab: message.tab });
    else if (message.type === 'here') tabs.look(message.tab);
    else if (message.type === 'bye') tabs.leave(message.tab);
    else {
      tabs.join(message.tab);
      greet();
    }
  };

  channel.addEventListener('message', (event) => {
    const message = heardFromTab((event as MessageEvent<unknown>).data);
    if (!signal.aborted && message !== null) hear(message);
  });
  client.subscribe((event: ClientEvent) => {
    say({
      from: 'engine',
      type: 'event',
      term,
      event,
      to: event.type === 'arrived' ? tabs.announcer : null,
    });
  }, signal);
  signal.addEventListener(
    'abort',
    () => {
      say({ from: 'engine', type: 'closing', term });
    },
    { once: true },
  );
  greet();
}

async function outcomeOf(running: Promise<unknown>): Promise<Outcome> {
  try {
    return { ok: true, result: await running };
  } catch (error) {
    return {
      ok: false,
      problem: error instanceof ProblemError ? error.problem : { code: 'internal' },
    };
  }
}

interface TabListOptions {
  owner: TabId;
  place: Place;
  signal: AbortSignal;
  /** Another tab announces. */
  onChange: () => void;
}

/** Which tabs there are, the one looked at last at the end. */
class TabList {
  readonly #tabs: TabId[];

  readonly #options: TabListOptions;

  constructor(options: TabListOptions) {
    this.#options = options;
    this.#tabs = [options.owner];
  }

  /** The tab that makes the sounds: of those that are here, the one looked at last. */
  get announcer(): TabId | null {
    return this.#tabs.at(-1) ?? null;
  }

  join(tab: TabId): void {
    if (this.#tabs.includes(tab) || this.#tabs.length >= tabsMax) return;
    this.#tabs.unshift(tab);
    // Granted when the tab is gone, even if it crashed and could not say so.
    const { place, signal } = this.#options;
    const { locks } = navigator as { locks?: LockManager };
    const leave = (): void => {
      this.leave(tab);
    };
    void locks?.request(tabLock(place, tab), { signal }, leave).catch(() => undefined);
  }

  look(tab: TabId): void {
    this.#change([...this.#tabs.filter((other) => other !== tab), tab].slice(-tabsMax));
  }

  leave(tab: TabId): void {
    this.#change(this.#tabs.filter((other) => other !== tab));
  }

  #change(tabs: TabId[]): void {
    const before = this.announcer;
    this.#tabs.splice(0, Infinity, ...tabs);
    if (this.announcer !== before) this.#options.onChange();
  }
}
