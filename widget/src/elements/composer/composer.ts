import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Problem } from '../../core/snapshot.js';
import { base } from '../base/base.styles.js';
import { DraftEvent, SendEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../icon/icon.js';
import { styles } from './composer.styles.js';

/** Characters of one message; the same bound as the core's content schema. */
export const messageCharactersMax = 8_000;
/** The counter shows when fewer are left. */
const counterFrom = 500;

/** Counts as the core does: UTF-16 units, without white space at the ends. */
function lengthOf(text: string): number {
  return text.trim().length;
}

/** Where one writes. It grows to six lines; Enter sends and Shift+Enter breaks, on touch the other way round.
 * What is too long is refused without losing a character, and the focus stays where it is.
 * @event parley-send - A text of 1 to 8,000 characters.
 * @event parley-draft - At every change, to be given back as `draft`. */
@customElement('parley-composer')
export class ParleyComposer extends ParleyElement {
  static override styles = [base, styles];
  static override shadowRootOptions = { ...ParleyElement.shadowRootOptions, delegatesFocus: true };

  /** What was being written here before. Read when the composer appears or `draftKey` changes. */
  @property() draft = '';
  /** Which conversation the draft belongs to. */
  @property() draftKey = '';
  /** A text that could not be taken: it is put back, with the reason. */
  @property({ attribute: false }) refused: { text: string; problem: Problem } | null = null;
  /** Whom one writes to, for the field's name. */
  @property() placeholder = '';

  @state() private text = '';
  @query('textarea') private area!: HTMLTextAreaElement;
  /** Hidden, a text has no height; and another width breaks it elsewhere. */
  private readonly resized = new ResizeObserver(() => {
    this.fit();
  });

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('draftKey') || !this.hasUpdated) this.text = this.draft;
    if (changed.has('refused') && this.refused) {
      const { text } = this.refused;
      this.text = this.text === '' ? text : `${text}\n${this.text}`;
    }
  }

  override render(): TemplateResult {
    const left = messageCharactersMax - lengthOf(this.text);
    const over = left < 0;
    const empty = this.text.trim() === '';
    const bad = over || this.refused !== null;
    return html`<div class=${bad ? 'bad' : ''}>
      ${this.renderNote(left)}
      <div class="box">
        <textarea
          rows="1"
          dir="auto"
          aria-label=${this.placeholder || this.t.conversation.placeholder}
          placeholder=${this.t.conversation.placeholder}
          aria-invalid=${bad}
          aria-describedby="note"
          enterkeyhint=${this.entersBreak ? 'enter' : 'send'}
          .value=${this.text}
          @input=${this.onInput}
          @keydown=${this.onKeyDown}
        ></textarea>
        <button
          class="send"
          type="button"
          aria-label=${this.t.conversation.send}
          aria-disabled=${empty || over}
          @pointerdown=${this.keepFocus}
          @click=${this.onSend}
        >
          <parley-icon name="send"></parley-icon>
        </button>
      </div>
    </div>`;
  }

  private renderNote(left: number): TemplateResult | typeof nothing {
    if (left >= counterFrom && !this.refused) return nothing;
    const { over, left: leftWords } = this.t.conversation;
    return html`<p class="note" id="note" role="status">
      <span>${this.refused ? this.t.problems[this.refused.problem.code] : nothing}</span>
      <span>${left < 0 ? over(-left) : left < counterFrom ? leftWords(left) : nothing}</span>
    </p>`;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.resized.observe(this);
  }

  override disconnectedCallback(): void {
    this.resized.disconnect();
    super.disconnectedCallback();
  }

  protected override updated(): void {
    this.fit();
  }

  /** As high as its text, up to six lines. */
  private fit(): void {
    if (!this.hasUpdated) return;
    const { area, style } = this;
    // Nobody around may notice the measuring: a list above would lose its place.
    style.height = `${String(this.offsetHeight)}px`;
    // Shrink first: the scroll height never falls below the height it has.
    area.style.height = '';
    area.style.height = `${String(area.scrollHeight)}px`;
    style.height = '';
  }

  /** Phones have no Shift to hold: there Enter breaks the line and the button sends. */
  private get entersBreak(): boolean {
    return matchMedia('(pointer: coarse)').matches;
  }

  private onInput(): void {
    this.write(this.area.value);
  }

  private write(text: string): void {
    this.text = text;
    this.refused = null;
    this.dispatchEvent(new DraftEvent(text));
  }

  private onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.isComposing) return;
    if (event.shiftKey !== this.entersBreak) return;
    event.preventDefault();
    this.onSend();
  }

  private keepFocus(event: Event): void {
    event.preventDefault();
  }

  private onSend(): void {
    const text = this.text.trim();
    if (text === '' || lengthOf(text) > messageCharactersMax) {
      this.area.focus();
      return;
    }
    this.write('');
    this.area.focus();
    this.dispatchEvent(new SendEvent(text));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-composer': ParleyComposer;
  }
}
