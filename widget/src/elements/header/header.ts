import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { NavigateEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';

const styles = css`
  :host {
    --parley-button-size: 36px;
    position: relative;
    z-index: 4;
    display: flex;
    flex: none;
    align-items: center;
    gap: 2px;
    min-height: 60px;
    padding-block: max(8px, env(safe-area-inset-top)) 8px;
    padding-inline: 8px;
  }
  h1 {
    flex: 1;
    padding-inline: 12px 8px;
  }
  .back + h1 {
    padding-inline-start: 4px;
    font-size: 17px;
    line-height: 24px;
  }
  h1:focus-visible {
    outline: none;
  }
  slot:not([name]) {
    display: block;
    flex: 1;
    min-width: 0;
  }
`;

/** The top of a screen: back, title, actions, close.
 * @slot - Instead of a title: whom the screen is about.
 * @slot actions - Buttons before the close button.
 * @event parley-navigate - Back, or close. */
@customElement('parley-header')
export class ParleyHeader extends ParleyElement {
  static override styles = [base, styles];

  /** The screen's name; empty where the slot says it. */
  @property() heading = '';
  /** Whether one can go back from here. */
  @property({ type: Boolean }) back = false;

  /** To the title; without one, to the way out. */
  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>('h1, .close')?.focus(options);
  }

  override render(): TemplateResult {
    return html`
      ${
        this.back
          ? html`<parley-button
              class="back"
              variant="plain"
              icon="back"
              tip="start"
              label=${this.t.app.back}
              @click=${this.onBack}
            ></parley-button>`
          : nothing
      }
      ${
        this.heading === ''
          ? html`<slot></slot>`
          : html`<h1 class="title cut" tabindex="-1">${this.heading}</h1>`
      }
      <slot name="actions"></slot>
      <parley-button
        class="close"
        variant="plain"
        icon="close"
        tip="end"
        label=${this.t.app.close}
        @click=${this.onClose}
      ></parley-button>
    `;
  }

  private onBack(): void {
    this.dispatchEvent(new NavigateEvent('back'));
  }

  private onClose(): void {
    this.dispatchEvent(new NavigateEvent('close'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-header': ParleyHeader;
  }
}
