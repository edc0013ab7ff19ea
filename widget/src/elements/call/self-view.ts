import { css, html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { ParleyElement } from '../base/parley-element.js';

const styles = css`
  :host {
    position: absolute;
    inset: 0;
    pointer-events: none;
  }
  button {
    position: absolute;
    width: 96px;
    height: 132px;
    overflow: hidden;
    border-radius: 16px;
    background: oklch(0.25 0.02 250);
    box-shadow:
      0 0 0 1.5px oklch(1 0 0 / 0.5),
      0 8px 24px oklch(0 0 0 / 0.4);
    cursor: grab;
    pointer-events: auto;
    touch-action: none;
    transition: transform var(--_slow) var(--_out);
  }
  button.held {
    cursor: grabbing;
    transition: none;
  }
  button:focus-visible {
    outline: 3px solid oklch(1 0 0);
  }
  .top {
    top: 76px;
  }
  .bottom {
    bottom: 104px;
  }
  /* Corners of the picture, not of the text: the same in every language. */
  .left {
    left: 12px;
  }
  .right {
    right: 12px;
  }
  video {
    width: 100%;
    height: 100%;
    object-fit: cover;
    transform: scaleX(-1);
    pointer-events: none;
  }
`;

/** Where the own picture sits. */
export type Corner = `${'top' | 'bottom'} ${'left' | 'right'}`;

/** The own picture, mirrored, in a corner: dragged or moved by arrow keys to any other. */
@customElement('parley-self-view')
export class ParleySelfView extends ParleyElement {
  static override styles = [base, styles];

  /** The own camera. */
  @property({ attribute: false }) stream: MediaStream | null = null;

  @state() private corner: Corner = 'top right';
  @query('button') private frame!: HTMLElement;
  @query('video') private video!: HTMLVideoElement;
  private grip: { x: number; y: number } | undefined;

  override render(): TemplateResult {
    return html`<button
      type="button"
      class=${this.corner}
      aria-label=${this.t.call.self}
      @pointerdown=${this.onDown}
      @pointermove=${this.onMove}
      @pointerup=${this.onUp}
      @pointercancel=${this.onUp}
      @keydown=${this.onKeyDown}
    >
      <video autoplay playsinline .muted=${true} aria-hidden="true"></video>
    </button>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('stream') && this.video.srcObject !== this.stream)
      this.video.srcObject = this.stream;
  }

  private onDown(event: PointerEvent): void {
    this.grip = { x: event.clientX, y: event.clientY };
    this.frame.setPointerCapture(event.pointerId);
    this.frame.classList.add('held');
  }

  private onMove(event: PointerEvent): void {
    if (!this.grip) return;
    const x = event.clientX - this.grip.x;
    const y = event.clientY - this.grip.y;
    this.frame.style.transform = `translate(${String(x)}px, ${String(y)}px)`;
  }

  private onUp(): void {
    if (!this.grip) return;
    this.grip = undefined;
    const area = this.getBoundingClientRect();
    const from = this.frame.getBoundingClientRect();
    const high = from.top + from.height / 2 < area.top + area.height / 2;
    const left = from.left + from.width / 2 < area.left + area.width / 2;
    void this.settle(`${high ? 'top' : 'bottom'} ${left ? 'left' : 'right'}`, from);
  }

  /** Glides from where it was let go to its corner: placed there at once, then moved back and released. */
  private async settle(corner: Corner, from: DOMRect): Promise<void> {
    this.corner = corner;
    await this.updateComplete;
    const { frame } = this;
    frame.style.transform = '';
    frame.classList.add('held');
    const to = frame.getBoundingClientRect();
    frame.style.transform = `translate(${String(from.left - to.left)}px, ${String(from.top - to.top)}px)`;
    frame.getBoundingClientRect();
    frame.classList.remove('held');
    frame.style.transform = '';
  }

  private onKeyDown(event: KeyboardEvent): void {
    const [vertical, horizontal] = this.corner.split(' ') as ['top' | 'bottom', 'left' | 'right'];
    const next: Partial<Record<string, Corner>> = {
      ArrowUp: `top ${horizontal}`,
      ArrowDown: `bottom ${horizontal}`,
      ArrowLeft: `${vertical} left`,
      ArrowRight: `${vertical} right`,
    };
    const corner = next[event.key];
    if (!corner) return;
    event.preventDefault();
    void this.settle(corner, this.frame.getBoundingClientRect());
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-self-view': ParleySelfView;
  }
}
