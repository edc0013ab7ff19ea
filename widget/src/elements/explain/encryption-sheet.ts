import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ConversationId } from '../../core/ids.js';
import '../art/art.js';
import { base } from '../base/base.styles.js';
import { NavigateEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../icon/icon.js';
import type { IconName } from '../icon/icons.js';
import '../sheet/sheet.js';

const styles = css`
  :host {
    display: contents;
  }
  ul {
    display: grid;
    gap: 14px;
  }
  li {
    display: grid;
    grid-template-columns: 20px 1fr;
    gap: 14px;
    color: var(--_text-2);
  }
  li parley-icon {
    margin-top: 1px;
    color: var(--_success);
  }
`;

/** What the lock means, in four sentences.
 * @event parley-navigate - To the safety number; close. */
@customElement('parley-encryption-sheet')
export class ParleyEncryptionSheet extends ParleyElement {
  static override styles = [base, styles];

  /** The conversation it was asked from, whose safety number can be compared. */
  @property({ attribute: false }) conversationId: ConversationId | null = null;

  override render(): TemplateResult {
    const words = this.t.lock;
    const points: [IconName, string][] = [
      ['lock', words.intro],
      ['hidden', words.server],
      ['call', words.calls],
      ['shield', words.verify],
    ];
    return html`<parley-sheet heading=${words.title}>
      <ul>
        ${points.map(([icon, text]) => html`<li><parley-icon name=${icon}></parley-icon>${text}</li>`)}
      </ul>
      ${
        this.conversationId
          ? html`<parley-button slot="actions" variant="primary" block @click=${this.onCompare}
              >${words.compare}</parley-button
            >`
          : nothing
      }
      <parley-button slot="actions" block @click=${this.onClose}>${this.t.app.done}</parley-button>
    </parley-sheet>`;
  }

  private onCompare(): void {
    const { conversationId } = this;
    if (conversationId) this.dispatchEvent(new NavigateEvent({ screen: 'safety', conversationId }));
  }

  private onClose(): void {
    this.dispatchEvent(new NavigateEvent('close_overlay'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-encryption-sheet': ParleyEncryptionSheet;
  }
}
