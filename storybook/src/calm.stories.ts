/** Nothing moves that one did not move: the browser counts layout shifts, and there are none. */
import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { expect, userEvent, waitFor } from 'storybook/test';
import { button, deep, deepAll, text } from './support/deep.js';
import { below, lineInSight, openTalk, talkOf } from './support/in-talk.js';
import { asConversationId, longTalk, mira, summary, talk } from './support/people.js';
import { painted, shiftsDuring } from './support/shifts.js';
import { clientIn, renderWidget, type WidgetArgs } from './support/whole-widget.js';

const meta: Meta<WidgetArgs> = {
  title: 'Calm',
  component: 'parley-app',
  parameters: { space: 'panel' },
  render: renderWidget,
};
export default meta;
type Story = StoryObj<WidgetArgs>;

const long = talkOf(longTalk(300));

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

/** Does something as early as can be once the room of those that went is given up. */
const whenRoomGoes = (canvas: HTMLElement, then: () => void): Promise<void> =>
  new Promise((resolve) => {
    const [room] = deepAll(canvas, '.room');
    if (!room) throw new Error('no room');
    const watch = new MutationObserver(() => {
      if (room.style.height !== '0px') return;
      watch.disconnect();
      requestAnimationFrame(() => {
        then();
        resolve();
      });
    });
    watch.observe(room, { attributes: true });
  });

/** From a talk with room left, which stands where one writes, to one of more than is held. */
export const Arriving: Story = {
  args: { scenario: talkOf(talk().slice(0, 2)) },
  play: async ({ canvasElement }) => {
    const log = await openTalk(canvasElement);
    const arrive = (line: string): void => {
      clientIn(canvasElement).arrive(asConversationId('mira'), line);
    };
    const lowest = (): number => {
      const line = deepAll(canvasElement, 'parley-message').at(-1);
      return log.getBoundingClientRect().bottom - (line?.getBoundingClientRect().bottom ?? 0);
    };
    await expect(log.scrollHeight).toBe(log.clientHeight);
    await expect(lowest()).toBeLessThan(12);
    const shifts = await shiftsDuring(async () => {
      const roomGone = whenRoomGoes(canvasElement, () => {
        for (let more = 0; more < 4; more += 1) arrive(`more ${String(more)}`);
      });
      for (let sent = 0; sent < 330; sent += 1) {
        arrive(`line ${String(sent)}`);
        if (sent < 12 || sent % 10 === 0) await new Promise(requestAnimationFrame);
      }
      await text(canvasElement, 'line 329', 20_000);
      await roomGone;
      await text(canvasElement, 'more 3', 20_000);
      await painted();
    });
    await expect(shifts).toEqual([]);
    await expect(deepAll(canvasElement, 'parley-message').length).toBeLessThanOrEqual(216);
    await expect(below(log)).toBeLessThan(2);
    await expect(lowest()).toBeLessThan(12);
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

/** Everything that somebody may be about to press, and where it is. */
const pressable = (canvas: HTMLElement): (() => string[]) => {
  const all = deepAll(canvas, 'button, input, textarea, a').filter(
    (one) => one.checkVisibility() && one.closest('parley-banner') === null,
  );
  return () =>
    all.map((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      return `${one.getAttribute('aria-label') ?? one.className}: ${[x, y, width, height].join(' ')}`;
    });
};
type Change = Parameters<ReturnType<typeof clientIn>['change']>[0];
const standing: { wrong: Change; right: Change }[] = [
  { wrong: { connection: 'offline' }, right: { connection: 'online' } },
  { wrong: { problem: { code: 'answer_malformed' } }, right: { problem: null } },
  { wrong: { insecure: true }, right: { insecure: false } },
];

/** Strips come and go, and what one is about to press stays where it is, to be pressed. */
const stripsMoveNothing = async (canvas: HTMLElement): Promise<void> => {
  const places = pressable(canvas);
  const before = places();
  await expect(before.length).toBeGreaterThan(2);
  for (const { wrong, right } of standing) {
    const shifts = await shiftsDuring(async () => {
      clientIn(canvas).change(wrong);
      await deep(canvas, 'parley-banner');
      await painted();
      await expect(places()).toEqual(before);
      clientIn(canvas).change(right);
      await waitFor(() => expect(deepAll(canvas, 'parley-banner')).toEqual([]));
      await painted();
    });
    await expect(shifts).toEqual([]);
    await expect(places()).toEqual(before);
  }
};

export const StripsOverTheList: Story = {
  args: { scenario: talkOf(talk()) },
  play: async ({ canvasElement }) => {
    await button(canvasElement, /^Mira Sandoval/u);
    await stripsMoveNothing(canvasElement);
    await seesJumps(canvasElement);
  },
};

/** Also those of the conversation itself, at its end and further up. */
export const StripsOverATalk: Story = {
  args: { scenario: long },
  play: async ({ canvasElement }) => {
    const log = await openTalk(canvasElement);
    await stripsMoveNothing(canvasElement);
    log.scrollTop -= 700;
    await button(canvasElement, 'To the latest messages');
    await painted();
    const line = lineInSight(canvasElement, log);
    const before = line();
    await stripsMoveNothing(canvasElement);
    const { conversations } = clientIn(canvasElement).snapshot;
    const shifts = await shiftsDuring(async () => {
      clientIn(canvasElement).change({
        conversations: conversations.map((one) => ({ ...one, state: 'broken' as const })),
      });
      await deep(canvasElement, 'parley-banner');
      await painted();
    });
    await expect(shifts).toEqual([]);
    await expect(line()).toBe(before);
  },
};

/** What waits to be pressed at the foot is not covered either. */
export const StripsOverTheFirstForm: Story = {
  args: {
    newcomer: true,
    scenario: { snapshot: { phase: 'unclaimed', self: null, insecure: true } },
  },
  play: async ({ canvasElement }) => {
    const start = await button(canvasElement, 'Start chatting');
    const strip = await deep(canvasElement, 'parley-banner');
    await expect(start.getBoundingClientRect().bottom).toBeLessThanOrEqual(
      strip.getBoundingClientRect().top,
    );
  },
};
