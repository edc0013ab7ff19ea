import { css, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ConversationSummary } from '../../core/snapshot.js';
import { base } from '../base/base.styles.js';
import { CommandEvent, NavigateEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../icon/icon.js';
import { nameOf } from '../person/name.js';
import '../sheet/sheet.js';
import { sign } from './sign.styles.js';

const styles = css`
  .sign {
    --_sign: var(--_danger);
    --_sign-soft: var(--_danger-soft);
  }
`;

/** A person's key is another than before: what that can mean, and the decision that nothing goes on without.
 * @event parley-command - `accept_key`.
 * @event parley-navigate - To the safety number; close. */
@customElement('parley-key-changed-sheet')
export class ParleyKeyChangedSheet extends ParleyElement {
  static override styles = [base, sign, styles];

  @property({ attribute: false }) conversation!: ConversationSummary;

  override render(): TemplateResult {
    const words = this.t.keyChanged;
    return html`<parley-sheet urgent heading=${words.title}>
      <span slot="sign" class="sign"><parley-icon name="shield-alert"></parley-icon></span>
      <p>${words.body(nameOf(this.conversation.peer))}</p>
      <p>${words.advice}</p>
      <parley-button slot="actions" variant="primary" block @click=${this.onCompare}
        >${words.compare}</parley-button
      >
      <parley-button slot="actions" block @click=${this.onAccept}>${words.accept}</parley-button>
      <parley-button slot="actions" variant="plain" block @click=${this.onLater}
        >${words.later}</parley-button
      >
    </parley-sheet>`;
  }

  private onCompare(): void {
    this.dispatchEvent(
      new NavigateEvent({ screen: 'safety', conversationId: this.conversation.id }),
    );
  }

  private onAccept(): void {
    this.dispatchEvent(
      new CommandEvent({ type: 'accept_key', conversationId: this.conversation.id }),
    );
    this.onLater();
  }

  private onLater(): void {
    this.dispatchEvent(new NavigateEvent('close_overlay'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-key-changed-sheet': ParleyKeyChangedSheet;
  }
}
