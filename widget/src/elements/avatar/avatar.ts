import { css, html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { ParleyElement } from '../base/parley-element.js';
import { initialsOf } from './initials.js';

const styles = css`
  :host {
    --_size: var(--parley-avatar-size, 40px);
    display: inline-block;
    flex: none;
    width: var(--_size);
    height: var(--_size);
  }
  span {
    display: grid;
    place-items: center;
    width: 100%;
    height: 100%;
    border-radius: 50%;
    background: linear-gradient(
      150deg,
      light-dark(oklch(0.9 0.055 var(--_hue)), oklch(0.46 0.075 var(--_hue))),
      light-dark(oklch(0.82 0.085 calc(var(--_hue) + 24)), oklch(0.36 0.07 calc(var(--_hue) + 24)))
    );
    color: light-dark(oklch(0.34 0.08 var(--_hue)), oklch(0.96 0.025 var(--_hue)));
    font-size: calc(var(--_size) * 0.38);
    line-height: 1;
    font-weight: 600;
    letter-spacing: 0.01em;
    user-select: none;
  }
  @media (forced-colors: active) {
    span {
      border: 1px solid CanvasText;
    }
  }
`;

/** A person's initials on a hue of their key. Decoration: the name stands beside it.
 * @cssproperty [--parley-avatar-size=40px] - Diameter. */
@customElement('parley-avatar')
export class ParleyAvatar extends ParleyElement {
  static override styles = [base, styles];

  /** Display name or address. */
  @property() name = '';
  /** 0 to 359, derived from the account key. */
  @property({ type: Number }) hue = 0;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('hue')) this.style.setProperty('--_hue', String(this.hue));
  }

  override render(): TemplateResult {
    return html`<span aria-hidden="true">${initialsOf(this.name)}</span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-avatar': ParleyAvatar;
  }
}
