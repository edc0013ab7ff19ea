/** Nothing moves that one did not move: the browser counts layout shifts, and there are none. */
import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { expect, userEvent, waitFor } from 'storybook/test';
import { button, deep, deepAll, text } from './support/deep.js';
import { asConversationId, longTalk, mira, summary, talk } from './support/people.js';
import { painted, shiftsDuring } from './support/shifts.js';
import type { Scenario } from './support/scripted-client.js';
import { clientIn, renderWidget, type WidgetArgs } from './support/whole-widget.js';

const meta: Meta<WidgetArgs> = {
  title: 'Calm',
  component: 'parley-app',
  parameters: { space: 'panel' },
  render: renderWidget,
};
export default meta;
type Story = StoryObj<WidgetArgs>;

const talkOf = (messages: ReturnType<typeof talk>): Scenario => ({
  snapshot: { conversations: [summary('mira', mira, { messages })] },
  messages: { mira: messages },
});
const long = talkOf(longTalk(300));

const openTalk = async (canvas: HTMLElement): Promise<HTMLElement> => {
  await userEvent.click(await button(canvas, /^Mira Sandoval/u));
  const log = await deep(canvas, '[role="log"]');
  await waitFor(() => expect(deepAll(canvas, 'parley-message').length).toBeGreaterThan(0));
  await painted();
  return log;
};
const below = (log: HTMLElement): number => log.scrollHeight - log.scrollTop - log.clientHeight;

/** A line in the middle of the view, and where it stands. */
const lineInSight = (canvas: HTMLElement, log: HTMLElement): (() => number) => {
  const middle = log.getBoundingClientRect().top + log.clientHeight / 2;
  const line = deepAll(canvas, 'parley-message').find(
    (one) => one.getBoundingClientRect().bottom > middle,
  );
  if (!line) throw new Error('nothing in sight');
  return () => line.getBoundingClientRect().top;
};

/** The judge is awake: what jumps is seen. */
const seesJumps = async (canvas: HTMLElement): Promise<void> => {
  const jumps = await shiftsDuring(async () => {
    const space = document.createElement('div');
    space.style.height = '50px';
    canvas.prepend(space);
    await painted();
    space.remove();
  });
  await expect(jumps.length).toBeGreaterThan(0);
};

export const Opening: Story = {
  args: { scenario: talkOf(talk()) },
  play: async ({ canvasElement }) => {
    const shifts = await shiftsDuring(async () => {
      // As when a page opens: who was here before sees their talks while it connects.
      clientIn(canvasElement).change({ connection: 'connecting' });
      await painted();
      clientIn(canvasElement).change({ connection: 'online' });
      await openTalk(canvasElement);
    });
    await expect(shifts).toEqual([]);
    await seesJumps(canvasElement);
  },
};

/** From a talk with room left to one of more than is held. */
export const Arriving: Story = {
  args: { scenario: talkOf(talk().slice(0, 2)) },
  play: async ({ canvasElement }) => {
    const log = await openTalk(canvasElement);
    await expect(log.scrollHeight).toBe(log.clientHeight);
    const shifts = await shiftsDuring(async () => {
      for (let sent = 0; sent < 330; sent += 1) {
        clientIn(canvasElement).arrive(asConversationId('mira'), `line ${String(sent)}`);
        if (sent < 12 || sent % 10 === 0) await new Promise(requestAnimationFrame);
      }
      await text(canvasElement, 'line 329');
      // The room of those that went is not given up in a frame in which others come.
      await new Promise((resolve) => setTimeout(resolve, 400));
      for (let sent = 0; sent < 18; sent += 1) {
        clientIn(canvasElement).arrive(asConversationId('mira'), `more ${String(sent)}`);
        await new Promise((resolve) => setTimeout(resolve, 12));
      }
      await waitFor(() => expect(deepAll(canvasElement, '.room')[0]?.clientHeight).toBe(0), {
        timeout: 5_000,
      });
      await painted();
    });
    await expect(shifts).toEqual([]);
    await expect(deepAll(canvasElement, 'parley-message').length).toBeLessThanOrEqual(216);
    await expect(below(log)).toBeLessThan(2);
    await seesJumps(canvasElement);
  },
};

export const ArrivingWhileReadingAbove: Story = {
  args: { scenario: long },
  play: async ({ canvasElement }) => {
    const log = await openTalk(canvasElement);
    log.scrollTop -= 700;
    await button(canvasElement, 'To the latest messages');
    const place = lineInSight(canvasElement, log);
    const before = place();
    const shifts = await shiftsDuring(async () => {
      for (let sent = 0; sent < 200; sent += 1) {
        clientIn(canvasElement).arrive(asConversationId('mira'), `line ${String(sent)}`);
        if (sent % 10 === 0) await new Promise(requestAnimationFrame);
        await expect(place()).toBeCloseTo(before, 0);
      }
      await button(canvasElement, /new: To the latest messages/u);
    });
    await expect(shifts).toEqual([]);
    await expect(place()).toBeCloseTo(before, 0);
  },
};

export const OlderComeAbove: Story = {
  args: { scenario: { ...long, delayMs: 300 } },
  play: async ({ canvasElement }) => {
    const log = await openTalk(canvasElement);
    const shifts = await shiftsDuring(async () => {
      while (deepAll(canvasElement, '.more').length > 0) {
        const first = deepAll(canvasElement, 'li[data-key]')[1]?.dataset['key'];
        log.scrollTop = 0;
        await painted();
        const place = lineInSight(canvasElement, log);
        const before = place();
        await waitFor(() =>
          expect(deepAll(canvasElement, 'li[data-key]')[1]?.dataset['key']).not.toBe(first),
        );
        await expect(place()).toBeCloseTo(before, 0);
        await painted();
      }
    });
    await expect(shifts).toEqual([]);
    await seesJumps(canvasElement);
  },
};

export const SentAndStored: Story = {
  args: { scenario: talkOf(talk()) },
  play: async ({ canvasElement }) => {
    await openTalk(canvasElement);
    const shifts = await shiftsDuring(async () => {
      await userEvent.type(await deep(canvasElement, 'textarea'), 'Until then{Enter}');
      await text(canvasElement, 'Until then');
      const line = deepAll(canvasElement, 'parley-message').at(-1);
      const before = line?.getBoundingClientRect();
      await waitFor(() => expect(deepAll(canvasElement, '[aria-label="Sending"]')).toEqual([]));
      await expect(line?.getBoundingClientRect()).toEqual(before);
    });
    await expect(shifts).toEqual([]);
  },
};

/** So far above that the end is not in the window. */
const farAbove = async (canvas: HTMLElement): Promise<HTMLElement> => {
  const log = await openTalk(canvas);
  await waitFor(
    () => {
      log.scrollTop = 0;
      return expect(deepAll(canvas, '.more')).toEqual([]);
    },
    { timeout: 10_000 },
  );
  await expect(below(log)).toBeGreaterThan(1_000);
  return log;
};

export const SentWhileReadingFarAbove: Story = {
  args: { scenario: long },
  play: async ({ canvasElement }) => {
    const log = await farAbove(canvasElement);
    await userEvent.type(await deep(canvasElement, 'textarea'), 'Back to now{Enter}');
    await text(canvasElement, 'Back to now');
    await waitFor(() => expect(below(log)).toBeLessThan(2));
  },
};

/** The end is where the pill leads, also past more unread messages than there are on a page, and while others come. */
export const ToTheLatest: Story = {
  args: {
    scenario: {
      ...long,
      delayMs: 200,
      snapshot: {
        conversations: [
          summary('mira', mira, { messages: longTalk(300), unread: 290, readUpTo: 10 }),
        ],
      },
    },
  },
  play: async ({ canvasElement }) => {
    const log = await farAbove(canvasElement);
    await userEvent.click(await button(canvasElement, /To the latest messages/u));
    for (let sent = 0; sent < 200; sent += 1)
      clientIn(canvasElement).arrive(asConversationId('mira'), `line ${String(sent)}`);
    await waitFor(() => expect(deepAll(canvasElement, '.pill')).toEqual([]));
    await expect(below(log)).toBeLessThan(2);
    clientIn(canvasElement).arrive(asConversationId('mira'), 'and one more');
    await text(canvasElement, 'and one more');
    await waitFor(() => expect(below(log)).toBeLessThan(2));
  },
};
