/** The part of a conversation's history that is held for the screen: one unbroken stretch, with a maximum. */
import type { MessageId } from '../core/ids.js';
import type { Message } from '../core/snapshot.js';

/** An unbroken stretch of messages, in order. */
export interface MessageWindow {
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
}

/** New and changed messages, and those that were discarded. */
export interface MessagesChange {
  readonly messages: readonly Message[];
  readonly removed: readonly MessageId[];
}

/** A stretch is cut back to this, at the end that one does not read. */
export const windowMessagesMax = 200;
/** At the end of a conversation a few more come before the oldest go, together: each going has all laid out anew, and
 * many that go at once hold the page up longer than those that come. */
export const followedMessagesMax = 216;

/** What is kept of a flood in which more came than are held. */
const floodKeptMax = 50;

/** Nothing yet. */
export const emptyWindow: MessageWindow = { messages: [], hasOlder: true, hasNewer: false };

function merge(one: readonly Message[], other: readonly Message[]): Message[] {
  // By id: a pending message moves when the log gives it its place.
  const byId = new Map<MessageId, Message>();
  for (const message of [...one, ...other]) byId.set(message.id, message);
  return [...byId.values()].sort((a, b) => a.order - b.order);
}

/** Takes the newest page, in place of whatever was held. */
export function latestPage(page: readonly Message[], more: boolean): MessageWindow {
  return { messages: merge([], page), hasOlder: more, hasNewer: false };
}

/** Takes a page from before the stretch.
 * @param following whether the reader stands at the end by now: then of the page only what there is room for is held. */
export function olderPage(
  window: MessageWindow,
  { messages: page, more }: { messages: readonly Message[]; more: boolean },
  following: boolean,
): MessageWindow {
  const messages = merge(page, window.messages);
  const over = messages.length > windowMessagesMax;
  if (over && following)
    return { ...window, messages: messages.slice(-windowMessagesMax), hasOlder: true };
  return {
    messages: over ? messages.slice(0, windowMessagesMax) : messages,
    hasOlder: more,
    hasNewer: window.hasNewer || over,
  };
}

/** Takes a page from after the stretch. @param more whether there is still more after it */
export function newerPage(
  window: MessageWindow,
  page: readonly Message[],
  more: boolean,
): MessageWindow {
  const messages = merge(window.messages, page);
  const over = messages.length > windowMessagesMax;
  return {
    messages: over ? messages.slice(-windowMessagesMax) : messages,
    hasOlder: window.hasOlder || over,
    hasNewer: more,
  };
}

/** Takes what happened: new, changed and discarded messages. What lies outside the stretch stays outside,
 * so that it never has a hole.
 * @param following whether the reader stands at the end: then the oldest give way to what comes. Else the newest do, so
 *   that what one reads stays. */
export function liveChange(
  window: MessageWindow,
  { messages: changed, removed }: MessagesChange,
  following: boolean,
): MessageWindow {
  const held = new Set(window.messages.map(({ id }) => id));
  const first = window.messages[0]?.order ?? -Infinity;
  const last = window.messages.at(-1)?.order ?? -Infinity;
  // An own one that was taken back stands behind all that is not held, from now on.
  const beyond = ({ order }: Message): boolean => window.hasNewer && order > last;
  const inside = changed.filter(
    (message) =>
      !beyond(message) && (held.has(message.id) || message.order > first || !window.hasOlder),
  );
  const gone = new Set([...removed, ...changed.filter(beyond).map(({ id }) => id)]);
  const messages = merge(window.messages, inside).filter(({ id }) => !gone.has(id));
  const max = following ? followedMessagesMax : windowMessagesMax;
  if (messages.length <= max) return { ...window, messages };
  const kept = inside.length > windowMessagesMax ? floodKeptMax : windowMessagesMax;
  return following
    ? { ...window, messages: messages.slice(-kept), hasOlder: true }
    : { ...window, messages: messages.slice(0, windowMessagesMax), hasNewer: true };
}
