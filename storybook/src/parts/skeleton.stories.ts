import type { Meta, StoryObj } from '@storybook/web-components-vite';
import '../../../widget/src/elements/skeleton/skeleton.js';

const meta: Meta = {
  title: 'Parts/Skeleton',
  component: 'parley-skeleton',
  parameters: { space: 'card' },
  args: { kind: 'list', count: 3 },
};
export default meta;
type Story = StoryObj;

export const List: Story = {};
export const Messages: Story = { args: { kind: 'messages', count: 5 } };
