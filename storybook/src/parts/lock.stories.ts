import type { Meta, StoryObj } from '@storybook/web-components-vite';
import '../../../widget/src/elements/lock/lock.js';

const meta: Meta = {
  title: 'Parts/Lock',
  component: 'parley-lock',
  parameters: { space: 'card' },
  args: {},
};
export default meta;
type Story = StoryObj;

export const Lock: Story = {};
export const Dark: Story = { globals: { theme: 'dark' } };
export const Hindi: Story = { globals: { language: 'hi' } };
