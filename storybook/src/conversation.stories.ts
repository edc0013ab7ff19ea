import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import { expect, userEvent, waitFor } from 'storybook/test';
import '../../widget/src/elements/conversation/conversation.js';
import type { ThreadView } from '../../widget/src/elements/conversation/conversation.js';
import type { ConversationSummary, Message, Problem } from '../../widget/src/core/snapshot.js';
import { deep, deepAll, text } from './support/deep.js';
import { inPanel } from './support/frame.js';
import {
  inConversation,
  june,
  layla,
  message,
  mira,
  summary,
  talk,
  tom,
} from './support/people.js';

interface Args {
  conversation: ConversationSummary;
  view: ThreadView | null;
  draft: string;
  refused: { text: string; problem: Problem } | null;
}

const view = (messages: readonly Message[], more: Partial<ThreadView> = {}): ThreadView => ({
  messages,
  hasOlder: false,
  hasNewer: false,
  loading: false,
  unreadAfter: null,
  unreadCount: 0,
  ...more,
});

const meta: Meta<Args> = {
  title: 'Conversation',
  component: 'parley-conversation',
  parameters: { space: 'panel' },
  args: {
    conversation: summary('mira', mira, { messages: talk() }),
    view: view(talk()),
    draft: '',
    refused: null,
  },
  render: ({ conversation, view: shown, draft, refused }) =>
    inPanel(
      html`<parley-conversation
        .conversation=${conversation}
        .view=${shown}
        .draft=${draft}
        .refused=${refused}
      ></parley-conversation>`,
    ),
};
export default meta;
type Story = StoryObj<Args>;

export const Talk: Story = {};
export const TalkDark: Story = { globals: { theme: 'dark' } };
export const TalkHindi: Story = { globals: { language: 'hi' } };
export const TalkRightToLeft: Story = { globals: { language: 'ar' } };
export const TalkOnAPhone: Story = { globals: { viewport: { value: 'phone' } } };
export const TalkOnASmallPhone: Story = { globals: { viewport: { value: 'small' } } };

export const Loading: Story = { args: { view: view([], { loading: true }) } };
export const Unread: Story = {
  args: { view: view(talk(), { unreadAfter: 10 }) },
  play: ({ canvasElement }) => text(canvasElement, '2 new messages'),
};
export const Fresh: Story = {
  args: {
    conversation: summary('tom', tom),
    view: view(
      inConversation('tom', [
        message('peer', 1, { body: { type: 'notice', notice: 'encrypted' } }),
      ]),
    ),
  },
};
export const NotYetOpened: Story = {
  args: {
    conversation: summary('tom', tom, { state: 'starting' }),
    view: view(inConversation('tom', [message('self', 1, 'Hello Tom')])),
  },
};
export const Repairing: Story = {
  args: { conversation: summary('mira', mira, { state: 'broken', messages: talk() }) },
};
export const KeyChanged: Story = {
  args: { conversation: summary('june', june, { messages: talk() }) },
};

export const Sending: Story = {
  args: {
    view: view(
      inConversation('mira', [
        message('peer', 9, 'Are you on the train?'),
        message('self', 0, { body: 'Just left', status: 'sending' }),
        message('self', 0, { body: 'I will be there at ten', status: 'sending' }),
      ]),
    ),
  },
};
export const Failed: Story = {
  args: {
    view: view(
      inConversation('mira', [
        message('peer', 9, 'Are you on the train?'),
        message('self', 0, { body: 'Just left, I will be there at ten', status: 'failed' }),
      ]),
    ),
  },
};
export const Undecryptable: Story = {
  args: {
    view: view(
      inConversation('mira', [
        message('peer', 9, 'Here is the address'),
        message('peer', 8, { body: { type: 'undecryptable', pending: true } }),
        message('peer', 6, { body: { type: 'undecryptable', pending: false } }),
        message('self', 2, 'It did not come through'),
      ]),
    ),
  },
};
export const Notices: Story = {
  args: {
    view: view(
      inConversation(
        'mira',
        (
          [
            'encrypted',
            'verified',
            'device_added',
            'device_removed',
            'key_changed',
            'key_accepted',
            'rejoined',
            'copied',
            'gap',
            'disordered',
          ] as const
        ).map((notice) => message('peer', 9, { body: { type: 'notice', notice } })),
      ),
    ),
  },
};
export const Calls: Story = {
  args: {
    view: view(
      inConversation(
        'mira',
        (
          [
            ['peer', 'missed', false, 0],
            ['peer', 'missed', true, 0],
            ['peer', 'ended', false, 63],
            ['self', 'ended', true, 4210],
            ['self', 'declined', false, 0],
            ['self', 'cancelled', true, 0],
            ['self', 'busy', false, 0],
            ['peer', 'ongoing', false, 0],
          ] as const
        ).map(([author, outcome, video, seconds], index) =>
          message(author, 90 - index * 9, {
            body: { type: 'call', callId: `c${String(index)}` as never, video, outcome, seconds },
          }),
        ),
      ),
    ),
  },
};
export const Emoji: Story = {
  args: {
    view: view(
      inConversation('mira', [
        message('peer', 20, '🎉'),
        message('self', 19, '👩🏽‍🌾❤️🇮🇳'),
        message('peer', 10, '🙂🙂🙂🙂'),
        message('self', 9, 'Fine 🙂'),
      ]),
    ),
  },
};
export const Hostile: Story = {
  args: {
    conversation: summary('layla', layla),
    view: view(
      inConversation('layla', [
        message('peer', 30, 'مرحبا، الرابط https://bazaar.example/سلة وهو آمن'),
        message('peer', 29, 'https://xn--pple-43d.com and https://аррle.com/login look alike'),
        message(
          'peer',
          28,
          'javascript:alert(1) https://bank.example@evil.example/ <img src=x onerror=alert(1)>',
        ),
        message('peer', 27, `one${'w'.repeat(300)}word`),
        message('self', 26, 'ok \u202Etxt.exe'),
      ]),
    ),
  },
  play: async ({ canvasElement }) => {
    await text(canvasElement, 'look alike');
    const links = deepAll(canvasElement, 'a');
    await expect(links).toHaveLength(3);
    for (const link of links) {
      await expect(link.getAttribute('href')).toMatch(/^https:/u);
      await expect(link.getAttribute('rel')).toBe('noopener noreferrer');
    }
    await expect(links[2]?.textContent).toContain('https://xn--le-6kc8da.com/login');
    const log = await deep(canvasElement, '[role="log"]');
    await expect(log.scrollWidth).toBeLessThanOrEqual(log.clientWidth);
  },
};

export const LongDraft: Story = {
  args: { draft: Array.from({ length: 12 }, (_, line) => `Line ${String(line + 1)}`).join('\n') },
  play: async ({ canvasElement }) => {
    const area = await deep(canvasElement, 'textarea');
    await waitFor(() => expect(area.clientHeight).toBe(146));
  },
};
export const NearTheLimit: Story = {
  args: { draft: 'a'.repeat(7_990) },
  play: ({ canvasElement }) => text(canvasElement, '10 characters left'),
};
export const AtTheLimit: Story = {
  args: { draft: 'a'.repeat(8_000) },
  play: ({ canvasElement }) => text(canvasElement, '0 characters left'),
};
export const AboveTheLimit: Story = {
  args: { draft: 'a'.repeat(8_001) },
  play: async ({ canvasElement }) => {
    await text(canvasElement, '1 character too many');
    const area = await deep(canvasElement, 'textarea');
    area.focus();
    await userEvent.keyboard('{Enter}');
    await expect(area).toHaveValue('a'.repeat(8_001));
  },
};
export const Refused: Story = {
  args: { refused: { text: 'Shall we meet at the gate?', problem: { code: 'storage_full' } } },
};
export const ArrowKeysWalk: Story = {
  play: async ({ canvasElement }) => {
    const log = await deep(canvasElement, '[role="log"]');
    await text(canvasElement, 'wrapped');
    log.focus();
    await userEvent.keyboard('{ArrowUp}{ArrowUp}');
    const lines = deepAll(canvasElement, 'parley-message');
    await expect(lines.at(-2)?.shadowRoot?.activeElement).not.toBeNull();
  },
};
