/** Where one reads in a long conversation, and what counts as read. */
import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { expect, userEvent, waitFor } from 'storybook/test';
import { button, deep, deepAll, text } from './support/deep.js';
import { below, lineInSight, openTalk, talkOf } from './support/in-talk.js';
import { asConversationId, longTalk, talk } from './support/people.js';
import { painted } from './support/shifts.js';
import { clientIn, renderWidget, type WidgetArgs } from './support/whole-widget.js';

const meta: Meta<WidgetArgs> = {
  title: 'Reading',
  component: 'parley-app',
  parameters: { space: 'panel' },
  render: renderWidget,
};
export default meta;
type Story = StoryObj<WidgetArgs>;

const unreadIn = (canvas: HTMLElement): number | undefined =>
  clientIn(canvas).snapshot.conversations[0]?.unread;
const linesIn = (canvas: HTMLElement): number => deepAll(canvas, 'parley-message').length;
const arrive = (canvas: HTMLElement, line: string): void => {
  clientIn(canvas).arrive(asConversationId('mira'), line);
};
const write = async (canvas: HTMLElement, line: string): Promise<void> => {
  await userEvent.type(await deep(canvas, 'textarea'), `${line}{Enter}`);
  await text(canvas, line);
};
const stored = (canvas: HTMLElement): Promise<void> =>
  waitFor(() => expect(deepAll(canvas, '[aria-label="Sending"]')).toEqual([]));

/** What waits to be sent stands behind all that is yet to come; what comes is read all the same. */
export const AnsweredInSight: Story = {
  args: { scenario: talkOf(talk()) },
  play: async ({ canvasElement }) => {
    await openTalk(canvasElement);
    await write(canvasElement, 'Are you there?');
    arrive(canvasElement, 'Here before yours');
    await text(canvasElement, 'Here before yours');
    await waitFor(() => expect(unreadIn(canvasElement)).toBe(0));
    await stored(canvasElement);
    arrive(canvasElement, 'And after it');
    await text(canvasElement, 'And after it');
    await waitFor(() => expect(unreadIn(canvasElement)).toBe(0));
  },
};

/** One's own word may be stored, and known to be, before what came in front of it: that is read when it comes. */
export const OvertakenInSight: Story = {
  args: { scenario: talkOf(talk()) },
  play: async ({ canvasElement }) => {
    const before = clientIn(canvasElement).snapshot.conversations[0]?.last?.order ?? 0;
    await openTalk(canvasElement);
    await write(canvasElement, 'Are you there?');
    await stored(canvasElement);
    clientIn(canvasElement).arrive(asConversationId('mira'), 'Since before yours', before + 0.5);
    await text(canvasElement, 'Since before yours');
    await waitFor(() => expect(unreadIn(canvasElement)).toBe(0));
  },
};

/** What comes while one reads further up is counted, also right after one has written. */
export const AnsweredOutOfSight: Story = {
  args: { scenario: talkOf(longTalk(100)) },
  play: async ({ canvasElement }) => {
    const log = await openTalk(canvasElement);
    await write(canvasElement, 'Are you there?');
    log.scrollTop -= 700;
    await button(canvasElement, 'To the latest messages');
    await stored(canvasElement);
    arrive(canvasElement, 'Here I am');
    await button(canvasElement, '1 new: To the latest messages');
    await expect(unreadIn(canvasElement)).toBe(1);
  },
};

/** Only what one asks for is loaded, page by page, and the line one reads keeps its place. */
const loadsOnePage = async (canvas: HTMLElement, to: 'top' | 'bottom'): Promise<void> => {
  const log = await deep(canvas, '[role="log"]');
  const keys = (): (string | undefined)[] =>
    deepAll(canvas, 'li[data-key]:not(.day, .unread)').map(({ dataset }) => dataset['key']);
  const before = keys();
  log.scrollTop = to === 'top' ? 0 : log.scrollHeight;
  await painted();
  const place = lineInSight(canvas, log);
  const top = place();
  await waitFor(() => expect(keys()).not.toEqual(before));
  await new Promise((resolve) => setTimeout(resolve, 500));
  await expect(place()).toBeCloseTo(top, 0);
  const now = keys();
  const shared = now.filter((key) => before.includes(key)).length;
  await expect(now.length - shared).toBe(50);
};

/** Where nothing of the other's is loaded yet, what one finds further up is no news. */
export const OwnMonologue: Story = {
  args: {
    scenario: talkOf(
      longTalk(150).map((one, index) => (index < 90 ? one : { ...one, author: 'self' as const })),
    ),
  },
  play: async ({ canvasElement }) => {
    await openTalk(canvasElement);
    await loadsOnePage(canvasElement, 'top');
    await loadsOnePage(canvasElement, 'top');
    await button(canvasElement, 'To the latest messages');
    await expect(deepAll(canvasElement, '.pill.new')).toEqual([]);
  },
};

/** As much is held as ever is, and what one says is at the end of it: it is shown, and not given up for what is above. */
export const WrittenFromFarUp: Story = {
  args: { scenario: { ...talkOf(longTalk(300)), delayMs: 50 } },
  play: async ({ canvasElement }) => {
    const log = await openTalk(canvasElement);
    for (let page = 1; page < 4; page += 1) await loadsOnePage(canvasElement, 'top');
    await expect(linesIn(canvasElement)).toBe(200);
    await expect(below(log)).toBeGreaterThan(600);
    await write(canvasElement, 'Said from far up');
    await waitFor(() => expect(below(log)).toBeLessThan(2));
    await expect(deepAll(canvasElement, '.pill')).toEqual([]);
  },
};

/** It opens where they begin, however many there are, and reads on from there in both directions. */
export const ManyUnread: Story = {
  args: {
    scenario: { ...talkOf(longTalk(500), { unread: 290, readUpTo: 210 }), delayMs: 100 },
  },
  play: async ({ canvasElement }) => {
    const log = await openTalk(canvasElement);
    const line = await deep(canvasElement, '.unread');
    await expect(line.textContent.trim()).toBe('290 new messages');
    const place = (): number => line.getBoundingClientRect().top - log.getBoundingClientRect().top;
    await expect(place()).toBeGreaterThan(0);
    await expect(place()).toBeLessThan(log.clientHeight / 2);
    await button(canvasElement, 'To the latest messages');
    await expect(unreadIn(canvasElement)).toBe(290);
    await loadsOnePage(canvasElement, 'top');
    await loadsOnePage(canvasElement, 'bottom');
    await expect(below(log)).toBeGreaterThan(600);
    await userEvent.click(await button(canvasElement, /To the latest messages/u));
    await waitFor(() => expect(unreadIn(canvasElement)).toBe(0));
    // Where they begin is further up than what is loaded now.
    await expect(deepAll(canvasElement, '.unread')).toEqual([]);
    await loadsOnePage(canvasElement, 'top');
  },
};

/** From the first message down to the last, without being carried to the end. */
export const PageByPage: Story = {
  args: { scenario: { ...talkOf(longTalk(400)), delayMs: 50 } },
  play: async ({ canvasElement }) => {
    const log = await openTalk(canvasElement);
    for (let page = 1; page < 8; page += 1) await loadsOnePage(canvasElement, 'top');
    await expect(linesIn(canvasElement)).toBe(200);
    for (let page = 4; page < 8; page += 1) await loadsOnePage(canvasElement, 'bottom');
    log.scrollTop = log.scrollHeight;
    await waitFor(() => expect(deepAll(canvasElement, '.pill')).toEqual([]));
    arrive(canvasElement, 'and one more');
    await text(canvasElement, 'and one more');
    await waitFor(() => expect(below(log)).toBeLessThan(2));
  },
};

/** Right after so much has come that the oldest gave way: what they leave empty is nothing to read. */
export const UpFromAFlood: Story = {
  args: { scenario: { ...talkOf(longTalk(300)), delayMs: 100 } },
  play: async ({ canvasElement }) => {
    const log = await openTalk(canvasElement);
    for (let sent = 0; sent < 330; sent += 1) {
      arrive(canvasElement, `line ${String(sent)}`);
      if (sent % 10 === 0) await new Promise(requestAnimationFrame);
    }
    await text(canvasElement, 'line 329', 20_000);
    await expect(deepAll(canvasElement, '.room')[0]?.clientHeight).toBeGreaterThan(1_000);
    await waitFor(() => expect(below(log)).toBeLessThan(2));
    await loadsOnePage(canvasElement, 'top');
    await loadsOnePage(canvasElement, 'top');
  },
};
