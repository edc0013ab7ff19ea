import { css, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { ParleyElement } from '../base/parley-element.js';

const styles = css`
  :host {
    position: absolute;
    z-index: 20;
    inset: auto 0 calc(88px + env(safe-area-inset-bottom));
    display: grid;
    place-items: center;
    padding: 0 24px;
    pointer-events: none;
  }
  p {
    padding: 8px 16px;
    border-radius: 18px;
    background: var(--_text);
    color: var(--_surface-1);
    font-size: 13px;
    line-height: 18px;
    box-shadow: var(--_shadow-2);
    animation: rise var(--_slow) var(--_out);
  }
  p:empty {
    display: none;
  }
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(8px);
    }
  }
`;

/** A short word that something was done; said to screen readers too. Whoever shows it takes it away. */
@customElement('parley-toast')
export class ParleyToast extends ParleyElement {
  static override styles = [base, styles];

  /** Empty: nothing is shown. */
  @property() text = '';

  override render(): TemplateResult {
    return html`<p role="status">${this.text}</p>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-toast': ParleyToast;
  }
}
