import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import type { Message, NoticeCode, Person } from '../../core/snapshot.js';
import '../avatar/avatar.js';
import { base } from '../base/base.styles.js';
import { CommandEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../icon/icon.js';
import type { IconName } from '../icon/icons.js';
import '../lock/lock.js';
import { nameOf } from '../person/name.js';
import { callTitle, isMissed } from './call-row.js';
import { isFewEmoji } from './emoji.js';
import { piecesOf } from './links.js';
import { isLong } from './long.js';
import { styles } from './message.styles.js';

type BodyOf<Type extends Message['body']['type']> = Extract<Message['body'], { type: Type }>;

const noticeIcons: Partial<Record<NoticeCode, IconName>> = {
  key_changed: 'shield-alert',
  key_accepted: 'check',
  verified: 'verified',
  device_added: 'key',
  device_removed: 'key',
  rejoined: 'history',
  copied: 'shield-alert',
  gap: 'history',
  disordered: 'alert',
};

function looksDifferent(now: Person, before: Person | undefined): boolean {
  return nameOf(now) !== (before && nameOf(before)) || now.hue !== before?.hue;
}

/** One line of a conversation: what somebody wrote, a call, a notice.
 * @csspart bubble - What holds the text.
 * @event parley-command - `retry` and `discard` of a message that was not sent. */
@customElement('parley-message')
export class ParleyMessage extends ParleyElement {
  static override styles = [base, styles];

  @property({ attribute: false }) message!: Message;
  /** Every snapshot brings a new object: only what is drawn of it counts, or each would draw every line anew. */
  @property({ attribute: false, hasChanged: looksDifferent }) peer!: Person;
  /** First of a run: a wider gap above. */
  @property({ type: Boolean, reflect: true }) first = true;
  /** Last of a run: it carries the avatar and the time. */
  @property({ type: Boolean, reflect: true }) last = true;
  /** Has just come: it rises once. */
  @property({ type: Boolean, reflect: true }) fresh = false;

  /** A long text is shown whole. */
  @state() private unfolded = false;

  /** Moves the focus to this line, for arrow keys. */
  override focus(options?: FocusOptions): void {
    const target = this.renderRoot.querySelector<HTMLElement>('[tabindex]');
    target?.focus(options);
  }

  override render(): TemplateResult {
    const { body } = this.message;
    if (body.type === 'notice') return this.renderNotice(body);
    const { author, status } = this.message;
    const own = author === 'self';
    const showsMeta = this.last && status !== 'failed';
    const classes = {
      row: true,
      [author]: true,
      first: this.first,
      last: this.last,
      withmeta: showsMeta,
    };
    return html`<div class=${classMap(classes)}>
      ${
        !own && this.last
          ? html`<parley-avatar .name=${nameOf(this.peer)} .hue=${this.peer.hue}></parley-avatar>`
          : nothing
      }
      ${this.renderBubble(showsMeta)} ${showsMeta ? this.renderMeta('meta') : nothing}
      ${status === 'failed' ? this.renderFailed() : nothing}
    </div>`;
  }

  private renderBubble(showsMeta: boolean): TemplateResult {
    const { body, author } = this.message;
    const who = author === 'self' ? this.t.conversation.you : nameOf(this.peer);
    const classes = {
      bubble: true,
      large: body.type === 'text' && isFewEmoji(body.text),
      faint: body.type === 'undecryptable',
      call: body.type === 'call',
      missed: body.type === 'call' && isMissed(this.message, body),
    };
    const content =
      body.type === 'text'
        ? this.renderText(body)
        : body.type === 'call'
          ? this.renderCall(body)
          : body.type === 'undecryptable'
            ? this.renderUndecryptable(body)
            : nothing;
    return html`<div part="bubble" class=${classMap(classes)} tabindex="-1">
      <span class="sr"><bdi>${who}</bdi>: </span
      >${content}${showsMeta ? nothing : this.renderMeta(`meta aside ${this.message.status}`)}
    </div>`;
  }

  private renderText(body: BodyOf<'text'>): TemplateResult {
    const folded = !this.unfolded && isLong(body.text);
    // A span of its own keeps white space: the template's around it must not show.
    return html`<span
        class="text ${folded ? 'folded' : ''}"
        dir="auto"
        @focusin=${folded ? this.onUnfold : nothing}
        >${piecesOf(body.text).map(({ text, href }) =>
          href === undefined
            ? text
            : html`<a href=${href} target="_blank" rel="noopener noreferrer" dir="ltr"
                >${text}<span class="sr"> (${this.t.conversation.newTab})</span></a
              >`,
        )}</span
      >${
        folded
          ? html`<button class="more" type="button" @click=${this.onUnfold}>
              ${this.t.conversation.more}
            </button>`
          : nothing
      }`;
  }

  private renderCall(body: BodyOf<'call'>): TemplateResult {
    const missed = isMissed(this.message, body);
    const icon: IconName = missed
      ? 'call-missed'
      : body.video
        ? 'camera'
        : this.message.author === 'self'
          ? 'call-out'
          : 'call-in';
    const detail =
      // Cut off by a reload, nobody counted how long it was.
      body.outcome === 'ended' && body.seconds > 0
        ? this.format.duration(body.seconds)
        : this.t.call.outcomes[body.outcome];
    return html`<span class="sign"><parley-icon name=${icon}></parley-icon></span>
      <b>${callTitle(this.message, body, this.t)}</b>
      ${missed ? nothing : html`<small>${detail}</small>`}`;
  }

  private renderUndecryptable(body: BodyOf<'undecryptable'>): TemplateResult {
    const { pending, lost } = this.t.conversation;
    return html`<parley-icon name=${body.pending ? 'retry' : 'hidden'}></parley-icon>
      <span>${body.pending ? pending : lost}</span>`;
  }

  private renderNotice(body: BodyOf<'notice'>): TemplateResult {
    const icon = noticeIcons[body.notice];
    return html`<div class="notice ${body.notice}" tabindex="-1">
      ${body.notice === 'encrypted' ? html`<parley-lock></parley-lock>` : nothing}
      ${icon ? html`<parley-icon name=${icon}></parley-icon>` : nothing}
      <p>${this.t.notices[body.notice]}</p>
    </div>`;
  }

  private renderMeta(classes: string): TemplateResult {
    const { at, author, status, body } = this.message;
    const label = status === 'sending' ? this.t.conversation.sending : this.t.conversation.stored;
    return html`<span class=${classes} title=${this.format.full(at)}>
      <time datetime=${new Date(at).toISOString()}>${this.format.time(at)}</time>
      ${
        author === 'self' && status !== 'failed' && body.type !== 'call'
          ? html`<parley-icon
              name=${status === 'sending' ? 'clock' : 'check'}
              label=${label}
            ></parley-icon>`
          : nothing
      }
    </span>`;
  }

  private renderFailed(): TemplateResult {
    return html`<div class="failed">
      <span><parley-icon name="alert"></parley-icon>${this.t.conversation.failed}</span>
      <button type="button" @click=${this.onRetry}>${this.t.conversation.retry}</button>
      <button type="button" @click=${this.onDiscard}>${this.t.conversation.discard}</button>
    </div>`;
  }

  /** Also when the focus goes to what is folded away. */
  private onUnfold(event: Event): void {
    this.unfolded = true;
    if (event.type === 'click') this.focus({ preventScroll: true });
  }

  private onRetry(): void {
    const { id, conversationId } = this.message;
    this.dispatchEvent(new CommandEvent({ type: 'retry', conversationId, messageId: id }));
  }

  private onDiscard(): void {
    const { id, conversationId } = this.message;
    this.dispatchEvent(new CommandEvent({ type: 'discard', conversationId, messageId: id }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-message': ParleyMessage;
  }
}
