import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import { expect, userEvent, waitFor } from 'storybook/test';
import '../../widget/src/elements/call/call.js';
import type { CallState } from '../../widget/src/core/snapshot.js';
import { button, deep, deepAll, focused, text } from './support/deep.js';
import { inPanel } from './support/frame.js';
import { aCall, tom } from './support/people.js';
import { movingLight } from './support/picture.js';

interface Args {
  call: CallState;
  known: boolean;
  pictures: boolean;
}

const meta: Meta<Args> = {
  title: 'Call',
  component: 'parley-call',
  parameters: { space: 'panel' },
  args: { known: true, pictures: false },
  render: ({ call, known, pictures }) =>
    inPanel(
      html`<parley-call
        slot="overlay"
        .call=${call}
        .known=${known}
        .local=${pictures ? movingLight(205) : null}
        .remote=${pictures ? movingLight(32) : null}
      ></parley-call>`,
    ),
};
export default meta;
type Story = StoryObj<Args>;

const talking = (): Partial<CallState> => ({ phase: 'active', activeSince: Date.now() - 83_000 });
const both = { audio: true, video: true };
const voice = { audio: true, video: false };

export const Incoming: Story = {
  args: { call: aCall({ phase: 'incoming', direction: 'in' }) },
  // Whoever is typing when it rings must not decline it by the next Enter.
  play: async ({ canvasElement }) => {
    await button(canvasElement, 'Decline');
    await waitFor(() => expect(focused()?.tagName).toBe('H1'));
  },
};
export const IncomingHindi: Story = {
  args: { call: aCall({ phase: 'incoming', direction: 'in' }) },
  globals: { language: 'hi' },
};
export const IncomingFromAStranger: Story = {
  args: { call: aCall({ phase: 'incoming', direction: 'in', peer: tom }), known: false },
};
export const IncomingVideo: Story = {
  args: { call: aCall({ phase: 'incoming', direction: 'in', video: true }) },
};
export const IncomingVideoOnAPhone: Story = {
  ...IncomingVideo,
  globals: { viewport: { value: 'phone' } },
};
export const SettingUp: Story = { args: { call: aCall({}) } };
export const Ringing: Story = { args: { call: aCall({ phase: 'ringing' }) } };
export const RingingWithVideo: Story = {
  args: { call: aCall({ phase: 'ringing', video: true, camera: 'on' }), pictures: true },
  play: async ({ canvasElement }) => {
    const own = (await deep(canvasElement, 'video')) as HTMLVideoElement;
    await waitFor(() => expect(own.videoWidth).toBeGreaterThan(0));
  },
};
/** Nobody is shown a picture before the camera is open, or when it did not open. */
export const RingingWithoutCamera: Story = {
  args: { call: aCall({ phase: 'ringing', video: true, camera: 'off' }) },
  play: async ({ canvasElement }) => {
    await button(canvasElement, 'Cancel call');
    await expect(deepAll(canvasElement, 'parley-self-view')).toHaveLength(0);
  },
};
export const Connecting: Story = { args: { call: aCall({ phase: 'connecting' }) } };

export const Voice: Story = { args: { call: aCall({ ...talking(), remote: voice }) } };
export const VoiceRightToLeft: Story = { ...Voice, globals: { language: 'ar' } };
export const Muted: Story = {
  args: { call: aCall({ ...talking(), remote: voice, microphone: 'off' }) },
};
export const Video: Story = {
  args: { call: aCall({ ...talking(), video: true, camera: 'on', remote: both }), pictures: true },
};
export const WaitingForTheirPicture: Story = {
  args: { call: aCall({ ...talking(), video: true, camera: 'on', remote: voice }), pictures: true },
};
export const NothingArrives: Story = {
  args: { call: aCall({ ...talking(), video: true, camera: 'on' }), pictures: true },
  play: async ({ canvasElement }) => {
    await text(canvasElement, 'Nothing arrives from them right now.');
  },
};
export const Reconnecting: Story = {
  args: { call: aCall({ ...talking(), phase: 'reconnecting', remote: voice }) },
};
export const SafetyCode: Story = {
  args: { call: aCall({ ...talking(), remote: voice }) },
  play: async ({ canvasElement }) => {
    const chip = await button(canvasElement, /^End-to-end encrypted. Safety code:/u);
    await userEvent.click(chip);
    await text(canvasElement, 'Mira Sandoval sees the same four signs.');
    await expect(chip).toHaveAttribute('aria-expanded', 'true');
  },
};

export const Ended: Story = { args: { call: aCall({ phase: 'ended', outcome: 'ended' }) } };
export const Declined: Story = { args: { call: aCall({ phase: 'ended', outcome: 'declined' }) } };
export const Busy: Story = { args: { call: aCall({ phase: 'ended', outcome: 'busy' }) } };
export const NoAnswer: Story = { args: { call: aCall({ phase: 'ended', outcome: 'missed' }) } };
export const Lost: Story = {
  args: { call: aCall({ phase: 'ended', outcome: 'failed', problem: { code: 'call_failed' } }) },
};
export const MicrophoneDenied: Story = {
  args: {
    call: aCall({ phase: 'ended', outcome: 'failed', problem: { code: 'microphone_denied' } }),
  },
};
export const CameraDenied: Story = {
  args: { call: aCall({ phase: 'ended', outcome: 'failed', problem: { code: 'camera_denied' } }) },
};
export const DeviceMissing: Story = {
  args: { call: aCall({ phase: 'ended', outcome: 'failed', problem: { code: 'device_missing' } }) },
};
