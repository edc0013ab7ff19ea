import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import '../../widget/src/elements/app/app.js';
import type { ClientSnapshot } from '../../widget/src/core/snapshot.js';
import { conversations, longTalk, summary, talk, mira } from './people.js';
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

export const FirstVisit: Story = { args: { scenario: { snapshot: { phase: 'unclaimed', self: null } } } };
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
