import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import type { CallState, Command } from '../../core/snapshot.js';
import '../avatar/avatar.js';
import { base } from '../base/base.styles.js';
import { CommandEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../icon/icon.js';
import type { IconName } from '../icon/icons.js';
import { nameOf } from '../person/name.js';
import { styles } from './call-active.styles.js';
import './safety-code.js';
import './self-view.js';
import { stage } from './stage.styles.js';

const quietAfterMs = 3_000;

/** A call in course. The controls fade over a picture when nothing moves, and never for those who use the keyboard.
 * @event parley-command - `set_microphone`, `set_camera`, `hang_up`. */
@customElement('parley-call-active')
export class ParleyCallActive extends ParleyElement {
  static override styles = [base, stage, styles];

  @property({ attribute: false }) call!: CallState;
  /** The own camera and microphone. */
  @property({ attribute: false }) local: MediaStream | null = null;
  /** The other's picture and voice. */
  @property({ attribute: false }) remote: MediaStream | null = null;

  @state() private quiet = false;
  @state() private now = Date.now();
  @query('.picture') private picture!: HTMLVideoElement;
  private quietTimer: ReturnType<typeof setTimeout> | undefined;
  private clock: ReturnType<typeof setInterval> | undefined;
  private keyboard = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.clock = setInterval(() => {
      this.now = Date.now();
    }, 1000);
    this.wake();
  }

  override disconnectedCallback(): void {
    clearInterval(this.clock);
    clearTimeout(this.quietTimer);
    super.disconnectedCallback();
  }

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>('.control')?.focus(options);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('call')) this.style.setProperty('--_hue', String(this.call.peer.hue));
  }

  override render(): TemplateResult {
    const { peer, remote, camera, microphone, safetyCode } = this.call;
    const name = nameOf(peer);
    const classes = { room: true, seen: remote.video, quiet: this.quiet && remote.video };
    return html`<div
      class=${classMap(classes)}
      role="region"
      aria-label=${this.t.call.region(name)}
      @pointermove=${this.onPointer}
      @pointerdown=${this.onPointer}
      @keydown=${this.onKeyDown}
      @focusin=${this.wake}
    >
      <video class="picture" autoplay playsinline aria-label=${this.t.call.remote(name)}></video>
      <div class="top">
        ${remote.video ? this.renderWho(name) : nothing}
        <parley-safety-code .code=${safetyCode} .name=${name}></parley-safety-code>
      </div>
      ${
        remote.video
          ? nothing
          : html`<div class="face">
              <parley-avatar
                class=${remote.audio ? 'heard' : ''}
                .name=${name}
                .hue=${peer.hue}
              ></parley-avatar>
              ${this.renderWho(name)} ${this.renderLack()}
            </div>`
      }
      ${camera === 'on' ? html`<parley-self-view .stream=${this.local}></parley-self-view>` : nothing}
      ${
        microphone === 'off'
          ? html`<p class="muted" role="status">
              <span><parley-icon name="microphone-off"></parley-icon>${this.t.call.muted}</span>
            </p>`
          : nothing
      }
      ${this.renderControls()}
    </div>`;
  }

  /** Beside the picture; without one it is what the screen is about. */
  private renderWho(name: string): TemplateResult {
    return html`<div class="who">
      <h1 class="cut"><bdi>${name}</bdi></h1>
      <p role=${this.isRunning ? 'timer' : 'status'}>${this.stateText()}</p>
    </div>`;
  }

  /** What does not arrive of what should. */
  private renderLack(): TemplateResult | typeof nothing {
    const { remote, video } = this.call;
    if (!this.isRunning || (remote.audio && !video)) return nothing;
    const { waiting, silent } = this.t.call;
    return html`<p class="sub" role="status">${remote.audio ? waiting : silent}</p>`;
  }

  private get isRunning(): boolean {
    return this.call.phase === 'active' && this.call.activeSince !== undefined;
  }

  private stateText(): string {
    const { phase, activeSince } = this.call;
    if (phase === 'reconnecting') return this.t.call.reconnecting;
    if (activeSince === undefined || phase !== 'active') return this.t.call.connecting;
    return this.format.duration((this.now - activeSince) / 1000);
  }

  private renderControls(): TemplateResult {
    const { id, microphone, camera, video } = this.call;
    const words = this.t.call;
    const speaking = microphone === 'on';
    const filming = camera === 'on';
    return html`<div class="controls">
      <div class="group">
        ${this.renderControl(
          speaking ? 'microphone' : 'microphone-off',
          speaking ? words.mute : words.unmute,
          { tone: speaking ? '' : 'off', command: { type: 'set_microphone', on: !speaking } },
        )}
        ${this.renderControl(
          filming ? 'camera' : 'camera-off',
          filming ? words.cameraOff : words.cameraOn,
          // Off is worth a mark only where one would expect it on.
          { tone: filming || !video ? '' : 'off', command: { type: 'set_camera', on: !filming } },
        )}
      </div>
      ${this.renderControl('hang-up', words.hangUp, {
        tone: 'end',
        command: { type: 'hang_up', callId: id },
      })}
    </div>`;
  }

  private renderControl(
    icon: IconName,
    label: string,
    { tone, command }: { tone: string; command: Command },
  ): TemplateResult {
    return html`<button
      type="button"
      class="control ${tone}"
      aria-label=${label}
      title=${label}
      @click=${() => {
        this.dispatchEvent(new CommandEvent(command));
      }}
    >
      <parley-icon name=${icon}></parley-icon>
    </button>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('remote') && this.picture.srcObject !== this.remote)
      this.picture.srcObject = this.remote;
  }

  private onPointer(): void {
    this.keyboard = false;
    this.wake();
  }

  private onKeyDown(): void {
    this.keyboard = true;
    this.wake();
  }

  private readonly wake = (): void => {
    this.quiet = false;
    clearTimeout(this.quietTimer);
    this.quietTimer = setTimeout(() => {
      this.quiet = !this.keyboard && !this.renderRoot.querySelector(':focus-visible');
    }, quietAfterMs);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-call-active': ParleyCallActive;
  }
}
