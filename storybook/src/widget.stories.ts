import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { expect, userEvent, waitFor } from 'storybook/test';
import type { ClientSnapshot } from '../../widget/src/core/snapshot.js';
import { button, deep, deepAll, focused, noText, text, textOf } from './support/deep.js';
import {
  aCall,
  asConversationId,
  conversations,
  longTalk,
  mira,
  summary,
  talk,
} from './support/people.js';
import { movingLight } from './support/picture.js';
import type { Scenario } from './support/scripted-client.js';
import { appIn, clientIn, renderWidget, type WidgetArgs } from './support/whole-widget.js';

interface Args extends WidgetArgs {
  pictures?: boolean;
}

const used = (more: Partial<ClientSnapshot> = {}): Scenario => ({
  snapshot: { conversations: conversations(), unread: 16, ...more },
  messages: { mira: talk() },
});

/** The whole widget, driven by a scripted client: it can be used by hand. */
const meta: Meta<Args> = {
  title: 'Widget',
  component: 'parley-app',
  parameters: { space: 'panel' },
  render: ({ pictures = false, ...args }, context) =>
    renderWidget(
      pictures
        ? { ...args, mediaStreams: { local: movingLight(205), remote: movingLight(32) } }
        : args,
      context,
    ),
};
export default meta;
type Story = StoryObj<Args>;

/** Waits until something is so. Comparing elements by `expect` would print them, which takes seconds. */
const until = (isSo: () => boolean): Promise<void> =>
  waitFor(
    () => {
      if (!isSo()) throw new Error(`not so: ${isSo.toString()}`);
    },
    { timeout: 4000 },
  );

export const Starting: Story = {
  args: { scenario: { snapshot: { phase: 'starting', self: null } } },
};

/** What a newcomer writes while the client still starts stays, and so does the focus. */
export const StartingForANewcomer: Story = {
  args: { scenario: { snapshot: { phase: 'starting', self: null } }, newcomer: true },
  play: async ({ canvasElement }) => {
    const field = await deep(canvasElement, 'input');
    await until(() => focused() === field);
    await userEvent.type(field, 'mira_s');
    clientIn(canvasElement).change({ phase: 'unclaimed' });
    await text(canvasElement, '@mira_s is free');
    await expect(field).toHaveValue('mira_s');
    await expect(focused() === field).toBe(true);
  },
};

/** Whoever uses the keyboard is never left on the page behind. */
export const FocusGoesAlong: Story = {
  args: { scenario: { snapshot: { phase: 'starting', self: null } } },
  play: async ({ canvasElement }) => {
    await until(() => focused()?.tagName === 'H1');
    clientIn(canvasElement).change({ phase: 'unclaimed' });
    const field = await deep(canvasElement, 'input');
    await until(() => focused() === field);
    await userEvent.type(field, 'mira_s{Enter}');
    await text(canvasElement, 'Nothing here yet');
    await until(() => textOf(focused() ?? canvasElement) === 'New message');
  },
};

export const FirstVisit: Story = {
  args: { scenario: { snapshot: { phase: 'unclaimed', self: null } } },
  play: async ({ canvasElement }) => {
    const field = await deep(canvasElement, 'input');
    await userEvent.type(field, 'mira');
    await text(canvasElement, 'Taken. Try another.');
    await userEvent.type(field, '_s');
    await text(canvasElement, '@mira_s is free');
    await userEvent.click(await button(canvasElement, 'Start chatting'));
    await text(canvasElement, 'Nothing here yet');
    await text(canvasElement, '@mira_s@lumen.example');
  },
};

export const Empty: Story = { args: { scenario: {} } };

export const Conversations: Story = { args: { scenario: { ...used(), reply: 'Of course.' } } };
export const ConversationsDark: Story = { ...Conversations, globals: { theme: 'dark' } };
export const ConversationsHindi: Story = { ...Conversations, globals: { language: 'hi' } };
export const ConversationsRightToLeft: Story = { ...Conversations, globals: { language: 'ar' } };
export const ConversationsOnAPhone: Story = {
  ...Conversations,
  globals: { viewport: { value: 'phone' } },
};

export const WriteAndBeAnswered: Story = {
  args: { scenario: { ...used(), reply: 'Of course.' } },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^Mira Sandoval/u));
    const area = await deep(canvasElement, 'textarea');
    await until(() => focused() === area);
    await userEvent.type(
      area,
      'One more thing{Shift>}{Enter}{/Shift}could you bring the lids?{Enter}',
    );
    await text(canvasElement, 'could you bring the lids?');
    await expect(area).toHaveValue('');
    await expect(focused() === area).toBe(true);
    await waitFor(() => expect(deepAll(canvasElement, '[aria-label="Sending"]')).toHaveLength(0));
    await text(canvasElement, 'Of course.');
    const sent = clientIn(canvasElement).asked.find(({ type }) => type === 'send_text');
    await expect(sent).toMatchObject({ text: 'One more thing\ncould you bring the lids?' });
  },
};

export const DraftIsKept: Story = {
  args: { scenario: used() },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^Mira Sandoval/u));
    await userEvent.type(await deep(canvasElement, 'textarea'), 'I was about to say');
    await userEvent.keyboard('{Escape}');
    await text(canvasElement, 'I was about to say');
    // Back where one came from.
    await waitFor(() => expect((focused() as HTMLElement).dataset['id']).toBe('mira'));
    await userEvent.click(await button(canvasElement, /^Mira Sandoval/u));
    await expect(await deep(canvasElement, 'textarea')).toHaveValue('I was about to say');
  },
};

export const FromOneStraightToAnother: Story = {
  args: { scenario: used() },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^Mira Sandoval/u));
    await userEvent.type(await deep(canvasElement, 'textarea'), 'For Mira');
    await text(canvasElement, 'wrapped');
    appIn(canvasElement).show(asConversationId('tom'));
    await text(canvasElement, '@tomasz@lumen.example');
    await noText(canvasElement, 'wrapped');
    await expect(await deep(canvasElement, 'textarea')).toHaveValue('');
  },
};

export const ArrivalIsAnnounced: Story = {
  args: { scenario: used() },
  play: async ({ canvasElement }) => {
    await button(canvasElement, /^Mira Sandoval/u);
    clientIn(canvasElement).arrive(asConversationId('arjun'), 'नमस्ते');
    await text(canvasElement, '\u2068अर्जुन कपूर\u2069: \u2068नमस्ते\u2069');
    await button(canvasElement, /^अर्जुन कपूर.*नमस्ते.*1 unread message/u);
  },
};

export const NobodyHasThisHandleHindi: Story = {
  args: { scenario: used() },
  globals: { language: 'hi' },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, 'नया संदेश'));
    await userEvent.type(await deep(canvasElement, 'input'), 'nobody{Enter}');
    await text(canvasElement, 'lumen.example पर यह हैंडल किसी का नहीं है।');
  },
};

export const NewMessageByAddress: Story = {
  args: { scenario: used() },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, 'New message'));
    const field = (await deep(canvasElement, 'input')) as HTMLInputElement;
    await until(() => focused() === field);
    await userEvent.type(field, 'nobody{Enter}');
    await text(canvasElement, 'Nobody of lumen.example has this handle. Others are @handle@site.');
    await userEvent.type(field, '@ravi@orchard.example{Enter}', {
      initialSelectionStart: 0,
      initialSelectionEnd: field.value.length,
    });
    await deep(canvasElement, 'textarea');
    await text(canvasElement, '@ravi@orchard.example');
  },
};

export const LongHistory: Story = {
  args: {
    scenario: {
      snapshot: { conversations: [summary('mira', mira, { messages: longTalk(1200) })] },
      messages: { mira: longTalk(1200) },
    },
  },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^Mira Sandoval/u));
    await text(canvasElement, '(1200)');
    const log = await deep(canvasElement, '[role="log"]');
    const lines = (): HTMLElement[] => deepAll(canvasElement, 'parley-message');
    await until(() => lines().length > 40);
    // Up, page by page: what is in view stays in view.
    for (let page = 0; page < 9; page += 1) {
      const before = lines()[0];
      log.scrollTop = 300;
      await until(() => lines()[0] !== before);
    }
    await expect(lines().length).toBeLessThanOrEqual(400);
    const latest = await button(canvasElement, /To the latest messages/u);
    await userEvent.click(latest);
    await waitFor(() =>
      expect(log.scrollHeight - log.scrollTop - log.clientHeight).toBeLessThan(30),
    );
    await text(canvasElement, '(1200)');
  },
};

export const NewWhileReadingAbove: Story = {
  args: LongHistory.args ?? {},
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^Mira Sandoval/u));
    const log = await deep(canvasElement, '[role="log"]');
    await text(canvasElement, '(1200)');
    await waitFor(() => expect(log.scrollTop).toBeGreaterThan(900));
    log.scrollTop -= 800;
    await button(canvasElement, 'To the latest messages');
    const top = log.scrollTop;
    clientIn(canvasElement).arrive(asConversationId('mira'), 'Are you there');
    await button(canvasElement, '1 new: To the latest messages');
    await expect(Math.abs(log.scrollTop - top)).toBeLessThan(3);
  },
};

export const RefusedTextComesBack: Story = {
  args: { scenario: { ...used(), failures: { send_text: 'storage_full' } } },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^Mira Sandoval/u));
    const area = await deep(canvasElement, 'textarea');
    await userEvent.type(area, 'Keep this{Enter}');
    await text(canvasElement, 'There is no space left on this device.');
    await expect(area).toHaveValue('Keep this');
  },
};

export const ChangedKeyInterrupts: Story = {
  args: { scenario: used() },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^June Park/u));
    await text(canvasElement, 'Their key has changed');
    await userEvent.click(await button(canvasElement, 'Accept the new key'));
    await noText(canvasElement, 'Nothing is sent until you decide.');
  },
};

export const CompareSafetyNumbers: Story = {
  args: { scenario: used() },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^@tomasz/u));
    await userEvent.click(await button(canvasElement, 'End-to-end encrypted. What this means'));
    await userEvent.click(await button(canvasElement, 'Compare safety numbers'));
    await text(canvasElement, '10267');
    await userEvent.click(await button(canvasElement, 'Mark as verified'));
    await text(canvasElement, 'You have verified this person.');
  },
};

export const SheetGivesFocusBack: Story = {
  args: { scenario: used() },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^@tomasz/u));
    const lock = await button(canvasElement, 'End-to-end encrypted. What this means');
    lock.focus();
    await userEvent.click(lock);
    await deep(canvasElement, '[role="dialog"][aria-modal="true"]');
    await userEvent.keyboard('{Escape}');
    await noText(canvasElement, 'Only the two of you');
    await until(() => focused() === lock);
  },
};

export const SignOut: Story = {
  args: { scenario: used() },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, 'Settings'));
    await userEvent.click(await button(canvasElement, 'Sign out of this device'));
    await text(canvasElement, '@noor@lumen.example is given up');
    await userEvent.click(await button(canvasElement, 'Erase and sign out'));
    await text(canvasElement, 'You signed out.');
  },
};

export const CallUnavailable: Story = {
  args: { scenario: used({ calls: 'need_https' }) },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^Mira Sandoval/u));
    await userEvent.click(await button(canvasElement, 'Voice call'));
    await text(canvasElement, 'Calls need a page opened over https');
  },
};

/** The server had no calls when the page connected: it is asked again, and may have them now. */
export const CallAvailableAgain: Story = {
  args: { scenario: used({ calls: 'unavailable' }) },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, /^Mira Sandoval/u));
    await userEvent.click(await button(canvasElement, 'Voice call'));
    await text(canvasElement, 'Ringing');
  },
};

export const AnswerAndHangUp: Story = {
  args: {
    scenario: used({ call: aCall({ phase: 'incoming', direction: 'in', video: true }) }),
    pictures: true,
  },
  play: async ({ canvasElement }) => {
    await userEvent.click(await button(canvasElement, 'Answer with video'));
    await userEvent.click(await button(canvasElement, 'Mute'));
    await text(canvasElement, 'You are muted');
    const self = await button(canvasElement, /^Your picture/u);
    self.focus();
    await userEvent.keyboard('{ArrowLeft}{ArrowDown}');
    await waitFor(() => expect(self.className).toContain('bottom left'));
    await userEvent.click(await button(canvasElement, 'Hang up'));
    // One's own hanging up needs no screen.
    await until(() => deepAll(canvasElement, 'parley-call').length === 0);
    await text(canvasElement, 'Messages');
  },
};

export const Offline: Story = { args: { scenario: used({ connection: 'offline' }) } };
/** Not at once: a page that opens has a connection before one could read that it had none. */
export const Connecting: Story = {
  args: { scenario: used({ connection: 'connecting' }) },
  play: async ({ canvasElement }) => {
    await button(canvasElement, /^Mira Sandoval/u);
    await until(() => deepAll(canvasElement, 'parley-banner').length === 1);
  },
};
export const Insecure: Story = {
  args: { scenario: used({ insecure: true, calls: 'need_https' }) },
};
export const StorageFull: Story = {
  args: { scenario: used({ problem: { code: 'storage_full' } }) },
  play: ({ canvasElement }) => text(canvasElement, 'goes on by itself'),
};
export const ServerTrouble: Story = {
  args: { scenario: used({ problem: { code: 'server_error' } }) },
  play: ({ canvasElement }) => text(canvasElement, 'goes on by itself'),
};
export const ServerTroubleHindi: Story = {
  args: { scenario: used({ problem: { code: 'server_error' } }) },
  globals: { language: 'hi' },
};
export const TooManyOfAll: Story = {
  args: { scenario: used({ problem: { code: 'too_many' } }) },
  play: ({ canvasElement }) => text(canvasElement, 'goes on by itself'),
};
export const AnswerMalformed: Story = {
  args: { scenario: used({ problem: { code: 'answer_malformed' } }) },
};
export const ServerBack: Story = {
  args: { scenario: used({ problem: { code: 'server_back' } }) },
};
export const ClockWrong: Story = {
  args: { scenario: used({ problem: { code: 'clock_wrong' } }) },
};
export const MemberRefused: Story = {
  args: { scenario: used({ problem: { code: 'member_refused' } }) },
};
/** Nothing is erased by it, and the way on is to erase. */
export const DeviceRevoked: Story = {
  args: { scenario: used({ phase: 'signed_out', problem: { code: 'device_revoked' } }) },
  play: async ({ canvasElement }) => {
    await text(canvasElement, 'this device was signed out');
    await noText(canvasElement, 'You signed out.');
    await userEvent.click(await button(canvasElement, 'Erase and start anew'));
    await userEvent.click(await button(canvasElement, 'Erase and sign out'));
    await text(canvasElement, 'You signed out.');
  },
};
