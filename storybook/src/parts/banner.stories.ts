import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import '../../../widget/src/elements/banner/banner.js';
import '../../../widget/src/elements/button/button.js';

const meta: Meta = {
  title: 'Parts/Banner',
  component: 'parley-banner',
  parameters: { space: 'card' },
  args: { tone: 'info', icon: 'offline' },
  argTypes: { tone: { control: 'select', options: ['info', 'warning', 'danger'] } },
  render: ({ tone, icon }) =>
    html`<parley-banner .tone=${tone} .icon=${icon}>
      Something that stands here as long as it is so.
      <parley-button slot="action" variant="ghost">Decide</parley-button>
    </parley-banner>`,
};
export default meta;
type Story = StoryObj;

export const Info: Story = {};
export const Warning: Story = { args: { tone: 'warning', icon: 'lock-open' } };
export const Danger: Story = { args: { tone: 'danger', icon: 'shield-alert' } };
export const InfoDark: Story = { ...Info, globals: { theme: 'dark' } };
export const WarningDark: Story = { ...Warning, globals: { theme: 'dark' } };
export const DangerDark: Story = { ...Danger, globals: { theme: 'dark' } };
