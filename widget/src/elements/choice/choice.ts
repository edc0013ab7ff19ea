import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { ParleyElement } from '../base/parley-element.js';
import '../icon/icon.js';
import type { IconName } from '../icon/icons.js';

const styles = css`
  :host {
    --parley-icon-size: 16px;
    display: block;
  }
  fieldset {
    display: flex;
    min-width: 0;
    margin: 0;
    border: 0;
    padding: 3px;
    border-radius: 12px;
    background: var(--_field);
  }
  label {
    position: relative;
    display: flex;
    flex: 1;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-height: 34px;
    border-radius: 9px;
    color: var(--_text-2);
    font-size: 13px;
    font-weight: 600;
    cursor: pointer;
    transition:
      background-color var(--_fast) var(--_out),
      color var(--_fast) var(--_out);
  }
  label:has(:checked) {
    background: var(--_surface-3);
    color: var(--_text);
    box-shadow: var(--_shadow-1);
  }
  label:has(:focus-visible) {
    outline: 2px solid var(--_accent);
  }
  input {
    position: absolute;
    inset: 0;
    opacity: 0;
    cursor: inherit;
  }
  @media (forced-colors: active) {
    label:has(:checked) {
      outline: 2px solid Highlight;
    }
  }
`;

/** One of a few, side by side.
 * @event change - Another one was chosen; read `value`. */
@customElement('parley-choice')
export class ParleyChoice extends ParleyElement {
  static override styles = [base, styles];

  /** What is chosen, for screen readers. */
  @property() label = '';
  @property() value = '';
  @property({ attribute: false }) options: readonly {
    value: string;
    label: string;
    icon?: IconName;
  }[] = [];

  override render(): TemplateResult {
    return html`<fieldset role="radiogroup" aria-label=${this.label}>
      ${this.options.map(
        ({ value, label, icon }) =>
          html`<label>
            <input
              type="radio"
              name="choice"
              .value=${value}
              .checked=${value === this.value}
              @change=${this.onChange}
            />
            ${icon ? html`<parley-icon name=${icon}></parley-icon>` : nothing}${label}
          </label>`,
      )}
    </fieldset>`;
  }

  private onChange(event: Event): void {
    this.value = (event.target as HTMLInputElement).value;
    // A native `change` does not leave the shadow root.
    this.dispatchEvent(new Event('change'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-choice': ParleyChoice;
  }
}
