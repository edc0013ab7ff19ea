import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import '../../widget/src/elements/app/app.js';
import type { ClientSnapshot } from '../../widget/src/core/snapshot.js';
import { aCall, conversations, longTalk, mira, summary, talk } from './people.js';
import { ScriptedClient, type Scenario } from './scripted-client.js';

interface Args {
  scenario: Scenario;
}

const used: Partial<ClientSnapshot> = { conversations: conversations(), unread: 16 };

const meta: Meta<Args> = {
  title: 'Widget',
  component: 'parley-app',
  parameters: { space: 'panel' },
  render: ({ scenario }, { globals }) =>
    html`<parley-app
      open
      .client=${new ScriptedClient(scenario)}
      theme=${globals['theme'] === 'dark' ? 'dark' : 'light'}
      lang=${String(globals['language'])}
    ></parley-app>`,
};
export default meta;
type Story = StoryObj<Args>;

export const FirstVisit: Story = {
  args: { scenario: { snapshot: { phase: 'unclaimed', self: null } } },
};
export const Empty: Story = { args: { scenario: {} } };
export const Conversations: Story = {
  args: { scenario: { snapshot: used, messages: { mira: talk() }, reply: 'Of course.' } },
};
export const LongHistory: Story = {
  args: {
    scenario: {
      snapshot: { conversations: [summary('mira', mira, longTalk(1200))] },
      messages: { mira: longTalk(1200) },
    },
  },
};

const inUse = (more: Partial<ClientSnapshot>): Scenario => ({
  snapshot: { ...used, ...more },
  messages: { mira: talk() },
});

export const IncomingCall: Story = {
  args: { scenario: inUse({ call: aCall({ phase: 'incoming', direction: 'in' }) }) },
};
export const IncomingVideoCall: Story = {
  args: { scenario: inUse({ call: aCall({ phase: 'incoming', direction: 'in', video: true }) }) },
};
export const OutgoingCall: Story = {
  args: { scenario: inUse({ call: aCall({ phase: 'ringing' }) }) },
};
export const InVoiceCall: Story = {
  args: {
    scenario: inUse({
      call: aCall({
        phase: 'active',
        activeSince: Date.now() - 83_000,
        remote: { audio: true, video: false },
      }),
    }),
  },
};
export const InVideoCall: Story = {
  args: {
    scenario: inUse({
      call: aCall({
        phase: 'active',
        video: true,
        camera: 'on',
        activeSince: Date.now() - 83_000,
        remote: { audio: true, video: true },
      }),
    }),
  },
};
export const CallEnded: Story = {
  args: { scenario: inUse({ call: aCall({ phase: 'ended', outcome: 'declined' }) }) },
};
export const CallWithoutMicrophone: Story = {
  args: {
    scenario: inUse({
      call: aCall({ phase: 'ended', outcome: 'failed', problem: { code: 'microphone_denied' } }),
    }),
  },
};
export const Closed: Story = {
  args: {
    scenario: {
      snapshot: { phase: 'closed', self: null, problem: { code: 'crypto_unavailable' } },
    },
  },
};
export const Offline: Story = {
  args: { scenario: inUse({ connection: 'offline', insecure: true }) },
};
