/** Mira's conversation in a story: opened, and where one reads in it. */
import { expect, userEvent, waitFor } from 'storybook/test';
import type { ConversationSummary } from '../../../widget/src/core/snapshot.js';
import { button, deep, deepAll } from './deep.js';
import { mira, summary, type talk } from './people.js';
import type { Scenario } from './scripted-client.js';
import { painted } from './shifts.js';

/** A conversation with Mira and no other. */
export const talkOf = (
  messages: ReturnType<typeof talk>,
  more: Partial<ConversationSummary> = {},
): Scenario => ({
  snapshot: { conversations: [summary('mira', mira, { messages, ...more })] },
  messages: { mira: messages },
});

/** @returns what scrolls */
export const openTalk = async (canvas: HTMLElement): Promise<HTMLElement> => {
  await userEvent.click(await button(canvas, /^Mira Sandoval/u));
  const log = await deep(canvas, '[role="log"]');
  await waitFor(() => expect(deepAll(canvas, 'parley-message').length).toBeGreaterThan(0));
  await painted();
  return log;
};

/** How far it is to the end of what is loaded, in pixels. */
export const below = (log: HTMLElement): number =>
  log.scrollHeight - log.scrollTop - log.clientHeight;

/** A line in the middle of the view, and where it stands. */
export const lineInSight = (canvas: HTMLElement, log: HTMLElement): (() => number) => {
  const middle = log.getBoundingClientRect().top + log.clientHeight / 2;
  const line = deepAll(canvas, 'parley-message').find(
    (one) => one.getBoundingClientRect().bottom > middle,
  );
  if (!line) throw new Error('nothing in sight');
  return () => line.getBoundingClientRect().top;
};
