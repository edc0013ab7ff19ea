/** What stands in a conversation, line by line: days, the unread line, and messages in runs. */
import type { Message } from '../../core/snapshot.js';
import { daysBetween } from '../../locales/format.js';

/** A line, with a key that stays the same as long as it is the same line. */
export type Line =
  | { type: 'day'; key: string; at: number }
  | { type: 'unread'; key: 'unread'; count: number }
  | { type: 'message'; key: string; message: Message; first: boolean; last: boolean };

const runMs = 5 * 60_000;

/** Notices and calls stand alone in the middle; what people write stands in runs. */
export function isBubble(message: Message): boolean {
  return message.body.type === 'text' || message.body.type === 'undecryptable';
}

function sameRun(one: Message, next: Message): boolean {
  return (
    isBubble(one) &&
    isBubble(next) &&
    one.author === next.author &&
    Math.abs(next.at - one.at) <= runMs &&
    daysBetween(one.at, next.at) === 0
  );
}

/** What is unread in a conversation that is shown from somewhere on. */
export interface Unread {
  /** `order` after which the unread line stands; null for none. */
  unreadAfter: number | null;
  /** How many were unread when it was opened: more than are loaded, perhaps. */
  unreadCount: number;
  /** There are messages before those that are shown. */
  hasOlder: boolean;
}

/** Where among the messages the unread line stands; -1: none, or further up than what is shown. */
function firstUnreadOf(messages: readonly Message[], { unreadAfter, hasOlder }: Unread): number {
  const first = messages[0]?.order ?? 0;
  if (unreadAfter === null || (hasOlder && first > unreadAfter)) return -1;
  return messages.findIndex(({ order, author }) => order > unreadAfter && author === 'peer');
}

/** @param messages in order */
export function linesOf(messages: readonly Message[], all: Unread): Line[] {
  const lines: Line[] = [];
  const firstUnread = firstUnreadOf(messages, all);
  const days = new Set<string>();
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    const after = messages[index + 1];
    const newDay = before === undefined || daysBetween(before.at, message.at) !== 0;
    if (newDay) {
      // The same when earlier messages of the day are loaded; another where clocks disagree and a day comes twice.
      let key = `day ${new Date(message.at).toDateString()}`;
      while (days.has(key)) key += '+';
      days.add(key);
      lines.push({ type: 'day', key, at: message.at });
    }
    const unread = index === firstUnread;
    if (unread) {
      // Up to one's own next word: what came after an answer was seen as it came.
      const answered = messages.findIndex(
        (one, at) => at > index && one.author === 'self' && isBubble(one),
      );
      const until = answered < 0 ? messages.length : answered;
      const held = messages.slice(index, until).filter(({ author }) => author === 'peer').length;
      lines.push({ type: 'unread', key: 'unread', count: Math.max(held, all.unreadCount) });
    }
    lines.push({
      type: 'message',
      key: message.id,
      message,
      first: unread || before === undefined || !sameRun(before, message),
      last: after === undefined || index + 1 === firstUnread || !sameRun(message, after),
    });
  });
  return lines;
}

/** The lines of each day, its own first: a day's label sticks as long as something of the day is in sight. */
export function daysOf(lines: readonly Line[]): Line[][] {
  const days: Line[][] = [];
  for (const line of lines)
    if (line.type === 'day') days.push([line]);
    else days.at(-1)?.push(line);
  return days;
}
