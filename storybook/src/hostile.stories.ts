/** What a member with a modified client can put on somebody's screen, at its worst. */
import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { expect, userEvent, waitFor } from 'storybook/test';
import type { Person } from '../../widget/src/core/snapshot.js';
import { button, deep, deepAll, text } from './support/deep.js';
import {
  aCall,
  asConversationId,
  conversations,
  inConversation,
  longTalk,
  message,
  mira,
  person,
  summary,
} from './support/people.js';
import type { Scenario } from './support/scripted-client.js';
import { clientIn, renderWidget, type WidgetArgs } from './support/whole-widget.js';

const meta: Meta<WidgetArgs> = {
  title: 'Hostile content',
  component: 'parley-app',
  parameters: { space: 'panel' },
  render: renderWidget,
};
export default meta;
type Story = StoryObj<WidgetArgs>;

const script = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';
const marks = `a${'\u0301\u0323\u0488'.repeat(2_667)}`.slice(0, 8_000);

const talkOf = (texts: readonly string[]): Scenario => {
  const messages = inConversation(
    'mira',
    texts.map((one, index) => message('peer', 60 - index, one)),
  );
  return {
    snapshot: { conversations: [summary('mira', mira, { messages })] },
    messages: { mira: messages },
  };
};

/** Opens the talk and expects the thread to be no wider than it is, and every text to be cut at its bubble. */
const staysInside: NonNullable<Story['play']> = async ({ canvasElement }) => {
  await userEvent.click(await button(canvasElement, /^Mira Sandoval/u));
  const log = await deep(canvasElement, '[role="log"]');
  await waitFor(() => expect(deepAll(canvasElement, '.text').length).toBeGreaterThan(0));
  await expect(log.scrollWidth).toBeLessThanOrEqual(log.clientWidth);
  for (const bubble of deepAll(canvasElement, '.text'))
    await expect(getComputedStyle(bubble).overflowX).toBe('clip');
  await expect('pwned' in window).toBe(false);
};

export const MarksUponMarks: Story = {
  args: { scenario: talkOf(['Before', marks, 'After']) },
  play: staysInside,
};
export const MarksUponMarksDark: Story = { ...MarksUponMarks, globals: { theme: 'dark' } };
export const WithoutABreak: Story = {
  args: { scenario: talkOf(['w'.repeat(8_000), 'After']) },
  play: staysInside,
};
/** Eight thousand lines are folded: what came before them is one swipe away. */
export const OnlyBreaks: Story = {
  args: { scenario: talkOf([`a${'\n'.repeat(7_998)}z`, 'After']) },
  play: async (context) => {
    await staysInside(context);
    const { canvasElement } = context;
    const [bubble] = deepAll(canvasElement, '.bubble');
    await expect(bubble?.clientHeight).toBeLessThan(520);
    await userEvent.click(await button(canvasElement, 'Read more'));
    await waitFor(() => expect(bubble?.clientHeight).toBeGreaterThan(100_000));
  },
};
export const ThousandsOfEmoji: Story = {
  args: { scenario: talkOf(['👩🏽‍🌾'.repeat(1_000), 'After']) },
  play: staysInside,
};
export const Turned: Story = {
  args: {
    scenario: talkOf([
      '\u202Egnp.exe',
      '\u2067\u2067\u2067 never closed \u202B nor this',
      'שלום 12:30 (English) مرحبا',
      `null \u0000 and \u0007 bell`,
    ]),
  },
  play: staysInside,
};
export const Markup: Story = {
  args: {
    scenario: talkOf([
      script,
      '{"__proto__":{"pwned":1}} ${window.pwned=1} {{constructor.constructor("pwned=1")()}}',
      'javascript:pwned=1 data:text/html,<script>pwned=1</script> blob:https://x/y vbscript:x',
      'https://bank.example:pw@evil.example/ https://gооgle.com/ https://evil.example\u202Emoc.knab',
    ]),
  },
  play: async (context) => {
    await staysInside(context);
    const links = deepAll(context.canvasElement, 'parley-message').flatMap((line) => [
      ...(line.shadowRoot?.querySelectorAll('a') ?? []),
    ]);
    await expect(links.map(({ href }) => href)).toEqual([
      'https://x/y',
      'https://xn--ggle-55da.com/',
      'https://evil.examplemoc.knab/',
    ]);
  },
};

const disguised: [string, Partial<Person>][] = [
  ['@one', { displayName: script }],
  ['@two', { displayName: 'W'.repeat(64) }],
  ['@three', { displayName: `Z${'\u0301\u0323\u0488\u0301'.repeat(15)}` }],
  ['@four', { displayName: 'ﷺ'.repeat(30) }],
  ['@admin_parley', { displayName: 'Parley, the support' }],
  ['@rn', { displayName: 'Міrа Ѕаndоvаl' }],
];
const strangers = disguised.map(([handle, more], index) =>
  person(`${handle}@bazaar.example`, 40 * index, more),
);

/** Names as they could be at the most: the core takes worse away before. */
export const Names: Story = {
  args: {
    scenario: {
      snapshot: {
        conversations: strangers.map((peer, index) =>
          summary(`s${String(index)}`, peer, {
            messages: inConversation('s', [message('peer', index, marks)]),
          }),
        ),
      },
    },
  },
  play: async ({ canvasElement }) => {
    await text(canvasElement, 'Parley, the support');
    const list = await deep(canvasElement, '.scroll');
    await expect(list.scrollWidth).toBeLessThanOrEqual(list.clientWidth);
    await expect('pwned' in window).toBe(false);
  },
};
export const NamesRightToLeft: Story = { ...Names, globals: { language: 'ar' } };

export const AStrangerRings: Story = {
  args: {
    scenario: {
      snapshot: {
        conversations: conversations(),
        call: aCall({
          phase: 'incoming',
          direction: 'in',
          peer: person('@abcdefghijklmnopqrstuvwxyz_012@a-very-long-name.of-a-site.example', 10, {
            displayName: 'W'.repeat(64),
          }),
        }),
      },
    },
  },
  play: async ({ canvasElement }) => {
    const decline = await button(canvasElement, 'Decline');
    const face = await deep(canvasElement, '.face');
    await expect(face.scrollWidth).toBeLessThanOrEqual(face.clientWidth);
    await expect(decline.getBoundingClientRect().bottom).toBeLessThanOrEqual(innerHeight);
  },
};

const flood = 1_000;
export const Flood: Story = {
  args: {
    scenario: {
      snapshot: { conversations: [summary('mira', mira, { messages: longTalk(300) })] },
      messages: { mira: longTalk(300) },
    },
  },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^Mira Sandoval/u));
    const log = await deep(canvasElement, '[role="log"]');
    await text(canvasElement, '(300)');
    const spoken: string[] = [];
    const status = await deep(canvasElement, 'p.sr[role="status"]');
    const ear = new MutationObserver(() => spoken.push(status.textContent));
    ear.observe(status, { childList: true, characterData: true, subtree: true });
    // A direction that is set, even to the same, has everything below it styled anew.
    const redirected: MutationRecord[] = [];
    const eye = new MutationObserver((records) => redirected.push(...records));
    eye.observe(await deep(canvasElement, 'parley-app'), { attributeFilter: ['dir'] });
    const client = clientIn(canvasElement);
    for (let sent = 0; sent < flood; sent += 1) {
      client.arrive(asConversationId('mira'), `flood ${String(sent)}`);
      if (sent % 100 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    await text(canvasElement, `flood ${String(flood - 1)}`);
    ear.disconnect();
    eye.disconnect();
    await expect(redirected.length).toBe(0);
    await expect(deepAll(canvasElement, 'parley-message').length).toBeLessThanOrEqual(216);
    await waitFor(() =>
      expect(log.scrollHeight - log.scrollTop - log.clientHeight).toBeLessThan(30),
    );
    await expect(spoken.length).toBeLessThan(30);
  },
};
export const FloodWhileReadingAbove: Story = {
  args: Flood.args ?? {},
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^Mira Sandoval/u));
    const log = await deep(canvasElement, '[role="log"]');
    await text(canvasElement, '(300)');
    await waitFor(() => expect(log.scrollTop).toBeGreaterThan(900));
    log.scrollTop -= 700;
    await button(canvasElement, 'To the latest messages');
    const top = log.scrollTop;
    const client = clientIn(canvasElement);
    for (let sent = 0; sent < 200; sent += 1) {
      client.arrive(asConversationId('mira'), `flood ${String(sent)}`);
      if (sent % 20 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    await button(canvasElement, /new: To the latest messages/u);
    await expect(Math.abs(log.scrollTop - top)).toBeLessThan(3);
    await expect(deepAll(canvasElement, 'parley-message').length).toBeLessThanOrEqual(216);
  },
};
