import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { CommandResults, Problem } from '../../core/snapshot.js';
import '../art/art.js';
import { base } from '../base/base.styles.js';
import { CommandEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../field/field.js';
import type { FieldTone, ParleyField } from '../field/field.js';
import '../header/header.js';
import '../icon/icon.js';
import { styles } from './claim.styles.js';
import { faultOf, tidyHandle } from './handle-rule.js';

/** The answer about a handle; `unknown` where it could not be asked. */
export interface Availability {
  handle: string;
  status: CommandResults['check_handle']['status'] | 'unknown';
}

/** How long the typing rests before the server is asked. */
const restMs = 300;

/** First visit: choose a handle, say how to be called, know that there is no password.
 * @event parley-command - `check_handle` when the typing rests, `claim_handle` at the end.
 * @event parley-navigate - Close. */
@customElement('parley-claim')
export class ParleyClaim extends ParleyElement {
  static override styles = [base, styles];

  /** The site whose handle it will be. */
  @property() domain = '';
  /** The answer to the last question; an answer about another handle than the one in the field is not shown. */
  @property({ attribute: false }) availability: Availability | null = null;
  /** The handle is being claimed. */
  @property({ type: Boolean }) busy = false;
  /** Why it could not be claimed. */
  @property({ attribute: false }) problem: Problem | null = null;
  /** Somebody was signed in here before. */
  @property({ type: Boolean }) signedOut = false;
  /** Somebody lived here until the browser deleted what was kept. */
  @property({ type: Boolean }) lost = false;

  @state() private handle = '';
  @state() private displayName = '';
  @state() private touched = false;
  /** The problem that the person has answered by changing the handle. */
  @state() private answered: Problem | null = null;
  @query('parley-field') private field!: ParleyField;
  private timer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    clearTimeout(this.timer);
    super.disconnectedCallback();
  }

  /** To the handle; on touch not, so that no keyboard covers what is said first. */
  override focus(options?: FocusOptions): void {
    const touch = matchMedia('(pointer: coarse)').matches;
    const header = this.renderRoot.querySelector<HTMLElement>('parley-header');
    (touch ? header : this.field)?.focus(options);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // A fault that the server finds with the handle belongs to its field.
    if (changed.has('problem') && this.problem && this.isAboutHandle(this.problem))
      this.touched = true;
  }

  override render(): TemplateResult {
    const { note, tone } = this.judge();
    const problem = this.openProblem;
    const general = problem && !this.isAboutHandle(problem) ? problem : null;
    return html`
      <parley-header></parley-header>
      <form @submit=${this.onSubmit} novalidate>
        <parley-art name="hello"></parley-art>
        <div class="intro">
          <h1 class="title">${this.t.claim.title}</h1>
          <p>${this.intro}</p>
        </div>
        <parley-field
          label=${this.t.claim.handle}
          lead="@"
          trail=${this.domain && `@${this.domain}`}
          literal
          .maxLength=${64}
          .value=${this.handle}
          .note=${note}
          .tone=${tone}
          @input=${this.onHandle}
        ></parley-field>
        <parley-field
          label=${this.t.claim.name}
          remark=${this.t.claim.optional}
          .maxLength=${64}
          .value=${this.displayName}
          .note=${this.t.claim.nameHint}
          @input=${this.onName}
        ></parley-field>
        <div class="key">
          <parley-icon name="key"></parley-icon>
          <p><b>${this.t.claim.keyTitle}</b> ${this.t.claim.key}</p>
        </div>
        ${
          general
            ? html`<p class="error" role="alert">
                <parley-icon name="alert"></parley-icon>${this.t.problems[general.code]}
              </p>`
            : nothing
        }
        <parley-button type="submit" variant="primary" block ?busy=${this.busy}
          >${this.t.claim.submit}</parley-button
        >
      </form>
    `;
  }

  private get intro(): string {
    const { signedOut, lost, intro } = this.t.claim;
    if (this.signedOut) return signedOut;
    return this.lost ? lost : intro;
  }

  private get openProblem(): Problem | null {
    return this.problem === this.answered ? null : this.problem;
  }

  private isAboutHandle(problem: Problem): boolean {
    return problem.code.startsWith('handle_');
  }

  /** What the note under the handle says. */
  private judge(): { note: string; tone: FieldTone } {
    const words = this.t.claim;
    const { handle } = this;
    if (handle === '') return { note: words.rule, tone: this.touched ? 'bad' : 'plain' };
    const fault = faultOf(handle);
    // Too short is no fault while one is still typing.
    if (fault === 'short' && !this.touched) return { note: words.rule, tone: 'plain' };
    if (fault) return { note: words[fault], tone: 'bad' };
    const problem = this.openProblem;
    if (problem && this.isAboutHandle(problem))
      return { note: this.t.problems[problem.code], tone: 'bad' };
    if (this.availability?.handle !== handle) return { note: words.checking, tone: 'busy' };
    const { status } = this.availability;
    if (status === 'available') return { note: words.available(handle), tone: 'good' };
    if (status === 'unknown') return { note: words.unchecked, tone: 'plain' };
    return { note: words[status], tone: 'bad' };
  }

  private onHandle(event: Event): void {
    const field = event.target as ParleyField;
    this.handle = tidyHandle(field.value);
    field.value = this.handle;
    this.touched = false;
    this.answered = this.problem;
    clearTimeout(this.timer);
    if (faultOf(this.handle) !== null) return;
    this.timer = setTimeout(() => {
      this.dispatchEvent(new CommandEvent({ type: 'check_handle', handle: this.handle }));
    }, restMs);
  }

  private onName(event: Event): void {
    this.displayName = (event.target as ParleyField).value;
  }

  private onSubmit(event: Event): void {
    event.preventDefault();
    if (this.busy) return;
    this.touched = true;
    const refused =
      this.availability?.handle === this.handle &&
      !['available', 'unknown'].includes(this.availability.status);
    if (faultOf(this.handle) !== null || refused) {
      this.field.focus();
      return;
    }
    const displayName = this.displayName.trim();
    this.dispatchEvent(
      new CommandEvent({
        type: 'claim_handle',
        handle: this.handle,
        ...(displayName === '' ? {} : { displayName }),
      }),
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-claim': ParleyClaim;
  }
}
