/** The requests that elements send up; `parley-app` answers them, or whoever hosts an element alone. */
import type { Command, Problem } from '../../core/snapshot.js';
import type { ConversationId } from '../../core/ids.js';

const crossing = { bubbles: true, composed: true };

/** A place in the widget that one can go to. */
export type Route =
  | { screen: 'conversations' }
  | { screen: 'new'; address?: string }
  | { screen: 'conversation'; conversationId: ConversationId }
  | { screen: 'safety'; conversationId: ConversationId }
  | { screen: 'settings' };

/** Something that lies over the current screen until it is answered or closed. */
export type Overlay =
  | { overlay: 'encryption' }
  | { overlay: 'sign_out' }
  | { overlay: 'key_changed'; conversationId: ConversationId }
  | { overlay: 'problem'; problem: Problem };

/** Asks for a command of the client, in the client's own words. */
export class CommandEvent extends Event {
  static readonly eventName = 'parley-command';
  constructor(readonly command: Command) {
    super(CommandEvent.eventName, crossing);
  }
}

/** Asks to go to a place, back, or to open or close what lies over it. */
export class NavigateEvent extends Event {
  static readonly eventName = 'parley-navigate';
  constructor(readonly to: Route | Overlay | 'back' | 'close_overlay' | 'close') {
    super(NavigateEvent.eventName, crossing);
  }
}

/** The person has written a message. */
export class SendEvent extends Event {
  static readonly eventName = 'parley-send';
  constructor(readonly text: string) {
    super(SendEvent.eventName, crossing);
  }
}

/** What is being written, at every change, so that it outlives the composer. */
export class DraftEvent extends Event {
  static readonly eventName = 'parley-draft';
  constructor(readonly text: string) {
    super(DraftEvent.eventName, crossing);
  }
}

/** The list wants more messages at one of its ends. */
export class HistoryEvent extends Event {
  static readonly eventName = 'parley-history';
  constructor(readonly direction: 'older' | 'newer' | 'latest') {
    super(HistoryEvent.eventName, crossing);
  }
}

/** The reader has come to the end of a conversation, where what comes is followed, or has left it. */
export class FollowEvent extends Event {
  static readonly eventName = 'parley-follow';
  constructor(readonly following: boolean) {
    super(FollowEvent.eventName, crossing);
  }
}

/** A choice of this browser alone: theme or language. */
export class PreferenceEvent extends Event {
  static readonly eventName = 'parley-preference';
  constructor(readonly preference: { theme: Theme } | { language: string }) {
    super(PreferenceEvent.eventName, crossing);
  }
}

/** Something to say for a moment at the bottom of the panel. */
export class ToastEvent extends Event {
  static readonly eventName = 'parley-toast';
  constructor(readonly text: string) {
    super(ToastEvent.eventName, crossing);
  }
}

/** `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

declare global {
  interface HTMLElementEventMap {
    'parley-command': CommandEvent;
    'parley-navigate': NavigateEvent;
    'parley-send': SendEvent;
    'parley-draft': DraftEvent;
    'parley-history': HistoryEvent;
    'parley-follow': FollowEvent;
    'parley-preference': PreferenceEvent;
    'parley-toast': ToastEvent;
  }
}
