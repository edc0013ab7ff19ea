import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Problem, ProblemCode } from '../../core/snapshot.js';
import '../art/art.js';
import { base } from '../base/base.styles.js';
import { CommandEvent, NavigateEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../header/header.js';

const styles = css`
  :host {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
    background: var(--_surface-1);
  }
  .body {
    display: flex;
    flex: 1;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 6px;
    padding: 0 32px 72px;
    text-align: center;
  }
  parley-art {
    margin-bottom: 20px;
  }
  p {
    color: var(--_text-2);
    text-wrap: balance;
  }
  .body parley-button {
    margin-top: 20px;
  }
`;

/** For these the person, or time, can change something; for the others only the site's owner can. */
const retryable = new Set<ProblemCode>([
  'offline',
  'server_error',
  'too_many',
  'storage_unavailable',
  'storage_full',
  'storage_blocked',
  'other_tab',
  'profile_copied',
  'internal',
]);

/** The widget cannot work here, and why.
 * @event parley-command - `reconnect`: another try.
 * @event parley-navigate - Close; or to erasing what is here, where only that leads on. */
@customElement('parley-closed')
export class ParleyClosed extends ParleyElement {
  static override styles = [base, styles];

  @property({ attribute: false }) problem: Problem = { code: 'internal' };

  override focus(options?: FocusOptions): void {
    const { renderRoot } = this;
    const target = renderRoot.querySelector<HTMLElement>('.body parley-button');
    (target ?? renderRoot.querySelector<HTMLElement>('parley-header'))?.focus(options);
  }

  override render(): TemplateResult {
    const { code } = this.problem;
    return html`<parley-header></parley-header>
      <div class="body" role="alert">
        <parley-art name="closed"></parley-art>
        <h1 class="title">${this.titleOf(code)}</h1>
        <p>${this.t.problems[code]}</p>
        ${this.renderStep(code)}
      </div>`;
  }

  /** The next step, where there is one. */
  private renderStep(code: ProblemCode): TemplateResult | typeof nothing {
    if (code === 'device_revoked')
      return html`<parley-button @click=${this.onAnew}>${this.t.closed.anew}</parley-button>`;
    if (!retryable.has(code)) return nothing;
    return html`<parley-button variant="primary" @click=${this.onRetry}
      >${code === 'profile_copied' ? this.t.closed.goOn : this.t.app.retry}</parley-button
    >`;
  }

  private titleOf(code: ProblemCode): string {
    const words = this.t.closed;
    if (code === 'storage_unavailable') return words.storageTitle;
    if (code === 'storage_full') return words.fullTitle;
    if (code === 'storage_outdated') return words.outdatedTitle;
    if (code === 'other_tab' || code === 'storage_blocked') return words.tabTitle;
    if (code === 'profile_copied') return words.copiedTitle;
    return code === 'device_revoked' ? words.revokedTitle : words.title;
  }

  private onAnew(): void {
    this.dispatchEvent(new NavigateEvent({ overlay: 'sign_out' }));
  }

  private onRetry(): void {
    this.dispatchEvent(new CommandEvent({ type: 'reconnect' }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-closed': ParleyClosed;
  }
}
