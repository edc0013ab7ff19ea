import { css, html, svg, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { ParleyElement } from '../base/parley-element.js';

const styles = css`
  :host {
    display: block;
    width: 132px;
    height: 96px;
  }
  svg {
    display: block;
    width: 100%;
    height: 100%;
    overflow: visible;
  }
  .halo {
    fill: var(--_accent-soft);
  }
  .back {
    fill: var(--_surface-2);
    stroke: var(--_line);
  }
  .front {
    fill: var(--_own);
  }
  .ink {
    fill: none;
    stroke: var(--_on-own);
    stroke-width: 2.25;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .line {
    fill: none;
    stroke: var(--_text-3);
    stroke-opacity: 0.45;
    stroke-width: 4;
    stroke-linecap: round;
  }
`;

const bubbles = svg`
  <circle class="halo" cx="66" cy="48" r="46" />
  <path class="back" d="M28 18h44a14 14 0 0 1 14 14v14a14 14 0 0 1-14 14H44L30 70l1-10.2A14 14 0 0 1 18 46V28a10 10 0 0 1 10-10z" />
  <path class="line" d="M33 33h36M33 44h22" />
  <path class="front" d="M70 38h36a14 14 0 0 1 14 14v16a14 14 0 0 1-12 13.8L109 92 96 82H70a14 14 0 0 1-14-14V52a14 14 0 0 1 14-14z" />
`;
const arts = {
  hello: svg`${bubbles}<rect class="ink" x="79" y="58" width="18" height="13" rx="3.5" /><path class="ink" d="M83 58v-4a5 5 0 0 1 10 0v4" />`,
  quiet: svg`${bubbles}<path class="ink" d="M76 60h.1M88 60h.1M100 60h.1" stroke-width="5" />`,
  closed: svg`${bubbles}<path class="ink" d="M82 54l12 12M94 54L82 66" />`,
};

/** The drawing of an empty place. Decoration. */
@customElement('parley-art')
export class ParleyArt extends ParleyElement {
  static override styles = [base, styles];

  @property() name: keyof typeof arts = 'hello';

  override render(): TemplateResult {
    return html`<svg viewBox="0 0 132 96" aria-hidden="true">${arts[this.name]}</svg>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-art': ParleyArt;
  }
}
