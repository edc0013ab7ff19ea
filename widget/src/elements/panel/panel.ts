import { css, html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { base } from '../base/base.styles.js';
import { NavigateEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';

const styles = css`
  :host {
    display: block;
    width: min(var(--parley-width, 384px), 100vw - 16px);
    height: min(var(--parley-height, 640px), 100vh - 32px);
    height: min(var(--parley-height, 640px), 100dvh - 32px);
  }
  section {
    position: relative;
    display: flex;
    flex-direction: column;
    width: 100%;
    height: 100%;
    overflow: hidden;
    border-radius: var(--_radius-panel);
    background: var(--_surface-1);
    color: var(--_text);
    box-shadow: var(--_shadow-3);
    outline: none;
    /* What is inside lays itself out alone: the page around pays nothing for it. */
    contain: strict;
  }
  .screen {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
    position: relative;
  }
  /* Over the room that screens leave at their foot: what comes and goes there moves nothing. */
  .foot {
    position: absolute;
    z-index: 5;
    inset: auto 0 env(safe-area-inset-bottom);
  }
  .forward,
  .back {
    animation: forward var(--_slow) var(--_out);
  }
  .back {
    animation-name: back;
  }
  .forward:dir(rtl) {
    animation-name: back;
  }
  .back:dir(rtl) {
    animation-name: forward;
  }
  @keyframes forward {
    from {
      opacity: 0;
      transform: translateX(20px);
    }
  }
  @keyframes back {
    from {
      opacity: 0;
      transform: translateX(-20px);
    }
  }
  @media (max-width: 479.98px) {
    :host {
      position: fixed;
      inset: 0;
      width: 100%;
      height: var(--_visible-height, 100dvh);
    }
    section {
      border-radius: 0;
      box-shadow: none;
    }
  }
  @media (forced-colors: active) {
    section {
      border: 1px solid CanvasText;
    }
  }
`;

/** The shell: a panel beside the page, the full screen on a phone.
 * @slot - The current screen.
 * @slot banner - What stands at the foot of a screen, over the 56 px that it leaves there.
 * @slot overlay - A sheet, or a call, over everything.
 * @csspart panel - The surface.
 * @event parley-navigate - Escape: back, or close.
 * @cssproperty [--parley-width=384px] - Width beside the page.
 * @cssproperty [--parley-height=640px] - Height beside the page, at most the window's less 32 px.
 * @cssproperty [--parley-radius=20px] - Corner radius. */
@customElement('parley-panel')
export class ParleyPanel extends ParleyElement {
  static override styles = [base, styles];

  /** Name for screen readers. */
  @property() label = '';
  /** Changes with the screen: a new one comes in, moving the way one went. */
  @property() screen = '';
  @property() motion: 'forward' | 'back' | 'none' = 'none';
  /** Something lies over the screen: it takes neither focus nor clicks. */
  @property({ type: Boolean }) covered = false;

  private watch: AbortController | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.watch = new AbortController();
    // On phones the keyboard covers what `dvh` counts: the visible part is what one can use.
    const { visualViewport } = window;
    const fit = (): void => {
      const height = visualViewport ? `${String(Math.round(visualViewport.height))}px` : '';
      this.style.setProperty('--_visible-height', height);
    };
    visualViewport?.addEventListener('resize', fit, { signal: this.watch.signal });
    fit();
  }

  override disconnectedCallback(): void {
    this.watch?.abort();
    super.disconnectedCallback();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('screen') || this.motion === 'none') return;
    const screen = this.renderRoot.querySelector('.screen');
    screen?.classList.remove('forward', 'back');
    // Reading a size lets the same animation start anew.
    screen?.getBoundingClientRect();
    screen?.classList.add(this.motion);
  }

  override render(): TemplateResult {
    return html`<section
      part="panel"
      role="dialog"
      aria-label=${this.label || this.t.app.panel}
      tabindex="-1"
      @keydown=${this.onKeyDown}
    >
      <div class="screen" ?inert=${this.covered}><slot></slot></div>
      <div class="foot" ?inert=${this.covered}><slot name="banner"></slot></div>
      <slot name="overlay"></slot>
    </section>`;
  }

  private onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    this.dispatchEvent(new NavigateEvent('back'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-panel': ParleyPanel;
  }
}
