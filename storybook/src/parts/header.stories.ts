import type { Meta, StoryObj } from '@storybook/web-components-vite';
import '../../../widget/src/elements/header/header.js';

const meta: Meta = {
  title: 'Parts/Header',
  component: 'parley-header',
  parameters: { space: 'card' },
  args: { heading: 'Messages', back: true },
};
export default meta;
type Story = StoryObj;

export const Header: Story = {};
export const Root: Story = { args: { back: false } };
export const RightToLeft: Story = { globals: { language: 'ar' } };
