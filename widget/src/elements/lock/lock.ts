import { css, html, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { NavigateEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../icon/icon.js';

const styles = css`
  :host {
    --parley-icon-size: 14px;
    display: inline-flex;
    vertical-align: middle;
  }
  button {
    position: relative;
    display: grid;
    place-items: center;
    width: 18px;
    height: 18px;
    border-radius: 6px;
    color: var(--parley-lock-color, var(--_success));
  }
  /* 24 px and more to touch, without taking the room. */
  button::after {
    content: '';
    position: absolute;
    inset: -7px;
  }
`;

/** The one sign of encryption, the same everywhere. It opens the explanation.
 * @event parley-navigate - To the explanation.
 * @cssproperty --parley-lock-color - Where the usual green would not be legible. */
@customElement('parley-lock')
export class ParleyLock extends ParleyElement {
  static override styles = [base, styles];
  static override shadowRootOptions = { ...ParleyElement.shadowRootOptions, delegatesFocus: true };

  override render(): TemplateResult {
    return html`<button type="button" aria-label=${this.t.lock.sign} @click=${this.onClick}>
      <parley-icon name="lock"></parley-icon>
    </button>`;
  }

  private onClick(): void {
    this.dispatchEvent(new NavigateEvent({ overlay: 'encryption' }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-lock': ParleyLock;
  }
}
