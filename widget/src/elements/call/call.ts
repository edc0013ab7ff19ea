import { css, html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { CallState } from '../../core/snapshot.js';
import { ParleyElement } from '../base/parley-element.js';
import './call-active.js';
import './call-ended.js';
import './call-ringing.js';

const styles = css`
  :host {
    position: absolute;
    z-index: 6;
    inset: 0;
    border-radius: inherit;
  }
`;

/** A call over the whole panel, from the first ring to how it ended.
 * @event parley-command - Everything one can do about a call. */
@customElement('parley-call')
export class ParleyCall extends ParleyElement {
  static override styles = styles;

  @property({ attribute: false }) call!: CallState;
  /** Whether one has written with this person. */
  @property({ type: Boolean }) known = false;
  @property({ attribute: false }) local: MediaStream | null = null;
  @property({ attribute: false }) remote: MediaStream | null = null;

  private seconds = 0;

  override focus(options?: FocusOptions): void {
    const screen = this.renderRoot.firstElementChild;
    if (screen instanceof HTMLElement) screen.focus(options);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('call')) return;
    const { phase, activeSince } = this.call;
    const before = changed.get('call');
    if (before?.id !== this.call.id) this.seconds = 0;
    if (phase === 'ended' && before?.phase !== 'ended' && activeSince !== undefined)
      this.seconds = (Date.now() - activeSince) / 1000;
  }

  override render(): TemplateResult {
    const { phase } = this.call;
    if (phase === 'ended')
      return html`<parley-call-ended
        .call=${this.call}
        .seconds=${this.seconds}
      ></parley-call-ended>`;
    // Once answered both are in the call while it is still connecting: they have the controls, and the element that
    // plays, without which no browser decodes a sound and nobody could tell that the other is there.
    if (phase === 'connecting' || phase === 'active' || phase === 'reconnecting')
      return html`<parley-call-active
        .call=${this.call}
        .local=${this.local}
        .remote=${this.remote}
      ></parley-call-active>`;
    return html`<parley-call-ringing
      .call=${this.call}
      .local=${this.local}
      ?known=${this.known}
    ></parley-call-ringing>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('call')) return;
    const before = changed.get('call');
    if (before?.phase !== this.call.phase) void this.focusSoon();
  }

  private async focusSoon(): Promise<void> {
    const screen = this.renderRoot.firstElementChild;
    if (screen instanceof ParleyElement) await screen.updateComplete;
    this.focus({ preventScroll: true });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-call': ParleyCall;
  }
}
