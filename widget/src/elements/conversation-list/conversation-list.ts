import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ConversationId } from '../../core/ids.js';
import type { ConversationSummary, Self } from '../../core/snapshot.js';
import '../art/art.js';
import '../avatar/avatar.js';
import { base } from '../base/base.styles.js';
import { NavigateEvent, ToastEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../header/header.js';
import '../icon/icon.js';
import { nameOf } from '../person/name.js';
import '../skeleton/skeleton.js';
import { styles } from './conversation-list.styles.js';
import { previewOf } from './preview.js';

/** Everyone one writes with, newest first.
 * @event parley-navigate - To a conversation, a new message, the settings; close.
 * @event parley-toast - That the address was copied. */
@customElement('parley-conversation-list')
export class ParleyConversationList extends ParleyElement {
  static override styles = [base, styles];

  @property({ attribute: false }) conversations: readonly ConversationSummary[] = [];
  @property({ attribute: false }) self: Self | null = null;
  /** Nothing is known yet: the shape of what is coming is shown. */
  @property({ type: Boolean }) loading = false;
  /** What was written and not sent, by conversation. */
  @property({ attribute: false }) drafts: ReadonlyMap<ConversationId, string> = new Map();
  /** The conversation one comes back from: the focus returns to it. */
  @property({ attribute: false }) origin: ConversationId | null = null;

  override focus(options?: FocusOptions): void {
    const target =
      (this.origin && this.renderRoot.querySelector<HTMLElement>(`[data-id="${this.origin}"]`)) ??
      this.renderRoot.querySelector<HTMLElement>('.row, .empty parley-button') ??
      this.renderRoot.querySelector<HTMLElement>('parley-header');
    target?.focus(options);
  }

  override render(): TemplateResult {
    return html`
      <parley-header heading=${this.t.list.title}>
        <parley-button
          slot="actions"
          variant="plain"
          icon="settings"
          label=${this.t.list.settings}
          @click=${this.onSettings}
        ></parley-button>
        <parley-button
          slot="actions"
          variant="plain"
          icon="add"
          tip="end"
          label=${this.t.list.add}
          ?disabled=${this.loading}
          @click=${this.onAdd}
        ></parley-button>
      </parley-header>
      ${
        this.loading
          ? html`<parley-skeleton kind="list"></parley-skeleton>`
          : this.conversations.length === 0
            ? this.renderEmpty()
            : html`<div class="scroll">
                <ul aria-label=${this.t.list.title}>
                  ${repeat(
                    this.conversations,
                    ({ id }) => id,
                    (conversation) => this.renderRow(conversation),
                  )}
                </ul>
              </div>`
      }
    `;
  }

  private renderRow(conversation: ConversationSummary): TemplateResult {
    const { peer, id, last, unread } = conversation;
    const name = nameOf(peer);
    return html`<li>
      <button
        type="button"
        class="row ${unread > 0 ? 'unread' : ''}"
        data-id=${id}
        @click=${() => {
          this.dispatchEvent(new NavigateEvent({ screen: 'conversation', conversationId: id }));
        }}
      >
        <parley-avatar .name=${name} .hue=${peer.hue}></parley-avatar>
        <span class="name"
          ><bdi class="cut">${name}</bdi>${
            peer.verified
              ? html`<parley-icon name="verified" label=${this.t.app.verified}></parley-icon>`
              : nothing
          }</span
        >
        <span class="time meta">${last ? this.format.brief(last.at, Date.now()) : nothing}</span>
        ${this.renderPreview(conversation)}
        ${
          unread > 0
            ? html`<span class="badge"
                ><span aria-hidden="true">${unread > 99 ? '99+' : this.format.number(unread)}</span
                ><span class="sr">${this.t.list.unread(unread)}</span></span
              >`
            : html`<span></span>`
        }
      </button>
    </li>`;
  }

  private renderPreview({ id, peer, last, state }: ConversationSummary): TemplateResult {
    const draft = this.drafts.get(id)?.trim() ?? '';
    if (peer.keyChanged || state === 'broken')
      return html`<span class="preview second alert"
        ><parley-icon name="shield-alert"></parley-icon
        ><span class="cut">${this.t.list.broken}</span></span
      >`;
    if (draft !== '')
      return html`<span class="preview second"
        ><span class="draft">${this.t.list.draft}</span><bdi class="cut">${draft}</bdi></span
      >`;
    if (last === null && state === 'starting')
      return html`<span class="preview second cut">${this.t.list.starting}</span>`;
    const preview = previewOf(last, this.t);
    return html`<span class="preview second ${preview.tone}">
      ${
        preview.icon
          ? html`<parley-icon name=${preview.icon.name} label=${preview.icon.label}></parley-icon>`
          : nothing
      }
      <bdi class="cut">${preview.text}</bdi>
    </span>`;
  }

  private renderEmpty(): TemplateResult {
    return html`<div class="empty">
      <parley-art name="quiet"></parley-art>
      <h2 class="title">${this.t.list.emptyTitle}</h2>
      <p>${this.t.list.empty}</p>
      <parley-button variant="primary" icon="add" @click=${this.onAdd}
        >${this.t.list.add}</parley-button
      >
      ${
        this.self
          ? html`<p class="yours">${this.t.list.yours}</p>
              <button class="copy" type="button" @click=${this.onCopy}>
                <bdi class="cut" dir="ltr">${this.self.address}</bdi>
                <parley-icon name="copy" label=${this.t.list.copy}></parley-icon>
              </button>`
          : nothing
      }
    </div>`;
  }

  private onAdd(): void {
    this.dispatchEvent(new NavigateEvent({ screen: 'new' }));
  }

  private onSettings(): void {
    this.dispatchEvent(new NavigateEvent({ screen: 'settings' }));
  }

  private async onCopy(): Promise<void> {
    if (!this.self) return;
    await navigator.clipboard.writeText(this.self.address);
    this.dispatchEvent(new ToastEvent(this.t.app.copied));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-conversation-list': ParleyConversationList;
  }
}
