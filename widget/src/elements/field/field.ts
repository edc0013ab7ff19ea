import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { ifDefined } from 'lit/directives/if-defined.js';
import { live } from 'lit/directives/live.js';
import { base } from '../base/base.styles.js';
import { ParleyElement } from '../base/parley-element.js';
import '../icon/icon.js';
import '../spinner/spinner.js';

const styles = css`
  :host {
    --parley-icon-size: 16px;
    display: block;
  }
  .label {
    display: flex;
    gap: 6px;
    margin-bottom: 6px;
    font-size: 13px;
    line-height: 18px;
    font-weight: 600;
  }
  .label span {
    color: var(--_text-3);
    font-weight: 400;
  }
  .box {
    display: flex;
    align-items: center;
    min-height: 48px;
    padding-inline: 14px;
    border-radius: var(--_radius-field);
    background: var(--_surface-2);
    /* 3:1 against the surface around it: the field's edge is what shows where to write. */
    box-shadow: inset 0 0 0 1px var(--_line-strong);
    transition: box-shadow var(--_fast) var(--_out);
    cursor: text;
  }
  .box:focus-within {
    box-shadow: inset 0 0 0 2px var(--_accent);
  }
  .bad .box {
    box-shadow: inset 0 0 0 2px var(--_danger);
  }
  .affix {
    color: var(--_text-3);
    font-size: 16px;
    direction: ltr;
  }
  .affix.end {
    min-width: 0;
    max-width: 55%;
    padding-inline-start: 4px;
    font-size: 13px;
  }
  input {
    flex: 1;
    min-width: 0;
    height: 48px;
    /* Below 16 px phones zoom in on it. */
    font-size: 16px;
  }
  input:focus-visible {
    outline: none;
  }
  input::placeholder {
    color: var(--_text-3);
    opacity: 1;
  }
  .note {
    display: flex;
    align-items: center;
    gap: 6px;
    min-height: 18px;
    margin-top: 6px;
    font-size: 13px;
    line-height: 18px;
    color: var(--_text-2);
  }
  .note parley-spinner {
    width: 13px;
    height: 13px;
  }
  .bad .note {
    color: var(--_danger);
  }
  .good .note {
    color: var(--_success);
  }
  @media (forced-colors: active) {
    .box {
      border: 1px solid CanvasText;
    }
  }
`;

/** How a field stands: what the note under it means. */
export type FieldTone = 'plain' | 'busy' | 'good' | 'bad';

/** A line of text to fill in, with its label above and one note below: a hint, or what is wrong.
 * @event input - At every change; read `value`. */
@customElement('parley-field')
export class ParleyField extends ParleyElement {
  static override styles = [base, styles];
  static override shadowRootOptions = { ...ParleyElement.shadowRootOptions, delegatesFocus: true };

  @property() label = '';
  /** Said after the label, such as that it may stay empty. */
  @property() remark = '';
  @property() value = '';
  @property() placeholder = '';
  /** Fixed text before what is written, such as `@`. */
  @property() lead = '';
  /** Fixed text after it, such as the site. */
  @property() trail = '';
  @property() note = '';
  @property() tone: FieldTone = 'plain';
  @property({ type: Number }) maxLength: number | undefined;
  /** For addresses: written left to right, never corrected or capitalised. */
  @property({ type: Boolean }) literal = false;

  @query('input') private input!: HTMLInputElement;

  override render(): TemplateResult {
    const dir = this.literal ? 'ltr' : 'auto';
    return html`<div class=${this.tone}>
      <label class="label" for="input">
        ${this.label}${this.remark === '' ? nothing : html`<span>${this.remark}</span>`}
      </label>
      <div
        class="box"
        dir=${ifDefined(this.literal ? 'ltr' : undefined)}
        @pointerdown=${this.onBoxPress}
      >
        ${this.lead === '' ? nothing : html`<span class="affix" aria-hidden="true">${this.lead}</span>`}
        <input
          id="input"
          .value=${live(this.value)}
          dir=${dir}
          placeholder=${this.placeholder}
          maxlength=${ifDefined(this.maxLength)}
          autocomplete="off"
          autocapitalize=${this.literal ? 'none' : 'words'}
          spellcheck="false"
          enterkeyhint="go"
          aria-invalid=${this.tone === 'bad'}
          aria-describedby="note"
          @input=${this.onInput}
          @keydown=${this.onKeyDown}
        />
        ${
          this.trail === ''
            ? nothing
            : html`<span class="affix end cut" aria-hidden="true">${this.trail}</span>`
        }
      </div>
      <p class="note" id="note" aria-live="polite">
        ${this.tone === 'busy' ? html`<parley-spinner></parley-spinner>` : nothing}
        ${this.tone === 'good' ? html`<parley-icon name="check"></parley-icon>` : nothing}
        ${this.tone === 'bad' ? html`<parley-icon name="alert"></parley-icon>` : nothing}
        <span>${this.note}</span>
      </p>
    </div>`;
  }

  /** What stands around the text belongs to the field. */
  private onBoxPress(event: Event): void {
    if (event.target === this.input) return;
    event.preventDefault();
    this.input.focus();
  }

  private onInput(): void {
    this.value = this.input.value;
  }

  private onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    this.closest('form')?.requestSubmit();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-field': ParleyField;
  }
}
