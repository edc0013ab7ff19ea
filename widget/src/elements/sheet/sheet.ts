import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { NavigateEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';

const styles = css`
  :host {
    position: absolute;
    z-index: 10;
    inset: 0;
    display: grid;
    align-items: end;
    overflow: hidden;
    border-radius: inherit;
  }
  .scrim {
    position: absolute;
    inset: 0;
    background: var(--_scrim);
    cursor: default;
    animation: appear var(--_slow) var(--_out);
  }
  [role] {
    position: relative;
    display: flex;
    flex-direction: column;
    gap: 16px;
    max-height: calc(100% - 24px);
    margin: 8px;
    padding: 24px 20px max(20px, env(safe-area-inset-bottom));
    overflow: auto;
    border-radius: 16px;
    background: var(--_surface-3);
    box-shadow: var(--_shadow-3);
    outline: none;
    animation: rise var(--_slow) var(--_out);
  }
  h2 {
    padding-inline-end: 8px;
  }
  ::slotted(p) {
    margin: 0;
    color: var(--_text-2);
    text-wrap: pretty;
  }
  .actions {
    display: grid;
    gap: 8px;
    margin-top: 4px;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(24px);
    }
  }
`;

/** A sheet over the panel that asks or explains. What lies under it is the host's to make `inert`;
 * Escape, the scrim and its buttons close it.
 * @slot - Text and what belongs to it.
 * @slot actions - Buttons, the suggested one first.
 * @slot sign - A picture above the heading.
 * @event parley-navigate - `close_overlay`. */
@customElement('parley-sheet')
export class ParleySheet extends ParleyElement {
  static override styles = [base, styles];

  @property() heading = '';
  /** Interrupts: it does not close by a click beside it. */
  @property({ type: Boolean }) urgent = false;

  @query('[role]') private surface!: HTMLElement;

  protected override firstUpdated(): void {
    this.surface.focus();
  }

  override render(): TemplateResult {
    return html`
      <button
        class="scrim"
        type="button"
        tabindex="-1"
        aria-hidden="true"
        @click=${this.urgent ? nothing : this.onClose}
      ></button>
      <div
        role=${this.urgent ? 'alertdialog' : 'dialog'}
        aria-modal="true"
        aria-labelledby="heading"
        tabindex="-1"
        @keydown=${this.onKeyDown}
      >
        <slot name="sign"></slot>
        <h2 id="heading" class="title">${this.heading}</h2>
        <slot></slot>
        <div class="actions"><slot name="actions"></slot></div>
      </div>
    `;
  }

  private onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    this.onClose();
  }

  private onClose(): void {
    this.dispatchEvent(new NavigateEvent('close_overlay'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-sheet': ParleySheet;
  }
}
