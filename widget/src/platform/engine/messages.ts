/** What a page and the engine that it started say to each other, privately: keys of calls pass here. */
import type { MediaEvent, MediaPort } from '../../core/calls/media-port.js';
import type { Problem } from '../../core/snapshot.js';
import type { Place, TabId, Term } from '../tabs/protocol.js';

export interface EngineStart {
  place: Place;
  /** The tab of the page that starts it. */
  owner: TabId;
  /** The term of the last engine that the owner heard of. */
  after: Term;
}

/** The port's methods but `onEvent`, which is a message of its own. */
export type MediaMethod = Exclude<keyof MediaPort, 'onEvent'>;

export type ToEngine =
  | { type: 'start'; start: EngineStart }
  | { type: 'close' }
  | { type: 'media_done'; id: number; result: unknown }
  | { type: 'media_failed'; id: number; problem: Problem }
  | { type: 'media_event'; event: MediaEvent };

export type FromEngineWorker =
  /** The code is loaded: workers are allowed here. */
  | { type: 'alive' }
  /** It serves the tabs. */
  | { type: 'started' }
  | { type: 'closed' }
  | { type: 'media_call'; id: number; method: MediaMethod; arguments: unknown[] };

/** One end of the link: a worker, its global scope, or a MessagePort. */
export interface Link<In, Out> {
  post(message: Out): void;
  listen(listener: (message: In) => void): void;
}
export type PageLink = Link<FromEngineWorker, ToEngine>;
export type EngineLink = Link<ToEngine, FromEngineWorker>;

/** What `Worker`, a worker's scope and `MessagePort` have in common. */
interface Endpoint {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

export function linkOver<In, Out>(endpoint: Endpoint): Link<In, Out> {
  return {
    post: (message) => {
      endpoint.postMessage(message);
    },
    listen: (listener) => {
      endpoint.addEventListener('message', ({ data }) => {
        listener(data as In);
      });
    },
  };
}
