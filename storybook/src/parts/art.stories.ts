import type { Meta, StoryObj } from '@storybook/web-components-vite';
import '../../../widget/src/elements/art/art.js';

const meta: Meta = {
  title: 'Parts/Art',
  component: 'parley-art',
  parameters: { space: 'card' },
  args: { name: 'hello' },
};
export default meta;
type Story = StoryObj;

export const Hello: Story = {};
export const Quiet: Story = { args: { name: 'quiet' } };
export const Closed: Story = { args: { name: 'closed' } };
export const HelloDark: Story = { globals: { theme: 'dark' } };
