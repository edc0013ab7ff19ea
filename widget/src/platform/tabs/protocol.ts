/** What tabs of one page origin say to the engine and to each other, over one BroadcastChannel per site.
 *
 * The engine runs in the worker of one tab, the owner. Every tab, the owner's own one too, is its client:
 *
 * 1. A tab says `hello`; the engine, when there is one, answers `engine` with the snapshot.
 * 2. A tab says `run` with a command; the engine says `taken` at once, and `done` when it is done.
 * 3. What happens goes to all as `event`; what only one tab should announce goes to the `announcer`.
 * 4. An engine that starts says `engine` with a higher term. Tabs then repeat what is not `done`.
 *
 * The channel is as private as the page's origin: whoever can listen could read the page itself. */
import type { ClientEvent, ClientSnapshot, Command, Problem } from '../../core/snapshot.js';

/** A tab's name, random. */
export type TabId = string;

/** Which engine speaks: a later one has a higher term. What an outlived one still says is ignored. */
export type Term = number;

export type FromTab =
  | { from: 'tab'; type: 'hello'; tab: TabId }
  | { from: 'tab'; type: 'run'; tab: TabId; id: number; command: Command }
  /** The person is looking at this tab now. */
  | { from: 'tab'; type: 'here'; tab: TabId }
  | { from: 'tab'; type: 'bye'; tab: TabId }
  | { from: 'tab'; type: 'ping'; tab: TabId };

export type FromEngine =
  | {
      from: 'engine';
      type: 'engine';
      term: Term;
      snapshot: ClientSnapshot;
      announcer: TabId | null;
    }
  | { from: 'engine'; type: 'event'; term: Term; event: ClientEvent; to: TabId | null }
  | { from: 'engine'; type: 'taken'; term: Term; tab: TabId; id: number }
  | { from: 'engine'; type: 'done'; term: Term; tab: TabId; id: number; outcome: Outcome }
  | { from: 'engine'; type: 'announcer'; term: Term; announcer: TabId | null }
  | { from: 'engine'; type: 'pong'; term: Term; tab: TabId }
  | { from: 'engine'; type: 'closing'; term: Term }
  /** Said by the owner's page while its engine is on its way, so that nobody takes it for asleep. */
  | { from: 'engine'; type: 'starting' };

export type Outcome = { ok: true; result: unknown } | { ok: false; problem: Problem };

/** Where one device of one person lives in the browser: a site on a server. */
export interface Place {
  server: string;
  site: string;
}

const nameOf = (place: Place): string => `parley ${place.server} ${place.site}`;

export const channelName = nameOf;
/** Held by the page that owns the engine; waiting for it is how tabs take over. */
export const ownerLock = (place: Place): string => `${nameOf(place)} owner`;
/** Held by the engine itself, so that the next one starts only when it is really gone. */
export const engineLock = (place: Place): string => `${nameOf(place)} engine`;
/** Held by each tab as long as it lives: so the engine learns of one that crashed. */
export const tabLock = (place: Place, tab: TabId): string => `${nameOf(place)} tab ${tab}`;

/** The part of BroadcastChannel that is used: tests and the fall-back bring their own. */
export type TabChannel = Pick<BroadcastChannel, 'postMessage' | 'addEventListener' | 'close'>;
