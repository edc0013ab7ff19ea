import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { CommandEvent, NavigateEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../sheet/sheet.js';

/** What signing out costs, before it does.
 * @event parley-command - `sign_out`.
 * @event parley-navigate - Close. */
@customElement('parley-sign-out-sheet')
export class ParleySignOutSheet extends ParleyElement {
  static override styles = [
    base,
    css`
      :host {
        display: contents;
      }
    `,
  ];

  /** One's own address; empty where it is not given up by this. */
  @property() address = '';

  override render(): TemplateResult {
    const words = this.t.settings;
    return html`<parley-sheet urgent heading=${words.signOutTitle}>
      <p>${words.signOutBody}</p>
      ${this.address === '' ? nothing : html`<p>${words.signOutHandle(this.address)}</p>`}
      <parley-button slot="actions" block @click=${this.onClose}
        >${this.t.app.cancel}</parley-button
      >
      <parley-button slot="actions" variant="danger" block @click=${this.onConfirm}
        >${words.signOutConfirm}</parley-button
      >
    </parley-sheet>`;
  }

  private onConfirm(): void {
    this.onClose();
    this.dispatchEvent(new CommandEvent({ type: 'sign_out' }));
  }

  private onClose(): void {
    this.dispatchEvent(new NavigateEvent('close_overlay'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-sign-out-sheet': ParleySignOutSheet;
  }
}
