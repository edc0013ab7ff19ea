import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Self } from '../../core/snapshot.js';
import { currentLocale, languageFor, languages } from '../../locales/index.js';
import '../avatar/avatar.js';
import { base } from '../base/base.styles.js';
import {
  CommandEvent,
  NavigateEvent,
  PreferenceEvent,
  ToastEvent,
  type Theme,
} from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../choice/choice.js';
import type { ParleyChoice } from '../choice/choice.js';
import '../field/field.js';
import type { ParleyField } from '../field/field.js';
import '../header/header.js';
import { nameOf } from '../person/name.js';
import '../switch/switch.js';
import type { ParleySwitch } from '../switch/switch.js';

const styles = css`
  :host {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
    background: var(--_surface-1);
  }
  .scroll {
    flex: 1;
    min-height: 0;
    padding: 4px 20px calc(56px + env(safe-area-inset-bottom));
    overflow: auto;
    scrollbar-width: thin;
  }
  .me {
    display: grid;
    grid-template-columns: 56px 1fr auto;
    align-items: center;
    gap: 0 14px;
    margin-bottom: 20px;
  }
  .me parley-avatar {
    --parley-avatar-size: 56px;
    grid-row: span 2;
  }
  .me b {
    align-self: end;
    font-size: 17px;
    font-weight: 650;
  }
  .me .second {
    grid-column: 2;
    align-self: start;
  }
  .me parley-button {
    grid-area: 1 / 3 / span 2;
  }
  form {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 0 8px;
    align-items: end;
    margin-bottom: 16px;
  }
  /* Beside the field, above its note. */
  form parley-button {
    margin-bottom: 28px;
  }
  section {
    padding: 14px 0;
    border-top: 1px solid var(--_line);
  }
  h2 {
    margin-bottom: 8px;
    font-size: 13px;
    line-height: 18px;
    font-weight: 600;
  }
  section:last-child {
    padding-bottom: 0;
  }
  section parley-button {
    margin-inline-start: -12px;
  }
`;

/** How one is called, how it looks and sounds, and the way out.
 * @event parley-command - `set_display_name`, `set_sound`.
 * @event parley-preference - Theme or language.
 * @event parley-navigate - To signing out; back. */
@customElement('parley-settings')
export class ParleySettings extends ParleyElement {
  static override styles = [base, styles];

  @property({ attribute: false }) self: Self | null = null;
  @property({ type: Boolean }) sound = true;
  @property() theme: Theme = 'auto';

  @state() private displayName: string | null = null;

  override focus(options?: FocusOptions): void {
    this.renderRoot
      .querySelector('parley-header')
      ?.shadowRoot?.querySelector<HTMLElement>('.back')
      ?.focus(options);
  }

  override render(): TemplateResult {
    const words = this.t.settings;
    return html`
      <parley-header back heading=${words.title}></parley-header>
      <div class="scroll">
        ${this.self ? this.renderSelf(this.self) : nothing}
        <section>
          <h2>${words.theme}</h2>
          <parley-choice
            .label=${words.theme}
            .value=${this.theme}
            .options=${
              [
                { value: 'auto', label: words.auto, icon: 'system' },
                { value: 'light', label: words.light, icon: 'light' },
                { value: 'dark', label: words.dark, icon: 'dark' },
              ] as const
            }
            @change=${this.onTheme}
          ></parley-choice>
        </section>
        <section>
          <h2>${words.language}</h2>
          <parley-choice
            .label=${words.language}
            .value=${languageFor(currentLocale().tag)}
            .options=${languages.map((value) => ({ value, label: this.format.language(value) }))}
            @change=${this.onLanguage}
          ></parley-choice>
        </section>
        <section>
          <parley-switch
            .label=${words.sound}
            .hint=${words.soundHint}
            .checked=${this.sound}
            @change=${this.onSound}
          ></parley-switch>
        </section>
        <section>
          <parley-button variant="danger-ghost" icon="sign-out" @click=${this.onSignOut}
            >${words.signOut}</parley-button
          >
        </section>
      </div>
    `;
  }

  private renderSelf(self: Self): TemplateResult {
    const words = this.t.settings;
    const saved = self.displayName ?? '';
    const value = this.displayName ?? saved;
    return html`<div class="me">
        <parley-avatar .name=${nameOf(self)} .hue=${self.hue}></parley-avatar>
        <b class="cut"><bdi>${nameOf(self)}</bdi></b>
        <span class="second cut" dir="ltr">${self.address}</span>
        <parley-button
          variant="plain"
          icon="copy"
          tip="end"
          label=${this.t.list.copy}
          @click=${this.onCopy}
        ></parley-button>
      </div>
      <form @submit=${this.onSave} novalidate>
        <parley-field
          label=${words.name}
          .maxLength=${64}
          .value=${value}
          .note=${words.nameHint}
          @input=${this.onName}
        ></parley-field>
        <parley-button type="submit" ?disabled=${value.trim() === saved}
          >${words.save}</parley-button
        >
      </form>`;
  }

  private onName(event: Event): void {
    this.displayName = (event.target as ParleyField).value;
  }

  private onSave(event: Event): void {
    event.preventDefault();
    const displayName = this.displayName?.trim();
    if (displayName === undefined || displayName === (this.self?.displayName ?? '')) return;
    this.displayName = null;
    this.dispatchEvent(new CommandEvent({ type: 'set_display_name', displayName }));
  }

  private async onCopy(): Promise<void> {
    if (!this.self) return;
    await navigator.clipboard.writeText(this.self.address);
    this.dispatchEvent(new ToastEvent(this.t.app.copied));
  }

  private onTheme(event: Event): void {
    const theme = (event.target as ParleyChoice).value as Theme;
    this.dispatchEvent(new PreferenceEvent({ theme }));
  }

  private onLanguage(event: Event): void {
    this.dispatchEvent(new PreferenceEvent({ language: (event.target as ParleyChoice).value }));
  }

  private onSound(event: Event): void {
    this.dispatchEvent(
      new CommandEvent({ type: 'set_sound', sound: (event.target as ParleySwitch).checked }),
    );
  }

  private onSignOut(): void {
    this.dispatchEvent(new NavigateEvent({ overlay: 'sign_out' }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-settings': ParleySettings;
  }
}
