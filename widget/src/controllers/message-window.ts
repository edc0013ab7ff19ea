/** The part of a conversation's history that is held for the screen: one unbroken stretch, with a maximum. */
import type { MessageId } from '../core/ids.js';
import type { Message } from '../core/snapshot.js';

/** An unbroken stretch of messages, in order. */
export interface MessageWindow {
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
}

/** A stretch is cut back to this when a page is added at the other end. */
export const windowMessagesMax = 400;

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

/** Takes a page from before the stretch. */
export function olderPage(
  window: MessageWindow,
  page: readonly Message[],
  more: boolean,
): MessageWindow {
  const messages = merge(page, window.messages);
  const over = messages.length > windowMessagesMax;
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
 * so that it never has a hole. In a flood the newest go, so that what one reads stays: whoever is at the end asks for
 * the latest page then. */
export function liveChange(
  window: MessageWindow,
  changed: readonly Message[],
  removed: readonly MessageId[],
): MessageWindow {
  const held = new Set(window.messages.map(({ id }) => id));
  const first = window.messages[0]?.order ?? -Infinity;
  const last = window.messages.at(-1)?.order ?? -Infinity;
  const inside = changed.filter(
    ({ id, order }) =>
      held.has(id) || ((order > first || !window.hasOlder) && (order < last || !window.hasNewer)),
  );
  const gone = new Set(removed);
  const messages = merge(window.messages, inside).filter(({ id }) => !gone.has(id));
  if (messages.length <= windowMessagesMax) return { ...window, messages };
  return { ...window, messages: messages.slice(0, windowMessagesMax), hasNewer: true };
}
