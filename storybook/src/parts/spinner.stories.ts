import type { Meta, StoryObj } from '@storybook/web-components-vite';
import '../../../widget/src/elements/spinner/spinner.js';

const meta: Meta = {
  title: 'Parts/Spinner',
  component: 'parley-spinner',
  parameters: { space: 'card' },
  args: {},
};
export default meta;
type Story = StoryObj;

export const Spinner: Story = {};
