import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html, type TemplateResult } from 'lit';
import { expect, userEvent } from 'storybook/test';
import '../../widget/src/elements/art/art.js';
import '../../widget/src/elements/avatar/avatar.js';
import '../../widget/src/elements/banner/banner.js';
import '../../widget/src/elements/button/button.js';
import type { ButtonVariant } from '../../widget/src/elements/button/button.js';
import '../../widget/src/elements/choice/choice.js';
import '../../widget/src/elements/field/field.js';
import '../../widget/src/elements/icon/icon.js';
import { icons } from '../../widget/src/elements/icon/icons.js';
import '../../widget/src/elements/lock/lock.js';
import '../../widget/src/elements/skeleton/skeleton.js';
import '../../widget/src/elements/spinner/spinner.js';
import '../../widget/src/elements/switch/switch.js';
import '../../widget/src/elements/toast/toast.js';
import { deep } from './support/deep.js';

interface Args {
  part: () => TemplateResult;
}

/** The small parts that screens are made of. */
const meta: Meta<Args> = {
  title: 'Parts',
  argTypes: { part: { control: false } },
  render: ({ part }) => html`<div class="card">${part()}</div>`,
};
export default meta;
type Story = StoryObj<Args>;

const part = (content: () => TemplateResult): Story => ({ args: { part: content } });
const variants: ButtonVariant[] = [
  'primary',
  'secondary',
  'ghost',
  'plain',
  'danger',
  'danger-ghost',
];

export const Buttons: Story = part(
  () =>
    html`${variants.map(
      (variant) =>
        html`<p>
          <parley-button variant=${variant}>Send again</parley-button>
          <parley-button variant=${variant} icon="copy">Copy</parley-button>
          <parley-button variant=${variant} busy>Send again</parley-button>
          <parley-button variant=${variant} disabled>Send again</parley-button>
          <parley-button variant=${variant} icon="settings" label="Settings"></parley-button>
        </p>`,
    )}`,
);
export const ButtonsDark: Story = { ...Buttons, globals: { theme: 'dark' } };

export const Icons: Story = part(
  () =>
    html`${Object.keys(icons).map((name) => html`<parley-icon name=${name} label=${name}></parley-icon> `)}`,
);

const people = [
  'Mira Sandoval',
  'अर्जुन कपूर',
  'ليلى حداد',
  '@tomasz@lumen.example',
  '山田 太郎',
  '👩🏽‍🌾 Farm',
  '  ',
];
export const Avatars: Story = part(
  () =>
    html`${people.map((name, index) => html`<parley-avatar name=${name} hue=${index * 51}></parley-avatar> `)}
      <p>
        ${Array.from({ length: 24 }, (_, index) => html`<parley-avatar name="Ab Cd" hue=${index * 15}></parley-avatar> `)}
      </p>`,
);
export const AvatarsDark: Story = { ...Avatars, globals: { theme: 'dark' } };

const fields = (): TemplateResult => html`
  <parley-field
    label="Display name"
    remark="optional"
    note="Only the people you write to see it."
  ></parley-field>
  <parley-field
    label="Handle"
    lead="@"
    trail="@lumen.example"
    literal
    value="noor"
    tone="good"
    note="@noor is free"
  ></parley-field>
  <parley-field
    label="Handle"
    lead="@"
    literal
    value="mira"
    tone="bad"
    note="Taken. Try another."
  ></parley-field>
  <parley-field
    label="Handle"
    lead="@"
    literal
    value="noor"
    tone="busy"
    note="Checking"
  ></parley-field>
`;
export const Fields: Story = part(fields);
export const FieldsDark: Story = { ...Fields, globals: { theme: 'dark' } };
export const FieldsRightToLeft: Story = { ...Fields, globals: { language: 'ar' } };

export const Banners: Story = part(
  () =>
    html`${(['info', 'warning', 'danger'] as const).map(
      (tone) =>
        html`<parley-banner tone=${tone} icon="alert">
          Something that stands here as long as it is so.
          <parley-button slot="action" variant="ghost">Decide</parley-button>
        </parley-banner>`,
    )}`,
);
export const BannersDark: Story = { ...Banners, globals: { theme: 'dark' } };

export const Choice: Story = {
  ...part(
    () =>
      html`<parley-choice
        label="Appearance"
        value="light"
        .options=${[
          { value: 'auto', label: 'System', icon: 'system' },
          { value: 'light', label: 'Light', icon: 'light' },
          { value: 'dark', label: 'Dark', icon: 'dark' },
        ]}
      ></parley-choice>`,
  ),
  play: async ({ canvasElement }) => {
    await userEvent.click(await deep(canvasElement, 'label:last-of-type'));
    await expect(await deep(canvasElement, 'parley-choice')).toHaveProperty('value', 'dark');
  },
};

export const Switch: Story = {
  ...part(
    () => html`<parley-switch label="Sound" hint="For new messages and calls"></parley-switch>`,
  ),
  play: async ({ canvasElement }) => {
    const control = await deep(canvasElement, '[role="switch"]');
    control.focus();
    await userEvent.keyboard(' ');
    await expect(control).toHaveAttribute('aria-checked', 'true');
  },
};

export const Waiting: Story = part(
  () =>
    html`<parley-spinner></parley-spinner>
      <parley-skeleton kind="list" count="2"></parley-skeleton>
      <parley-skeleton kind="messages" count="4"></parley-skeleton>`,
);
export const Toast: Story = part(() => html`<parley-toast text="Copied"></parley-toast>`);
export const Lock: Story = part(() => html`<parley-lock></parley-lock>`);
export const Art: Story = part(
  () =>
    html`<parley-art name="hello"></parley-art><parley-art name="quiet"></parley-art
      ><parley-art name="closed"></parley-art>`,
);
