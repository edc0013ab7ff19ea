import { css, html, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Problem, ProblemCode } from '../../core/snapshot.js';
import { base } from '../base/base.styles.js';
import { NavigateEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../icon/icon.js';
import type { IconName } from '../icon/icons.js';
import '../sheet/sheet.js';
import { sign } from './sign.styles.js';

const styles = css`
  .sign {
    --_sign: var(--_warning);
    --_sign-soft: var(--_warning-soft);
  }
`;

const signs: Partial<Record<ProblemCode, IconName>> = {
  microphone_denied: 'microphone-off',
  camera_denied: 'camera-off',
  device_missing: 'microphone-off',
  device_in_use: 'microphone-off',
  calls_need_https: 'lock-open',
  encryption_unsupported: 'lock-open',
};

/** Why a call cannot be made from here, and what would help.
 * @event parley-navigate - Close. */
@customElement('parley-problem-sheet')
export class ParleyProblemSheet extends ParleyElement {
  static override styles = [base, sign, styles];

  @property({ attribute: false }) problem: Problem = { code: 'calls_unavailable' };

  override render(): TemplateResult {
    const { code } = this.problem;
    return html`<parley-sheet heading=${this.t.call.impossible}>
      <span slot="sign" class="sign"
        ><parley-icon name=${signs[code] ?? 'hang-up'}></parley-icon
      ></span>
      <p>${this.t.problems[code]}</p>
      <parley-button slot="actions" variant="primary" block @click=${this.onClose}
        >${this.t.app.done}</parley-button
      >
    </parley-sheet>`;
  }

  private onClose(): void {
    this.dispatchEvent(new NavigateEvent('close_overlay'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-problem-sheet': ParleyProblemSheet;
  }
}
