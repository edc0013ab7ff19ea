import { css, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { ParleyElement } from '../base/parley-element.js';

const styles = css`
  :host {
    display: block;
    overflow: hidden;
    animation: appear 300ms 120ms backwards;
  }
  i {
    display: block;
    border-radius: 999px;
    background: var(--_press);
  }
  .row {
    display: grid;
    grid-template-columns: 48px 1fr;
    align-items: center;
    gap: 8px 12px;
    height: 72px;
    padding-inline: 20px;
  }
  .row i:first-child {
    grid-row: span 2;
    width: 48px;
    height: 48px;
  }
  .row i {
    height: 10px;
  }
  .row i:nth-child(2) {
    align-self: end;
    width: 38%;
  }
  .row i:nth-child(3) {
    align-self: start;
    width: 72%;
  }
  .row:nth-child(even) i:nth-child(2) {
    width: 52%;
  }
  .row:nth-child(even) i:nth-child(3) {
    width: 58%;
  }
  .bubble {
    display: grid;
    padding: 4px 16px;
  }
  .bubble i {
    width: 52%;
    height: 40px;
    border-radius: 18px;
  }
  .bubble:nth-child(3n) i {
    width: 64%;
    height: 62px;
    justify-self: end;
  }
  .bubble:nth-child(4n) i {
    width: 34%;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
`;

/** The shape of what is being loaded, in the real layout's measures. */
@customElement('parley-skeleton')
export class ParleySkeleton extends ParleyElement {
  static override styles = [base, styles];

  /** What is coming. */
  @property() kind: 'list' | 'messages' = 'list';
  @property({ type: Number }) count = 6;

  override render(): TemplateResult {
    const row =
      this.kind === 'list'
        ? html`<div class="row"><i></i><i></i><i></i></div>`
        : html`<div class="bubble"><i></i></div>`;
    return html`<p class="sr" role="status">${this.t.app.loading}</p>
      <div aria-hidden="true">${Array.from({ length: this.count }, () => row)}</div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-skeleton': ParleySkeleton;
  }
}
