import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import '../../../widget/src/elements/avatar/avatar.js';

const meta: Meta = {
  title: 'Parts/Avatar',
  component: 'parley-avatar',
  parameters: { space: 'card' },
  args: { name: 'Mira Sandoval', hue: 32 },
  argTypes: { hue: { control: { type: 'range', min: 0, max: 359 } } },
};
export default meta;
type Story = StoryObj;

const people = [
  'Mira Sandoval',
  'अर्जुन कपूर',
  'ليلى حداد',
  '@tomasz@lumen.example',
  '山田 太郎',
  '👩🏽‍🌾 Farm',
  '  ',
];

export const Avatar: Story = {};
export const Names: Story = {
  render: () =>
    html`<p>
      ${people.map((name, index) => html`<parley-avatar name=${name} hue=${index * 51}></parley-avatar> `)}
    </p>`,
};
export const Hues: Story = {
  render: () =>
    html`<p>
      ${Array.from({ length: 24 }, (_, index) => html`<parley-avatar name="Ab Cd" hue=${index * 15}></parley-avatar> `)}
    </p>`,
};
export const HuesDark: Story = { ...Hues, globals: { theme: 'dark' } };
