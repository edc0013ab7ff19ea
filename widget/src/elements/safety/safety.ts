import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ConversationSummary, Problem, SafetyNumber } from '../../core/snapshot.js';
import '../avatar/avatar.js';
import { base } from '../base/base.styles.js';
import { CommandEvent, ToastEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../header/header.js';
import '../icon/icon.js';
import { nameOf } from '../person/name.js';

const styles = css`
  :host {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
    background: var(--_surface-1);
  }
  .scroll {
    display: flex;
    flex: 1;
    flex-direction: column;
    align-items: center;
    min-height: 0;
    padding: 8px 24px calc(56px + env(safe-area-inset-bottom));
    overflow: auto;
    text-align: center;
  }
  .scroll > * {
    flex: none;
  }
  parley-avatar {
    --parley-avatar-size: 72px;
    margin-bottom: 12px;
  }
  h2 {
    display: flex;
    align-items: center;
    gap: 6px;
    max-width: 100%;
  }
  h2 parley-icon {
    color: var(--_accent);
  }
  .number {
    display: grid;
    grid-template-columns: repeat(4, auto);
    justify-content: space-between;
    gap: 10px 8px;
    width: 100%;
    margin: 20px 0 4px;
    padding: 20px 22px;
    border-radius: 16px;
    background: var(--_field);
    font: 500 18px/24px var(--_mono);
    font-variant-numeric: tabular-nums;
    letter-spacing: 0.02em;
    user-select: all;
  }
  .number i {
    height: 24px;
    width: 56px;
    border-radius: 6px;
    background: var(--_press);
  }
  .intro {
    margin: 12px 0 20px;
    color: var(--_text-2);
    font-size: 13px;
    line-height: 18px;
  }
  .verified {
    display: flex;
    align-items: center;
    gap: 8px;
    justify-content: center;
    margin-bottom: 4px;
    color: var(--_success);
    font-weight: 600;
  }
  .changed {
    display: flex;
    align-items: flex-start;
    gap: 8px;
    margin-bottom: 12px;
    color: var(--_danger);
    font-size: 13px;
    line-height: 18px;
    text-align: start;
  }
  .end {
    display: grid;
    gap: 8px;
    width: 100%;
    margin-top: auto;
  }
  .error {
    margin: 24px 0;
    color: var(--_danger);
  }
`;

/** The number that two people compare to know that nobody stands between them.
 * @event parley-command - `set_verified`; `accept_key` where the key has changed.
 * @event parley-toast - That it was copied. */
@customElement('parley-safety')
export class ParleySafety extends ParleyElement {
  static override styles = [base, styles];

  @property({ attribute: false }) conversation!: ConversationSummary;
  /** `null` while it is being computed. */
  @property({ attribute: false }) safetyNumber: SafetyNumber | null = null;
  @property({ attribute: false }) problem: Problem | null = null;

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>('.end parley-button')?.focus(options);
  }

  override render(): TemplateResult {
    const { peer } = this.conversation;
    const name = nameOf(peer);
    return html`
      <parley-header back heading=${this.t.safety.title}></parley-header>
      <div class="scroll">
        <parley-avatar .name=${name} .hue=${peer.hue}></parley-avatar>
        <h2 class="title">
          <bdi class="cut">${name}</bdi>${
            peer.verified ? html`<parley-icon name="verified"></parley-icon>` : nothing
          }
        </h2>
        <p class="second cut" dir="ltr">${peer.address}</p>
        ${
          this.problem
            ? html`<p class="error" role="alert">${this.t.problems[this.problem.code]}</p>`
            : this.renderNumber()
        }
        <p class="intro">${this.t.safety.intro(name)}</p>
        <div class="end">
          ${peer.keyChanged ? this.renderAccept() : nothing}
          ${
            peer.verified
              ? html`<p class="verified" role="status">
                  <parley-icon name="shield"></parley-icon>${this.t.safety.verified}
                </p>`
              : nothing
          }
          <parley-button
            block
            variant=${peer.verified || peer.keyChanged ? 'secondary' : 'primary'}
            ?disabled=${this.safetyNumber === null || peer.keyChanged}
            @click=${this.onVerify}
            >${peer.verified ? this.t.safety.unverify : this.t.safety.verify}</parley-button
          >
        </div>
      </div>
    `;
  }

  private renderNumber(): TemplateResult {
    const groups = this.safetyNumber?.groups;
    return html`<div
        class="number"
        dir="ltr"
        role="group"
        aria-label=${this.t.safety.number}
        aria-busy=${groups === undefined}
      >
        ${
          groups
            ? groups.map((group) => html`<span>${group}</span>`)
            : Array.from({ length: 12 }, () => html`<i></i>`)
        }
      </div>
      <parley-button variant="ghost" icon="copy" ?disabled=${!groups} @click=${this.onCopy}
        >${this.t.safety.copy}</parley-button
      >`;
  }

  /** A changed key is accepted first; only then is there something to verify. */
  private renderAccept(): TemplateResult {
    return html`<p class="changed" role="status">
        <parley-icon name="shield-alert"></parley-icon>${this.t.conversation.keyChanged}
      </p>
      <parley-button block variant="primary" @click=${this.onAccept}
        >${this.t.keyChanged.accept}</parley-button
      >`;
  }

  private onAccept(): void {
    this.dispatchEvent(
      new CommandEvent({ type: 'accept_key', conversationId: this.conversation.id }),
    );
  }

  private onVerify(): void {
    const { id, peer } = this.conversation;
    this.dispatchEvent(
      new CommandEvent({ type: 'set_verified', conversationId: id, verified: !peer.verified }),
    );
  }

  private async onCopy(): Promise<void> {
    if (!this.safetyNumber) return;
    await navigator.clipboard.writeText(this.safetyNumber.groups.join(' '));
    this.dispatchEvent(new ToastEvent(this.t.app.copied));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-safety': ParleySafety;
  }
}
