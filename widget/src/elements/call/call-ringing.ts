import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { CallState } from '../../core/snapshot.js';
import '../avatar/avatar.js';
import { base } from '../base/base.styles.js';
import { CommandEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../icon/icon.js';
import type { IconName } from '../icon/icons.js';
import '../lock/lock.js';
import { nameOf } from '../person/name.js';
import './self-view.js';
import { stage } from './stage.styles.js';

const styles = css`
  .halo {
    position: relative;
  }
  .halo::before,
  .halo::after {
    content: '';
    position: absolute;
    inset: 0 0 28px;
    border-radius: 50%;
    background: oklch(1 0 0 / 0.14);
    animation: ring 2.4s var(--_out) infinite;
  }
  .halo::after {
    animation-delay: 1.2s;
  }
  .known {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    margin-top: 20px;
    padding: 6px 12px;
    border-radius: 999px;
    background: oklch(1 0 0 / 0.1);
    font-size: 13px;
    line-height: 18px;
    --parley-icon-size: 16px;
  }
  @keyframes ring {
    from {
      opacity: 1;
      transform: scale(1);
    }
    to {
      opacity: 0;
      transform: scale(1.75);
    }
  }
  .name:focus {
    outline: none;
  }
  @media (prefers-reduced-motion: reduce) {
    .halo::before,
    .halo::after {
      display: none;
    }
  }
`;

/** A call that rings, here or at the other's: who, from where, how one knows them, and what to do.
 * @event parley-command - `answer_call`, `decline_call`, `hang_up`. */
@customElement('parley-call-ringing')
export class ParleyCallRinging extends ParleyElement {
  static override styles = [base, stage, styles];

  @property({ attribute: false }) call!: CallState;
  /** Whether one has written with this person. */
  @property({ type: Boolean }) known = false;
  /** The own camera. */
  @property({ attribute: false }) local: MediaStream | null = null;

  @query('.name') private heading!: HTMLElement | null;
  @query('.yes, .no') private firstAction!: HTMLElement | null;

  /** What rings by itself must not be declined by whoever is typing: the name takes the focus, the buttons come next. */
  override focus(options?: FocusOptions): void {
    const action = this.firstAction?.closest('button');
    (this.call.phase === 'incoming' ? this.heading : action)?.focus(options);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('call')) this.style.setProperty('--_hue', String(this.call.peer.hue));
  }

  override render(): TemplateResult {
    const { peer, phase, camera } = this.call;
    const name = nameOf(peer);
    const incoming = phase === 'incoming';
    return html`
      <div class="face">
        <div class="halo"><parley-avatar .name=${name} .hue=${peer.hue}></parley-avatar></div>
        <h1 class="name" tabindex="-1"><bdi>${name}</bdi></h1>
        <p class="sub"><parley-lock></parley-lock><bdi dir="ltr">${peer.address}</bdi></p>
        <p class="state" role="status">${this.stateText()}</p>
        ${incoming ? this.renderKnown() : nothing}
      </div>
      ${
        // From here on the camera is open: one sees what the other will see, where it stays.
        phase === 'ringing' && camera === 'on'
          ? html`<parley-self-view .stream=${this.local}></parley-self-view>`
          : nothing
      }
      <div class="actions">${incoming ? this.renderAnswers() : this.renderCancel()}</div>
    `;
  }

  private stateText(): string {
    const { phase, video } = this.call;
    const words = this.t.call;
    if (phase === 'incoming') return video ? words.incomingVideo : words.incoming;
    if (phase === 'ringing') return words.ringing;
    return phase === 'connecting' ? words.connecting : words.outgoing;
  }

  private renderKnown(): TemplateResult {
    const { verified } = this.call.peer;
    const icon: IconName = verified ? 'verified' : this.known ? 'history' : 'alert';
    const text = verified
      ? this.t.safety.verified
      : this.known
        ? this.t.call.known
        : this.t.call.unknown;
    return html`<p class="known"><parley-icon name=${icon}></parley-icon>${text}</p>`;
  }

  private renderAnswers(): TemplateResult {
    const { id, video } = this.call;
    return html`
      ${this.renderButton(this.t.call.decline, { tone: 'no', icon: 'hang-up' }, () => {
        this.dispatchEvent(new CommandEvent({ type: 'decline_call', callId: id }));
      })}
      ${
        video
          ? this.renderButton(this.t.call.acceptVoice, { icon: 'call' }, () => {
              this.answer(false);
            })
          : nothing
      }
      ${this.renderButton(
        video ? this.t.call.acceptVideo : this.t.call.accept,
        { tone: 'yes', icon: video ? 'camera' : 'call' },
        () => {
          this.answer(video);
        },
      )}
    `;
  }

  private renderCancel(): TemplateResult {
    const { id, phase } = this.call;
    const label = phase === 'connecting' ? this.t.call.hangUp : this.t.call.cancel;
    return this.renderButton(label, { tone: 'no', icon: 'hang-up' }, () => {
      this.dispatchEvent(new CommandEvent({ type: 'hang_up', callId: id }));
    });
  }

  private renderButton(
    label: string,
    { tone = '', icon }: { tone?: string; icon: IconName },
    act: () => void,
  ): TemplateResult {
    return html`<button class="round" type="button" @click=${act}>
      <span class=${tone}><parley-icon name=${icon}></parley-icon></span><span>${label}</span>
    </button>`;
  }

  private answer(video: boolean): void {
    this.dispatchEvent(new CommandEvent({ type: 'answer_call', callId: this.call.id, video }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-call-ringing': ParleyCallRinging;
  }
}
