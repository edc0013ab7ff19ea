import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Message, Person } from '../../core/snapshot.js';
import '../avatar/avatar.js';
import { base } from '../base/base.styles.js';
import { CommandEvent, FollowEvent, HistoryEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../icon/icon.js';
import '../message/message.js';
import type { ParleyMessage } from '../message/message.js';
import { nameOf } from '../person/name.js';
import '../skeleton/skeleton.js';
import '../spinner/spinner.js';
import { daysOf, linesOf, type Line } from './lines.js';
import { PlaceKeeper } from './place-keeper.js';
import { Rising } from './rising.js';
import { styles } from './thread.styles.js';

/** How near an end, in pixels, the next page is asked for. */
const nearPx = 600;
/** In a stream of messages it is said this often what was read. */
const readEveryMs = 300;

/** A conversation's messages, scrolled. It holds a window of them: both ends ask for more when one comes near,
 * and whatever comes or goes, what one reads stays where it is.
 * @event parley-history - Older or newer messages are wanted, or the latest.
 * @event parley-follow - One has come to the end, or left it.
 * @event parley-command - `mark_read` as far as one has seen. */
@customElement('parley-thread')
export class ParleyThread extends ParleyElement {
  static override styles = [base, styles];

  /** The window, in order. */
  @property({ attribute: false }) messages: readonly Message[] = [];
  @property({ attribute: false }) peer!: Person;
  /** Messages before or after the window exist. */
  @property({ type: Boolean }) hasOlder = false;
  @property({ type: Boolean }) hasNewer = false;
  /** A page is on its way. */
  @property({ type: Boolean }) loading = false;
  /** `order` after which the unread line stands; it stays there while the conversation is open. */
  @property({ attribute: false }) unreadAfter: number | null = null;
  /** How many were unread when it was opened. */
  @property({ type: Number }) unreadCount = 0;
  /** `order` of the last message that was read. */
  @property({ type: Number }) readUpTo = 0;
  /** Somebody looks at it: what is at the end counts as read. */
  @property({ type: Boolean }) seen = true;

  @state() private atEnd = true;
  @query('.scroll') private scroller!: HTMLElement | null;
  @query('.content') private content!: HTMLElement | null;
  @query('.room') private room!: HTMLElement | null;

  private readonly place = new PlaceKeeper(() => this.atEnd);
  private readonly rising = new Rising();
  private lines: Line[] = [];
  private placed = false;
  /** One has asked for the end, and it is not in the window yet. */
  private goingToEnd = false;
  /** Highest order at the end when one was last there: what came after it is counted on the pill. */
  private seenOrder = 0;
  private freshAfter = Infinity;
  /** Said already, and not confirmed yet: as far as the log goes, and the other's last of it. */
  private marked = { upTo: -Infinity, news: -Infinity };
  private marking: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('visibilitychange', this.look);
  }

  override disconnectedCallback(): void {
    document.removeEventListener('visibilitychange', this.look);
    this.place.release();
    clearTimeout(this.marking);
    this.marking = undefined;
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('messages') || changed.has('unreadAfter')) {
      const before = changed.get('messages') ?? [];
      const above = before[0]?.id !== this.messages[0]?.id;
      // While one follows the end, only what changes above could move a line.
      if (above || !this.atEnd) this.place.remember();
      this.lines = linesOf(this.messages, this);
      // Only what comes at the end of what was already shown, and of the conversation, is new to the eye.
      const hadNewer = changed.has('hasNewer') ? changed.get('hasNewer') : this.hasNewer;
      const grows = this.placed && !this.goingToEnd && hadNewer !== true;
      this.freshAfter = grows ? (before.at(-1)?.order ?? Infinity) : Infinity;
      this.rising.follow(this.messages, this.freshAfter, performance.now());
      if (!this.hasNewer) this.goingToEnd = false;
    }
    if (this.atEnd && !this.hasNewer) this.seenOrder = this.lastNews;
  }

  override render(): TemplateResult {
    if (this.messages.length === 0 && this.loading)
      return html`<div class="scroll waiting">
        <parley-skeleton kind="messages" count="7"></parley-skeleton>
      </div>`;
    return html`
      <div
        class="scroll"
        role="log"
        aria-live="off"
        aria-label=${this.t.conversation.log(nameOf(this.peer))}
        tabindex="0"
        @scroll=${this.onScroll}
        @keydown=${this.onKeyDown}
      >
        <div class="content">
          <div class="room"></div>
          ${
            this.hasOlder
              ? html`<div class="more">
                  ${this.loading ? html`<parley-spinner></parley-spinner>` : nothing}
                </div>`
              : this.renderPeer()
          }
          ${repeat(
            daysOf(this.lines),
            ([day]) => day?.key,
            (lines) =>
              html`<ol>
                ${repeat(
                  lines,
                  (line) => line.key,
                  (line) => this.renderLine(line),
                )}
              </ol>`,
          )}
        </div>
      </div>
      ${this.renderPill()}
    `;
  }

  /** At the very beginning; the header has said the same to screen readers. */
  private renderPeer(): TemplateResult {
    const { hue, address } = this.peer;
    const name = nameOf(this.peer);
    return html`<div class="peer" aria-hidden="true">
      <parley-avatar .name=${name} .hue=${hue}></parley-avatar>
      <p class="title"><bdi>${name}</bdi></p>
      <p class="second" dir="ltr">${address}</p>
    </div>`;
  }

  private renderLine(line: Line): TemplateResult {
    if (line.type === 'day') {
      const day = this.format.day(line.at, Date.now());
      return html`<li class="day" data-key=${line.key}>${day}</li>`;
    }
    if (line.type === 'unread')
      return html`<li class="unread" data-key="unread">
        ${this.t.conversation.unread(line.count)}
      </li>`;
    return html`<li data-key=${line.key}>
      <parley-message
        .message=${line.message}
        .peer=${this.peer}
        .first=${line.first}
        .last=${line.last}
        .fresh=${this.rising.has(line.message)}
      ></parley-message>
    </li>`;
  }

  private renderPill(): TemplateResult | typeof nothing {
    if (this.atEnd && !this.hasNewer) return nothing;
    const { seenOrder } = this;
    const count = this.messages.filter(
      (message) => message.order > seenOrder && message.author === 'peer',
    ).length;
    const label = this.t.conversation.latest;
    return html`<button
      class="pill ${count > 0 ? 'new' : ''}"
      type="button"
      aria-label=${count > 0 ? `${this.t.conversation.below(count)}: ${label}` : label}
      @click=${this.onPill}
    >
      <parley-icon name="down"></parley-icon>
      ${count > 0 ? this.t.conversation.below(count) : nothing}
    </button>`;
  }

  protected override updated(changed: PropertyValues<this>): void {
    void this.settle(changed.has('messages'));
  }

  /** Puts the scroll position right, before what has changed is painted. */
  private async settle(messagesChanged: boolean): Promise<void> {
    // Heights are known only after the lines have drawn themselves.
    const drawing = [...this.renderRoot.querySelectorAll('parley-message')].filter(
      ({ isUpdatePending }) => isUpdatePending,
    );
    await Promise.all(drawing.map((line) => line.updateComplete));
    const { scroller, content, room, place } = this;
    if (scroller === null || content === null || room === null) return;
    place.hold({ scroller, content, room, head: this.renderRoot.querySelector('.peer') });
    if (this.messages.length === 0) return;
    if (!this.placed) {
      this.placed = true;
      this.begin(scroller);
    } else if (messagesChanged) {
      const own =
        this.messages.at(-1)?.author === 'self' &&
        (this.messages.at(-1)?.order ?? 0) > this.freshAfter;
      place.restore();
      if (this.atEnd || own) place.toEnd();
      else if (this.seesEnd) this.stand(true);
    }
    this.look();
  }

  /** First sight: the unread line with a little of what came before, or the end. */
  private begin(scroller: HTMLElement): void {
    const unread = scroller.querySelector<HTMLElement>('.unread');
    if (unread === null) {
      this.place.toEnd();
      return;
    }
    this.place.toLine(unread);
    this.stand(this.seesEnd);
    this.seenOrder = this.lastNews;
  }

  /** `order` of the last that the log holds: what is being sent stands behind all that is yet to come. */
  private get lastOrder(): number {
    return this.messages.findLast(({ status }) => status === 'stored')?.order ?? 0;
  }

  /** `order` of the other's last: an own one may be known to be stored before what came in front of it. */
  private get lastNews(): number {
    return this.messages.findLast(({ author }) => author === 'peer')?.order ?? this.readUpTo;
  }

  /** Whether the end of the conversation is in sight, and not only that of the window. */
  private get seesEnd(): boolean {
    return this.place.seesEnd && (!this.hasNewer || this.goingToEnd);
  }

  private stand(atEnd: boolean): void {
    if (atEnd === this.atEnd) return;
    this.atEnd = atEnd;
    if (!atEnd) this.place.giveUpRoom();
    this.dispatchEvent(new FollowEvent(atEnd));
  }

  private readonly onScroll = (): void => {
    // A new size scrolls by itself, and is heard of here first: nobody has left the end.
    if (!(this.place.keepEnd() && this.atEnd)) this.stand(this.seesEnd);
    this.look();
  };

  /** Asks for what is about to be needed, and says what was read. */
  private readonly look = (): void => {
    const { scroller } = this;
    if (!scroller || !this.placed) return;
    if (!this.loading) {
      const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
      if (this.hasOlder && scroller.scrollTop < nearPx)
        this.dispatchEvent(new HistoryEvent('older'));
      else if (this.hasNewer && below < nearPx) this.dispatchEvent(new HistoryEvent('newer'));
    }
    this.markRead();
  };

  /** What is at the end and in front of somebody's eyes counts as read. */
  private markRead(): void {
    const { lastOrder: upTo, lastNews: news, marked, readUpTo } = this;
    const watched = this.seen && document.visibilityState === 'visible';
    const conversationId = this.messages[0]?.conversationId;
    if (!watched || !this.atEnd || this.hasNewer || conversationId === undefined) return;
    const isSaid =
      Math.max(readUpTo, marked.upTo) >= upTo && Math.max(readUpTo, marked.news) >= news;
    if (this.marking !== undefined || isSaid) return;
    this.marked = { upTo, news };
    this.dispatchEvent(new CommandEvent({ type: 'mark_read', conversationId, upTo }));
    this.marking = setTimeout(() => {
      this.marking = undefined;
      this.markRead();
    }, readEveryMs);
  }

  /** Goes to the end; where more is to come than what is held, the end takes its place: what lies between would take
   * pages to walk through. */
  toLatest(): void {
    // From now on: what comes before one is there is not to push the end out of the window.
    this.stand(true);
    this.place.toEnd();
    if (!this.hasNewer) return;
    this.goingToEnd = true;
    this.dispatchEvent(new HistoryEvent('latest'));
  }

  private onPill(): void {
    this.toLatest();
    this.scroller?.focus({ preventScroll: true });
  }

  /** Arrow keys walk the lines; the log itself is one stop for Tab. */
  private onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined || event.defaultPrevented) return;
    const lines = [...this.renderRoot.querySelectorAll<ParleyMessage>('parley-message')];
    const now = lines.findIndex((line) => line.shadowRoot?.activeElement);
    const next = now < 0 ? lines.at(-1) : lines[now + step];
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-thread': ParleyThread;
  }
}
