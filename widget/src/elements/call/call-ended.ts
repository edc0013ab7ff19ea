import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { CallState, Problem } from '../../core/snapshot.js';
import '../avatar/avatar.js';
import { base } from '../base/base.styles.js';
import { CommandEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../icon/icon.js';
import { nameOf } from '../person/name.js';
import { stage } from './stage.styles.js';

const styles = css`
  .problem {
    max-width: 300px;
    margin-top: 16px;
    padding: 12px 16px;
    border-radius: 14px;
    background: oklch(1 0 0 / 0.12);
    font-size: 13px;
    line-height: 18px;
    text-wrap: pretty;
  }
`;

/** A call that is over, or could not be: how it ended, and what one can do.
 * @event parley-command - `start_call` again, `dismiss_call`. */
@customElement('parley-call-ended')
export class ParleyCallEnded extends ParleyElement {
  static override styles = [base, stage, styles];

  @property({ attribute: false }) call!: CallState;
  /** How long it lasted, in seconds. */
  @property({ type: Number }) seconds = 0;

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>('.close')?.focus(options);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('call')) this.style.setProperty('--_hue', String(this.call.peer.hue));
  }

  override render(): TemplateResult {
    const { peer, video } = this.call;
    const name = nameOf(peer);
    const { cause } = this;
    return html`
      <div class="face" role="status">
        <parley-avatar .name=${name} .hue=${peer.hue}></parley-avatar>
        <h1 class="name"><bdi>${name}</bdi></h1>
        <p class="state">${this.outcomeText(name)}</p>
        ${
          this.seconds > 0
            ? html`<p class="sub">${this.t.call.duration(this.format.duration(this.seconds))}</p>`
            : nothing
        }
        ${cause ? html`<p class="problem">${this.t.problems[cause.code]}</p>` : nothing}
      </div>
      <div class="actions">
        <button class="round" type="button" @click=${this.onAgain}>
          <span class="yes"><parley-icon name=${video ? 'camera' : 'call'}></parley-icon></span>
          <span>${this.t.call.again}</span>
        </button>
        <button class="round close" type="button" @click=${this.onDismiss}>
          <span><parley-icon name="close"></parley-icon></span><span>${this.t.call.dismiss}</span>
        </button>
      </div>
    `;
  }

  /** Why no call could be made; how one ended says the rest. */
  private get cause(): Problem | null {
    const { problem } = this.call;
    return problem && problem.code !== 'call_failed' && problem.code !== 'call_busy'
      ? problem
      : null;
  }

  private outcomeText(name: string): string {
    const { outcome, direction } = this.call;
    const words = this.t.call;
    const out = direction === 'out';
    if (this.cause) return words.impossible;
    if (outcome === 'declined') return out ? words.theyDeclined(name) : words.youDeclined;
    if (outcome === 'busy') return words.theyBusy(name);
    if ((outcome === 'missed' || outcome === 'cancelled') && out) return words.noAnswer;
    if (outcome === 'missed' || outcome === 'cancelled') return words.missedIn;
    return words.outcomes[outcome ?? 'ended'];
  }

  private onAgain(): void {
    const { conversationId, video } = this.call;
    this.dispatchEvent(new CommandEvent({ type: 'start_call', conversationId, video }));
  }

  private onDismiss(): void {
    this.dispatchEvent(new CommandEvent({ type: 'dismiss_call' }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-call-ended': ParleyCallEnded;
  }
}
