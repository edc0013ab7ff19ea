import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { ConversationSummary, Message, Problem } from '../../core/snapshot.js';
import '../avatar/avatar.js';
import '../banner/banner.js';
import { base } from '../base/base.styles.js';
import { CommandEvent, NavigateEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../composer/composer.js';
import type { ParleyComposer } from '../composer/composer.js';
import '../header/header.js';
import '../icon/icon.js';
import '../lock/lock.js';
import { handleOf, nameOf } from '../person/name.js';
import '../thread/thread.js';
import type { ParleyThread } from '../thread/thread.js';
import { styles } from './conversation.styles.js';

/** The window of messages that is open, as the controller holds it. */
export interface ThreadView {
  messages: readonly Message[];
  hasOlder: boolean;
  hasNewer: boolean;
  loading: boolean;
  unreadAfter: number | null;
  unreadCount: number;
}

/** One conversation: who, what was said, and where to write.
 * @slot - A strip that stands over the beginning of what is in sight.
 * @event parley-command - Calls; and what the thread asks.
 * @event parley-navigate - Back, to the safety number, to a decision about a changed key.
 * @event parley-send - A text to send.
 * @event parley-draft - What is being written.
 * @event parley-history - More messages are wanted. */
@customElement('parley-conversation')
export class ParleyConversation extends ParleyElement {
  static override styles = [base, styles];

  @property({ attribute: false }) conversation!: ConversationSummary;
  @property({ attribute: false }) view: ThreadView | null = null;
  @property() draft = '';
  @property({ attribute: false }) refused: { text: string; problem: Problem } | null = null;
  /** Somebody looks at it. */
  @property({ type: Boolean }) seen = true;

  @query('parley-composer') private composer!: ParleyComposer;
  @query('parley-thread') private thread!: ParleyThread;

  /** To the composer; on touch to the heading, so that no keyboard jumps up. */
  override focus(options?: FocusOptions): void {
    const touch = matchMedia('(pointer: coarse)').matches;
    const target = touch ? this.renderRoot.querySelector<HTMLElement>('.details') : this.composer;
    target?.focus(options);
  }

  override render(): TemplateResult {
    const { peer, id, readUpTo } = this.conversation;
    const view = this.view;
    return html`
      <parley-header back> ${this.renderWho()} ${this.renderCallButtons()} </parley-header>
      <div class="strips">
        <div>${this.renderBanner()}<slot></slot></div>
      </div>
      <parley-thread
        .messages=${view?.messages ?? []}
        .peer=${peer}
        .hasOlder=${view?.hasOlder ?? false}
        .hasNewer=${view?.hasNewer ?? false}
        .loading=${view?.loading ?? true}
        .unreadAfter=${view?.unreadAfter ?? null}
        .unreadCount=${view?.unreadCount ?? 0}
        .readUpTo=${readUpTo}
        .seen=${this.seen}
      ></parley-thread>
      <parley-composer
        .draft=${this.draft}
        .draftKey=${id}
        .refused=${this.refused}
        @parley-send=${this.onSend}
      ></parley-composer>
    `;
  }

  /** Whoever read far above wants to see what they said. */
  private readonly onSend = (): void => {
    this.thread.toLatest();
  };

  private renderWho(): TemplateResult {
    const { peer } = this.conversation;
    const name = nameOf(peer);
    const handle = handleOf(peer.address);
    return html`<div class="who">
      <parley-avatar .name=${name} .hue=${peer.hue}></parley-avatar>
      <h1>
        <button class="details cut" type="button" @click=${this.onDetails}>
          <bdi>${name}</bdi><span class="sr">, ${this.t.safety.title}</span>
        </button>
        ${
          peer.verified
            ? html`<parley-icon name="verified" label=${this.t.app.verified}></parley-icon>`
            : nothing
        }
      </h1>
      <p class="sub">
        <parley-lock></parley-lock
        ><span class="address" dir="ltr"
          ><bdi class="cut">${handle}</bdi
          ><span class="cut site"
            ><bdi dir="ltr">${peer.address.slice(handle.length)}</bdi></span
          ></span
        >
      </p>
    </div>`;
  }

  private renderCallButtons(): TemplateResult {
    const blocked = this.conversation.peer.keyChanged;
    return html`<parley-button
        slot="actions"
        variant="plain"
        icon="call"
        tip="end"
        label=${this.t.conversation.call}
        ?disabled=${blocked}
        @click=${() => {
          this.startCall(false);
        }}
      ></parley-button>
      <parley-button
        slot="actions"
        variant="plain"
        icon="camera"
        tip="end"
        label=${this.t.conversation.video}
        ?disabled=${blocked}
        @click=${() => {
          this.startCall(true);
        }}
      ></parley-button>`;
  }

  private renderBanner(): TemplateResult | typeof nothing {
    const { peer, state } = this.conversation;
    if (peer.keyChanged)
      return html`<parley-banner tone="danger" icon="shield-alert">
        ${this.t.conversation.keyChanged}
        <parley-button slot="action" variant="danger-ghost" @click=${this.onReview}
          >${this.t.conversation.review}</parley-button
        >
      </parley-banner>`;
    if (state === 'broken')
      return html`<parley-banner tone="warning" icon="retry"
        >${this.t.conversation.broken}</parley-banner
      >`;
    if (state === 'starting' && (this.view?.messages.length ?? 0) > 0)
      return html`<parley-banner icon="clock">${this.t.conversation.starting}</parley-banner>`;
    return nothing;
  }

  private startCall(video: boolean): void {
    this.dispatchEvent(
      new CommandEvent({ type: 'start_call', conversationId: this.conversation.id, video }),
    );
  }

  private onDetails(): void {
    this.dispatchEvent(
      new NavigateEvent({ screen: 'safety', conversationId: this.conversation.id }),
    );
  }

  private onReview(): void {
    this.dispatchEvent(
      new NavigateEvent({ overlay: 'key_changed', conversationId: this.conversation.id }),
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-conversation': ParleyConversation;
  }
}
