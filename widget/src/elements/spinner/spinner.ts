import { css, html, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { ParleyElement } from '../base/parley-element.js';

const styles = css`
  :host {
    display: inline-block;
    width: 18px;
    height: 18px;
  }
  span {
    display: block;
    width: 100%;
    height: 100%;
    border: 2px solid currentColor;
    border-inline-start-color: transparent;
    border-radius: 50%;
    opacity: 0.8;
    animation: turn 0.9s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
`;

/** Work of unknown length, where no skeleton can show what is coming. Say what it is in text beside it. */
@customElement('parley-spinner')
export class ParleySpinner extends ParleyElement {
  static override styles = [base, styles];

  override render(): TemplateResult {
    return html`<span></span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-spinner': ParleySpinner;
  }
}
