import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import '../../../widget/src/elements/button/button.js';
import type { ButtonVariant } from '../../../widget/src/elements/button/button.js';

const variants: ButtonVariant[] = [
  'primary',
  'secondary',
  'ghost',
  'plain',
  'danger',
  'danger-ghost',
];

const meta: Meta = {
  title: 'Parts/Button',
  component: 'parley-button',
  parameters: { space: 'card' },
  args: { variant: 'primary', textContent: 'Send again' },
  argTypes: { variant: { control: 'select', options: variants } },
};
export default meta;
type Story = StoryObj;

export const Button: Story = {};
export const Round: Story = {
  args: { icon: 'settings', label: 'Settings', variant: 'plain', textContent: '' },
};
export const Busy: Story = { args: { busy: true } };

export const All: Story = {
  render: () =>
    html`${variants.map(
      (variant) =>
        html`<p>
          <parley-button variant=${variant}>Send again</parley-button>
          <parley-button variant=${variant} icon="copy">Copy</parley-button>
          <parley-button variant=${variant} busy>Send again</parley-button>
          <parley-button variant=${variant} disabled>Send again</parley-button>
          <parley-button variant=${variant} icon="settings" label="Settings"></parley-button>
        </p>`,
    )}`,
};
export const AllDark: Story = { ...All, globals: { theme: 'dark' } };
