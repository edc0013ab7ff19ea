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
  div {
    display: flex;
    align-items: center;
    gap: 10px;
    min-height: 40px;
    padding-block: 8px;
    padding-inline: 16px 12px;
    background: var(--_soft);
    box-shadow: var(--_shadow-2);
    animation: appear var(--_slow) var(--_out);
    font-size: 13px;
    line-height: 18px;
  }
  parley-icon {
    color: var(--_sign);
  }
  p {
    flex: 1;
  }
  .info {
    --_soft: var(--_accent-soft);
    --_sign: var(--_accent);
  }
  .warning {
    --_soft: var(--_warning-soft);
    --_sign: var(--_warning);
  }
  .danger {
    --_soft: var(--_danger-soft);
    --_sign: var(--_danger);
  }
  ::slotted(button),
  slot::slotted(*) {
    flex: none;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  @media (forced-colors: active) {
    div {
      border-block: 1px solid CanvasText;
    }
  }
`;

/** A strip that stands as long as what it says: no connection, a warning, a decision to take.
 * @slot - What it says.
 * @slot action - One button with the next step. */
@customElement('parley-banner')
export class ParleyBanner extends ParleyElement {
  static override styles = [base, styles];

  @property() tone: 'info' | 'warning' | 'danger' = 'info';
  @property() icon: IconName | undefined;

  override render(): TemplateResult {
    return html`<div class=${this.tone} role=${this.tone === 'danger' ? 'alert' : 'status'}>
      ${this.icon ? html`<parley-icon .name=${this.icon}></parley-icon>` : nothing}
      <p><slot></slot></p>
      <slot name="action"></slot>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-banner': ParleyBanner;
  }
}
