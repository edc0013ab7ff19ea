import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html, type TemplateResult } from 'lit';
import '../../widget/src/elements/app/later.js';
import '../../widget/src/elements/claim/claim.js';
import '../../widget/src/elements/compose/compose.js';
import '../../widget/src/elements/conversation-list/conversation-list.js';
import '../../widget/src/elements/banner/banner.js';
import { en } from '../../widget/src/locales/en.js';
import { hi } from '../../widget/src/locales/hi.js';
import type { ProblemCode } from '../../widget/src/core/snapshot.js';
import { userEvent } from 'storybook/test';
import { button, deep, text } from './support/deep.js';
import { inPanel } from './support/frame.js';
import { conversations, june, me, mira, summary, tom } from './support/people.js';

interface Args {
  screen: () => TemplateResult;
}

const meta: Meta<Args> = {
  title: 'Screens',
  parameters: { space: 'panel' },
  argTypes: { screen: { control: false } },
  render: ({ screen }) => inPanel(screen()),
};
export default meta;
type Story = StoryObj<Args>;

const claim = (more: object = {}): Story => ({
  args: {
    screen: () => {
      const {
        availability = null,
        busy = false,
        problem = null,
        signedOut = false,
        lost = false,
      } = more as Record<string, never>;
      return html`<parley-claim
        domain="lumen.example"
        .availability=${availability}
        .busy=${busy}
        .problem=${problem}
        .signedOut=${signedOut}
        .lost=${lost}
      ></parley-claim>`;
    },
  },
});

/** Types a handle and expects a note. */
const typed = (story: Story, handle: string, note: string): Story => ({
  ...story,
  play: async ({ canvasElement }) => {
    await userEvent.type(await deep(canvasElement, 'input'), handle);
    await text(canvasElement, note);
  },
});

export const Claim: Story = claim();
export const ClaimDark: Story = { ...claim(), globals: { theme: 'dark' } };
export const ClaimHindi: Story = { ...claim(), globals: { language: 'hi' } };
export const ClaimOnAPhone: Story = { ...claim(), globals: { viewport: { value: 'phone' } } };
export const ClaimAfterSignOut: Story = claim({ signedOut: true });
export const ClaimAfterLoss: Story = claim({ lost: true });
export const ClaimChecking: Story = typed(claim(), 'noor', 'Checking');
export const ClaimAvailable: Story = typed(
  claim({ availability: { handle: 'noor', status: 'available' } }),
  'Noor',
  '@noor is free',
);
export const ClaimTaken: Story = typed(
  claim({ availability: { handle: 'mira', status: 'taken' } }),
  '@mira',
  'Taken. Try another.',
);
export const ClaimReserved: Story = typed(
  claim({ availability: { handle: 'admin', status: 'reserved' } }),
  'admin',
  'Reserved. Try another.',
);
export const ClaimLookAlike: Story = typed(claim(), 'mіra', 'Only a–z, digits and _');
export const ClaimTooLong: Story = typed(claim(), 'a'.repeat(31), 'At most 30 characters');
export const ClaimUnchecked: Story = typed(
  claim({ availability: { handle: 'noor', status: 'unknown' } }),
  'noor',
  'Could not check. You can still try.',
);
export const ClaimBusy: Story = claim({ busy: true });
export const ClaimOffline: Story = claim({ problem: { code: 'offline' } });
export const ClaimTooShort: Story = {
  ...claim(),
  play: async ({ canvasElement }) => {
    await userEvent.type(await deep(canvasElement, 'input'), 'ab');
    await userEvent.click(await button(canvasElement, 'Start chatting'));
    await text(canvasElement, 'At least 3 characters');
  },
};

const list = (loading: boolean, some: boolean): Story => ({
  args: {
    screen: () =>
      html`<parley-conversation-list
        .conversations=${some ? conversations() : []}
        .self=${me}
        .loading=${loading}
        .drafts=${new Map([['tom', 'About that invoice']])}
      ></parley-conversation-list>`,
  },
});
export const ListLoading: Story = list(true, false);
export const ListEmpty: Story = list(false, false);
export const ListEmptyDark: Story = { ...list(false, false), globals: { theme: 'dark' } };
export const List: Story = list(false, true);

const compose = (
  problem: ProblemCode | null,
  more: { busy?: boolean; reach?: 'site' } = {},
): Story => ({
  args: {
    screen: () =>
      html`<parley-compose
        domain="lumen.example"
        .reach=${more.reach ?? 'network'}
        .address=${problem ? '@nobody@bazaar.example' : ''}
        .busy=${more.busy ?? false}
        .problem=${problem ? { code: problem } : null}
        .conversations=${conversations()}
      ></parley-compose>`,
  },
});
export const Compose: Story = compose(null);
export const ComposeHindi: Story = { ...compose(null), globals: { language: 'hi' } };
export const ComposeWithinTheSite: Story = compose(null, { reach: 'site' });
export const ComposeLooking: Story = compose(null, { busy: true });
export const ComposeUnknown: Story = compose('address_unknown');
export const ComposeInvalid: Story = compose('address_invalid');
export const ComposeOneself: Story = compose('address_self');
export const ComposeOutOfReach: Story = compose('reach_refused');

const groups = [
  '48611',
  '10267',
  '93012',
  '55120',
  '07714',
  '66231',
  '31908',
  '82555',
  '40071',
  '19936',
  '71102',
  '28843',
];
const safety = (person: typeof mira, ready = true): Story => ({
  args: {
    screen: () =>
      html`<parley-safety
        .conversation=${summary('one', person)}
        .safetyNumber=${ready ? { peer: person, groups } : null}
      ></parley-safety>`,
  },
});
export const SafetyLoading: Story = safety(tom, false);
export const Safety: Story = safety(tom);
export const SafetyDark: Story = { ...safety(tom), globals: { theme: 'dark' } };
export const SafetyHindi: Story = { ...safety(tom), globals: { language: 'hi' } };
export const SafetyVerified: Story = safety(mira);
export const SafetyKeyChanged: Story = safety(june);

const settings: Story = {
  args: { screen: () => html`<parley-settings .self=${me}></parley-settings>` },
};
export const Settings: Story = settings;
export const SettingsDark: Story = { ...settings, globals: { theme: 'dark' } };
export const SettingsHindi: Story = { ...settings, globals: { language: 'hi' } };
export const SettingsRightToLeft: Story = { ...settings, globals: { language: 'ar' } };

const closed = (code: ProblemCode): Story => ({
  args: { screen: () => html`<parley-closed .problem=${{ code }}></parley-closed>` },
});
export const ClosedSiteUnknown: Story = closed('site_unknown');
export const ClosedOriginRefused: Story = closed('origin_refused');
export const ClosedWithoutEncryption: Story = closed('crypto_unavailable');
export const ClosedWithoutStorage: Story = closed('storage_unavailable');
export const ClosedFullStorage: Story = closed('storage_full');
export const ClosedByOlderTab: Story = closed('storage_blocked');
export const ClosedByNewerVersion: Story = closed('storage_outdated');
export const ClosedOtherTab: Story = closed('other_tab');
export const ClosedRevoked: Story = closed('device_revoked');
export const ClosedByTheServer: Story = closed('server_error');
export const ClosedInAHurry: Story = closed('too_many');
export const ClosedByACopy: Story = closed('profile_copied');
export const ClosedByACopyHindi: Story = {
  ...closed('profile_copied'),
  globals: { language: 'hi' },
};
export const ClosedForReasonsUnknown: Story = closed('internal');

/** Every sentence that a problem can be told in: what happened, and what to do. */
const sentences = (problems: Record<ProblemCode, string>): Story => ({
  args: {
    screen: () =>
      html`<div style="overflow: auto" tabindex="0">
        ${Object.values(problems).map(
          (sentence) => html`<parley-banner tone="danger" icon="alert">${sentence}</parley-banner>`,
        )}
      </div>`,
  },
});
export const EverySentence: Story = sentences(en.problems);
export const EverySentenceHindi: Story = { ...sentences(hi.problems), globals: { language: 'hi' } };

const sheet = (content: () => TemplateResult): Story => ({ args: { screen: content } });
export const EncryptionSheet: Story = sheet(
  () =>
    html`<parley-encryption-sheet
      slot="overlay"
      .conversationId=${'mira'}
    ></parley-encryption-sheet>`,
);
export const EncryptionSheetDark: Story = { ...EncryptionSheet, globals: { theme: 'dark' } };
export const EncryptionSheetHindi: Story = { ...EncryptionSheet, globals: { language: 'hi' } };
export const KeyChangedSheet: Story = sheet(
  () =>
    html`<parley-key-changed-sheet
      slot="overlay"
      .conversation=${summary('june', june)}
    ></parley-key-changed-sheet>`,
);
export const KeyChangedSheetHindi: Story = { ...KeyChangedSheet, globals: { language: 'hi' } };
export const SignOutSheet: Story = sheet(
  () =>
    html`<parley-sign-out-sheet
      slot="overlay"
      address="@noor@lumen.example"
    ></parley-sign-out-sheet>`,
);
const problem = (code: ProblemCode): Story =>
  sheet(
    () => html`<parley-problem-sheet slot="overlay" .problem=${{ code }}></parley-problem-sheet>`,
  );
export const CallsUnavailable: Story = problem('calls_unavailable');
export const CallsNeedHttps: Story = problem('calls_need_https');
export const CallsUnsupported: Story = problem('encryption_unsupported');
