import type { Meta, StoryObj } from '@storybook/web-components-vite';
import '../../../widget/src/elements/toast/toast.js';

const meta: Meta = {
  title: 'Parts/Toast',
  component: 'parley-toast',
  parameters: { space: 'card' },
  args: { text: 'Copied' },
};
export default meta;
type Story = StoryObj;

export const Toast: Story = {};
