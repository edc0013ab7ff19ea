import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { ifDefined } from 'lit/directives/if-defined.js';
import { base } from '../base/base.styles.js';
import { ParleyElement } from '../base/parley-element.js';
import '../icon/icon.js';
import type { IconName } from '../icon/icons.js';
import '../spinner/spinner.js';
import { styles } from './button.styles.js';

/** How much a button weighs, and what for. */
export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'plain' | 'danger' | 'danger-ghost';

/** A button with a verb, an icon, or both. With `label` and no text it is round, and the label is its tooltip.
 * @slot - The verb.
 * @csspart button - The native button.
 * @cssproperty [--parley-button-size=40px] - Diameter of a round one. */
@customElement('parley-button')
export class ParleyButton extends ParleyElement {
  static override styles = [base, styles];
  static override shadowRootOptions = { ...ParleyElement.shadowRootOptions, delegatesFocus: true };

  /** Weight. One `primary` per screen. */
  @property() variant: ButtonVariant = 'secondary';
  /** Icon before the text, or alone. */
  @property() icon: IconName | undefined;
  /** Name of a button that shows only an icon. */
  @property() label = '';
  /** Where the tooltip goes: centred below, or aligned to an edge, or above. */
  @property({ reflect: true }) tip: 'center' | 'start' | 'end' | 'above' = 'center';
  /** Not to be pressed now. */
  @property({ type: Boolean }) disabled = false;
  /** At work: it keeps its place and its focus, and does nothing when pressed. */
  @property({ type: Boolean }) busy = false;
  /** As wide as its place. */
  @property({ type: Boolean, reflect: true }) block = false;
  /** For a button that stays pressed. */
  @property({ attribute: false }) pressed: boolean | undefined;
  /** Inside a form: whether it submits it. */
  @property() type: 'button' | 'submit' = 'button';

  override render(): TemplateResult {
    const only = this.label !== '';
    return html`<button
      part="button"
      type="button"
      class=${classMap({ [this.variant]: true, only })}
      ?disabled=${this.disabled}
      aria-busy=${this.busy}
      aria-pressed=${ifDefined(this.pressed)}
      aria-label=${only ? this.label : nothing}
      @click=${this.onClick}
    >
      ${
        this.busy
          ? html`<parley-spinner></parley-spinner>`
          : this.icon && html`<parley-icon .name=${this.icon}></parley-icon>`
      }
      ${only ? html`<span class="tip" aria-hidden="true">${this.label}</span>` : html`<slot></slot>`}
    </button>`;
  }

  private onClick(event: Event): void {
    if (this.busy) {
      event.stopImmediatePropagation();
      return;
    }
    // A button in a shadow root does not belong to the form around its host.
    if (this.type === 'submit') this.closest('form')?.requestSubmit();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-button': ParleyButton;
  }
}
