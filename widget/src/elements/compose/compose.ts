import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { ConversationSummary, Problem } from '../../core/snapshot.js';
import '../avatar/avatar.js';
import { base } from '../base/base.styles.js';
import { CommandEvent, NavigateEvent } from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../field/field.js';
import type { ParleyField } from '../field/field.js';
import '../header/header.js';
import { nameOf } from '../person/name.js';

const styles = css`
  :host {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
    background: var(--_surface-1);
  }
  form {
    flex: none;
    padding: 4px 20px 16px;
  }
  parley-button[type='submit'] {
    margin-top: 12px;
  }
  h2 {
    padding: 8px 20px;
    font-size: 13px;
    line-height: 18px;
    font-weight: 600;
    color: var(--_text-2);
  }
  ul {
    flex: 1;
    min-height: 0;
    padding: 0 8px calc(56px + env(safe-area-inset-bottom));
    overflow: auto;
    scrollbar-width: thin;
  }
  li button {
    display: grid;
    grid-template-columns: 40px 1fr;
    align-items: center;
    gap: 0 12px;
    width: 100%;
    padding: 8px 12px;
    border-radius: 14px;
  }
  @media (hover: hover) {
    li button:hover {
      background: var(--_hover);
    }
  }
  li button:focus-visible {
    outline-offset: -2px;
  }
  parley-avatar {
    grid-row: span 2;
  }
  li b {
    font-weight: 600;
    line-height: 20px;
  }
`;

/** A new message: to whom. What one types narrows the people one already writes with.
 * @event parley-command - `open_conversation` with the address.
 * @event parley-navigate - To a conversation that is there already; back. */
@customElement('parley-compose')
export class ParleyCompose extends ParleyElement {
  static override styles = [base, styles];

  /** One's own site. */
  @property() domain = '';
  /** Whether people of other sites can be reached. */
  @property() reach: 'site' | 'network' = 'site';
  /** An address given from outside. */
  @property() address = '';
  @property({ type: Boolean }) busy = false;
  /** Why the address did not lead to anyone; shown where it was typed. */
  @property({ attribute: false }) problem: Problem | null = null;
  @property({ attribute: false }) conversations: readonly ConversationSummary[] = [];

  @state() private text = '';
  @state() private edited = false;
  @query('parley-field') private field!: ParleyField;

  override focus(options?: FocusOptions): void {
    this.field.focus(options);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('address') && this.address !== '') this.text = this.address;
    if (changed.has('problem') && this.problem) this.edited = false;
  }

  override render(): TemplateResult {
    const problem = this.edited ? null : this.problem;
    const words = this.t.compose;
    const network = this.reach === 'network';
    const hint = network ? words.hintNetwork : this.domain && words.hint(this.domain);
    return html`
      <parley-header back heading=${words.title}></parley-header>
      <form @submit=${this.onSubmit} novalidate>
        <parley-field
          label=${words.label}
          placeholder=${network ? words.placeholder : '@'}
          literal
          .maxLength=${300}
          .value=${this.text}
          .note=${problem ? this.faultOf(problem) : hint}
          .tone=${problem ? 'bad' : 'plain'}
          @input=${this.onInput}
        ></parley-field>
        <parley-button type="submit" variant="primary" block ?busy=${this.busy}
          >${words.submit}</parley-button
        >
      </form>
      ${this.renderKnown()}
    `;
  }

  /** Without a site an address means somebody of one's own: what most who are not found had in mind otherwise. */
  private faultOf({ code }: Problem): string {
    const here = this.reach === 'network' && !this.text.trim().includes('@', 1);
    if (code === 'address_unknown' && here) return this.t.compose.nobodyHere(this.domain);
    return this.t.problems[code];
  }

  private renderKnown(): TemplateResult | typeof nothing {
    const wanted = this.text.trim().toLowerCase();
    const known = this.conversations
      .filter(({ peer }) => `${nameOf(peer)} ${peer.address}`.toLowerCase().includes(wanted))
      .slice(0, 20);
    if (known.length === 0) return nothing;
    return html`<h2 id="known">${this.t.compose.recent}</h2>
      <ul aria-labelledby="known">
        ${known.map(
          ({ id, peer }) =>
            html`<li>
              <button
                type="button"
                @click=${() => {
                  this.dispatchEvent(
                    new NavigateEvent({ screen: 'conversation', conversationId: id }),
                  );
                }}
              >
                <parley-avatar .name=${nameOf(peer)} .hue=${peer.hue}></parley-avatar>
                <b class="cut"><bdi>${nameOf(peer)}</bdi></b>
                <span class="second cut" dir="ltr">${peer.address}</span>
              </button>
            </li>`,
        )}
      </ul>`;
  }

  private onInput(event: Event): void {
    this.text = (event.target as ParleyField).value;
    this.edited = true;
  }

  private onSubmit(event: Event): void {
    event.preventDefault();
    const address = this.text.trim().toLowerCase();
    if (this.busy || address === '') {
      this.field.focus();
      return;
    }
    this.edited = false;
    // Forgiving: a handle without its sign is a handle all the same.
    const complete = address.startsWith('@') ? address : `@${address}`;
    this.dispatchEvent(new CommandEvent({ type: 'open_conversation', address: complete }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-compose': ParleyCompose;
  }
}
