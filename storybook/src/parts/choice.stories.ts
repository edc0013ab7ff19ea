import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import { expect, userEvent } from 'storybook/test';
import '../../../widget/src/elements/choice/choice.js';
import { deep } from '../support/deep.js';

const meta: Meta = {
  title: 'Parts/Choice',
  component: 'parley-choice',
  parameters: { space: 'card' },
  args: {
    label: 'Appearance',
    value: 'light',
    options: [
      { value: 'auto', label: 'System', icon: 'system' },
      { value: 'light', label: 'Light', icon: 'light' },
      { value: 'dark', label: 'Dark', icon: 'dark' },
    ],
  },
  render: ({ label, value, options }) =>
    html`<parley-choice .label=${label} .value=${value} .options=${options}></parley-choice>`,
};
export default meta;
type Story = StoryObj;

export const Choice: Story = {};
export const Dark: Story = { globals: { theme: 'dark' } };
export const Choosing: Story = {
  play: async ({ canvasElement }) => {
    await userEvent.click(await deep(canvasElement, 'label:last-of-type'));
    await expect(await deep(canvasElement, 'parley-choice')).toHaveProperty('value', 'dark');
  },
};
