import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import '../../../widget/src/elements/icon/icon.js';
import { icons } from '../../../widget/src/elements/icon/icons.js';

const names = Object.keys(icons);

const meta: Meta = {
  title: 'Parts/Icon',
  component: 'parley-icon',
  parameters: { space: 'card' },
  args: { name: 'lock', label: 'Lock' },
  argTypes: { name: { control: 'select', options: names } },
};
export default meta;
type Story = StoryObj;

export const Icon: Story = {};
export const All: Story = {
  render: () =>
    html`<p>
      ${names.map((name) => html`<parley-icon name=${name} label=${name}></parley-icon> `)}
    </p>`,
};
export const RightToLeft: Story = { ...All, globals: { language: 'ar' } };
