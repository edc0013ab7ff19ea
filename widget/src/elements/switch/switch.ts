import { css, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { ParleyElement } from '../base/parley-element.js';

const styles = css`
  :host {
    display: block;
  }
  button {
    display: flex;
    align-items: center;
    gap: 16px;
    width: 100%;
    min-height: 44px;
    border-radius: 10px;
  }
  .text {
    flex: 1;
  }
  small {
    display: block;
  }
  i {
    position: relative;
    flex: none;
    width: 44px;
    height: 26px;
    border-radius: 13px;
    background: var(--_line-strong);
    transition: background-color var(--_fast) var(--_out);
  }
  i::before {
    content: '';
    position: absolute;
    top: 3px;
    inset-inline-start: 3px;
    width: 20px;
    height: 20px;
    border-radius: 50%;
    background: var(--_surface-3);
    box-shadow: var(--_shadow-1);
    transition: transform var(--_fast) var(--_out);
  }
  [aria-checked='true'] i {
    background: var(--_accent);
  }
  [aria-checked='true'] i::before {
    transform: translateX(18px);
  }
  [aria-checked='true']:dir(rtl) i::before {
    transform: translateX(-18px);
  }
  @media (forced-colors: active) {
    i {
      border: 1px solid ButtonText;
    }
    [aria-checked='true'] i {
      background: Highlight;
    }
  }
`;

/** On or off, at once.
 * @event change - It was switched; read `checked`. */
@customElement('parley-switch')
export class ParleySwitch extends ParleyElement {
  static override styles = [base, styles];
  static override shadowRootOptions = { ...ParleyElement.shadowRootOptions, delegatesFocus: true };

  @property() label = '';
  @property() hint = '';
  @property({ type: Boolean }) checked = false;

  override render(): TemplateResult {
    return html`<button
      type="button"
      role="switch"
      aria-checked=${this.checked}
      aria-labelledby="label"
      aria-describedby="hint"
      @click=${this.onClick}
    >
      <span class="text"
        ><span id="label">${this.label}</span
        ><small id="hint" class="second">${this.hint}</small></span
      >
      <i></i>
    </button>`;
  }

  private onClick(): void {
    this.checked = !this.checked;
    this.dispatchEvent(new Event('change'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-switch': ParleySwitch;
  }
}
