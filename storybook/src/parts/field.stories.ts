import type { Meta, StoryObj } from '@storybook/web-components-vite';
import '../../../widget/src/elements/field/field.js';

const meta: Meta = {
  title: 'Parts/Field',
  component: 'parley-field',
  parameters: { space: 'card' },
  args: { label: 'Handle', lead: '@', trail: '@lumen.example', literal: true, value: 'noor' },
  argTypes: { tone: { control: 'select', options: ['plain', 'busy', 'good', 'bad'] } },
};
export default meta;
type Story = StoryObj;

export const Plain: Story = {
  args: {
    label: 'Display name',
    remark: 'optional',
    lead: '',
    trail: '',
    literal: false,
    value: '',
    note: 'Only the people you write to see it.',
  },
};
export const Busy: Story = { args: { tone: 'busy', note: 'Checking' } };
export const Good: Story = { args: { tone: 'good', note: '@noor is free' } };
export const Bad: Story = { args: { tone: 'bad', note: 'Taken. Try another.' } };
export const BadDark: Story = { ...Bad, globals: { theme: 'dark' } };
export const RightToLeft: Story = { ...Good, globals: { language: 'ar' } };
