import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { expect, userEvent } from 'storybook/test';
import '../../../widget/src/elements/switch/switch.js';
import { deep } from '../support/deep.js';

const meta: Meta = {
  title: 'Parts/Switch',
  component: 'parley-switch',
  parameters: { space: 'card' },
  args: { label: 'Sound', hint: 'For new messages and calls', checked: false },
};
export default meta;
type Story = StoryObj;

export const Off: Story = {};
export const On: Story = { args: { checked: true } };
export const OnDark: Story = { ...On, globals: { theme: 'dark' } };
export const ByKeyboard: Story = {
  play: async ({ canvasElement }) => {
    const control = await deep(canvasElement, '[role="switch"]');
    control.focus();
    await userEvent.keyboard(' ');
    await expect(control).toHaveAttribute('aria-checked', 'true');
  },
};
