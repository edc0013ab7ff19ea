import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { CallState } from '../../core/snapshot.js';
import { emojiName } from '../../locales/emoji.js';
import { currentLocale } from '../../locales/index.js';
import { base } from '../base/base.styles.js';
import { ParleyElement } from '../base/parley-element.js';
import '../icon/icon.js';

const styles = css`
  :host {
    --parley-icon-size: 14px;
    display: block;
    position: relative;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    height: 32px;
    padding-inline: 10px 12px;
    border-radius: 999px;
    background: oklch(0.2 0.02 250 / 0.55);
    backdrop-filter: blur(12px);
    font-size: 16px;
    line-height: 1;
    letter-spacing: 2px;
    /* The same order on both screens, whatever is read on them. */
    direction: ltr;
  }
  .chip parley-icon {
    color: oklch(0.86 0.13 155);
  }
  .chip:focus-visible {
    outline: 2px solid oklch(1 0 0);
  }
  .card {
    position: absolute;
    z-index: 3;
    top: calc(100% + 8px);
    inset-inline-end: 0;
    width: min(288px, 80vw);
    padding: 16px;
    border-radius: 16px;
    background: oklch(0.24 0.015 250);
    box-shadow: 0 12px 40px oklch(0 0 0 / 0.5);
    animation: rise var(--_fast) var(--_out);
  }
  ul {
    display: grid;
    grid-template-columns: repeat(4, 1fr);
    gap: 4px;
    margin-bottom: 12px;
    direction: ltr;
    text-align: center;
  }
  li {
    font-size: 30px;
    line-height: 36px;
  }
  li span {
    display: block;
    font-size: 11px;
    line-height: 14px;
    overflow-wrap: anywhere;
  }
  p {
    font-size: 13px;
    line-height: 18px;
    color: oklch(0.98 0.004 250 / 0.8);
  }
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(-6px);
    }
  }
`;

/** The sign that a call is encrypted: four emoji, equal on both ends, with their names when opened. */
@customElement('parley-safety-code')
export class ParleySafetyCode extends ParleyElement {
  static override styles = [base, styles];

  /** Four of them; nothing is shown without. */
  @property({ attribute: false }) code: CallState['safetyCode'];
  /** Who sees the same. */
  @property() name = '';

  @state() private open = false;

  override render(): TemplateResult | typeof nothing {
    if (!this.code) return nothing;
    const words = this.t.call;
    const named = this.code.map(({ emoji, name }) => ({
      emoji,
      name: emojiName(name, currentLocale().tag),
    }));
    const label = `${words.encrypted}. ${words.code}: ${named.map(({ name }) => name).join(', ')}`;
    return html`<button
        class="chip"
        type="button"
        aria-expanded=${this.open}
        aria-label=${label}
        @click=${this.onToggle}
        @keydown=${this.onKeyDown}
      >
        <parley-icon name="lock"></parley-icon>${named.map(({ emoji }) => emoji)}
      </button>
      ${
        this.open
          ? html`<div class="card">
              <ul aria-hidden="true">
                ${named.map(({ emoji, name }) => html`<li>${emoji}<span>${name}</span></li>`)}
              </ul>
              <p>${words.codeHint(this.name)}</p>
            </div>`
          : nothing
      }`;
  }

  private onToggle(): void {
    this.open = !this.open;
  }

  private onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || !this.open) return;
    event.stopPropagation();
    this.open = false;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-safety-code': ParleySafetyCode;
  }
}
