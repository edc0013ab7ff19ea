/** The border between the script tag and the rest: `loader` loads `main` on demand and speaks only through this. */
import type { CallPhase, CallOutcome, ProblemCode } from '../core/snapshot.js';

/** The element's attributes, read and defaulted. */
export interface ChatOptions {
  site: string;
  /** Origin of the server, without a slash at the end. */
  server: string;
  to: string | null;
  theme: 'auto' | 'light' | 'dark';
  /** BCP 47, as wished for. */
  lang: string;
}

/** Details of the element's events, by event name. All bubble. */
export interface ChatEvents {
  /** The client has started. `address`: of the person signed in on this device, if any. */
  'parley-ready': { address: string | null };
  'parley-open': null;
  'parley-close': null;
  /** How many messages are unread, whenever that changes. */
  'parley-unread': { unread: number };
  /** A call begins, changes its phase or ends (`outcome` says how). */
  'parley-call': {
    phase: CallPhase;
    direction: 'in' | 'out';
    video: boolean;
    address: string;
    outcome: CallOutcome | null;
  };
  /** `load_failed`: our scripts did not load. `already_on_page`: another element shows this site. */
  'parley-error': { code: ProblemCode | 'load_failed' | 'already_on_page' | 'site_missing' };
}

/** What the element gives to the page it loads. */
export interface ChatHost {
  readonly options: ChatOptions;
  /** Whether somebody lived on this device when that was last known. */
  readonly returning: boolean;
  /** The app is mounted in here. */
  readonly panel: HTMLElement;
  /** Opens the panel, as for a ring. */
  open(): void;
  close(): void;
  /** Nothing can be shown here: the page has changed what the app stands on. */
  failed(): void;
  setUnread(unread: number): void;
  setCalling(calling: boolean): void;
  /** Whether somebody lives on this device: then the next visit starts by itself. */
  remember(someone: boolean): void;
  /** The person chose a theme or language; it is kept and comes back through `update`. */
  prefer(preference: 'theme' | 'lang', value: string): void;
  emit<Name extends keyof ChatEvents>(name: Name, detail: ChatEvents[Name]): void;
}

/** What the element may ask of the page it loaded. Promises reject with an Error whose message is a problem code. */
export interface ChatPage {
  update(options: ChatOptions): void;
  /** The panel was opened or closed. */
  shown(open: boolean): void;
  message(address: string): Promise<void>;
  call(address: string, options: { video: boolean }): Promise<void>;
  signOut(): Promise<void>;
  /** The element is gone for good. */
  detach(): void;
}

/** `main` exports one function of this type, named `attach`. */
export type Attach = (host: ChatHost) => ChatPage;
