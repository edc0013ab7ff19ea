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

/** @param messages in order
 * @param unreadAfter `order` after which the unread line stands; null for none */
export function linesOf(messages: readonly Message[], unreadAfter: number | null): Line[] {
  const lines: Line[] = [];
  const firstUnread =
    unreadAfter === null
      ? -1
      : messages.findIndex((message) => message.order > unreadAfter && message.author === 'peer');
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
      const count = messages.slice(index, until).filter(({ author }) => author === 'peer').length;
      lines.push({ type: 'unread', key: 'unread', count });
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
