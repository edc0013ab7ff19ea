import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { ClientController } from '../../controllers/client-controller.js';
import type { ConversationId } from '../../core/ids.js';
import type { Client, Command, ConversationSummary, Message, Problem } from '../../core/snapshot.js';
import { currentLocale, useLanguage } from '../../locales/index.js';
import '../banner/banner.js';
import { base } from '../base/base.styles.js';
import {
  type CommandEvent,
  type DraftEvent,
  type HistoryEvent,
  type NavigateEvent,
  type PreferenceEvent,
  type SendEvent,
  type Theme,
  type ToastEvent,
} from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../claim/claim.js';
import type { Availability } from '../claim/claim.js';
import '../compose/compose.js';
import '../conversation-list/conversation-list.js';
import '../conversation/conversation.js';
import '../panel/panel.js';
import { nameOf } from '../person/name.js';
import '../toast/toast.js';
import { tokens } from '../tokens/tokens.styles.js';
import { styles } from './app.styles.js';
import { renderBanner } from './banners.js';
import { currentRoute, goBack, goTo, home, routeKey, type Navigation } from './navigation.js';
import { previewOf } from '../conversation-list/preview.js';

/** The person's own and the other's media, while there is a call. */
export interface MediaStreams {
  local: MediaStream | null;
  remote: MediaStream | null;
}

/** What came of the last command that a screen shows the answer of. */
interface Answers {
  availability: Availability | null;
  claim: { busy: boolean; problem: Problem | null };
  compose: { busy: boolean; problem: Problem | null };
  refused: { conversationId: ConversationId; text: string; problem: Problem } | null;
}

const toastMs = 2_400;

/** The whole widget: shows what the client says, asks it for what the person wants.
 *
 * The host of the page gives the client and the media, opens and closes it, and keeps theme and language.
 * @event parley-app-close - The person closed it.
 * @event parley-app-theme - `detail.theme`: the person's choice.
 * @event parley-app-lang - `detail.lang`: the person's choice.
 * @csspart panel - The surface.
 * @cssproperty --parley-accent - The site's colour.
 * @cssproperty --parley-font - The site's font family. */
@customElement('parley-app')
export class ParleyApp extends ParleyElement {
  static override styles = [tokens, base, styles];

  /** The client; without one, the shape of what is coming is shown. */
  @property({ attribute: false }) client: Client | undefined;
  @property({ attribute: false }) mediaStreams: MediaStreams = { local: null, remote: null };
  @property({ reflect: true }) theme: Theme = 'auto';
  /** Language wished for, BCP 47. */
  @property() override lang = 'en';
  /** Shown. Closed, it keeps where one was and what one was writing. */
  @property({ type: Boolean, reflect: true }) open = false;

  @state() private navigation: Navigation = home;
  @state() private answers: Answers = {
    availability: null,
    claim: { busy: false, problem: null },
    compose: { busy: false, problem: null },
    refused: null,
  };
  @state() private drafts: ReadonlyMap<ConversationId, string> = new Map();
  @state() private toast = '';
  @state() private announcement = '';
  @query('[data-screen]') private screen!: HTMLElement | null;

  private readonly controller = new ClientController(this);
  private toastTimer: ReturnType<typeof setTimeout> | undefined;
  private origin: ConversationId | null = null;

  constructor() {
    super();
    this.controller.onArrived = (conversationId, message) => {
      this.announce(conversationId, message);
    };
    this.addEventListener('parley-navigate', this.onNavigate);
    this.addEventListener('parley-command', this.onCommand);
  }

  /** Goes to the conversation with an address, as if the person had asked for it. */
  async message(address: string): Promise<void> {
    this.navigation = goTo(this.navigation, { screen: 'new', address });
    await this.openConversation(address);
  }

  /** Goes to a conversation. */
  show(conversationId: ConversationId): void {
    this.navigation = goTo(this.navigation, { screen: 'conversation', conversationId });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('lang')) void useLanguage(this.lang);
    if (changed.has('client')) this.controller.attach(this.client);
    const route = currentRoute(this.navigation);
    if ('conversationId' in route) {
      this.origin = route.conversationId;
      this.controller.openThread(route.conversationId);
    } else if (this.controller.thread) this.controller.closeThread();
  }

  protected override updated(changed: PropertyValues): void {
    this.dir = currentLocale().direction;
    const moved = changed.has('navigation') && this.navigation.motion !== 'none';
    if (this.open && (moved || changed.has('open'))) void this.focusScreen();
  }

  override render(): TemplateResult {
    const route = currentRoute(this.navigation);
    return html`
      <parley-panel
        exportparts="panel"
        .screen=${routeKey(route)}
        .motion=${this.navigation.motion}
        .covered=${this.navigation.overlay !== null}
        @parley-toast=${this.onToast}
        @parley-preference=${this.onPreference}
      >
        <div slot="banner">${this.controller.snapshot && renderBanner(this.controller.snapshot, this.t)}</div>
        ${this.renderScreen()}
        <parley-toast slot="overlay" .text=${this.toast}></parley-toast>
      </parley-panel>
      <p class="sr" role="status">${this.announcement}</p>
    `;
  }

  private renderScreen(): TemplateResult {
    const { snapshot } = this.controller;
    if (snapshot === null || snapshot.phase === 'starting') return this.renderList(true);
    if (snapshot.phase === 'unclaimed' || snapshot.phase === 'signed_out') {
      const { claim, availability } = this.answers;
      return html`<parley-claim
        data-screen
        .domain=${snapshot.site?.domain ?? ''}
        .availability=${availability}
        .busy=${claim.busy}
        .problem=${claim.problem}
        .signedOut=${snapshot.phase === 'signed_out'}
      ></parley-claim>`;
    }
    const route = currentRoute(this.navigation);
    if (route.screen === 'new') return this.renderCompose(route.address ?? '');
    if (route.screen === 'conversation') {
      const found = snapshot.conversations.find(({ id }) => id === route.conversationId);
      if (found) return this.renderConversation(found);
    }
    return this.renderList(false);
  }

  private renderList(loading: boolean): TemplateResult {
    const { snapshot } = this.controller;
    return html`<parley-conversation-list
      data-screen
      .conversations=${snapshot?.conversations ?? []}
      .self=${snapshot?.self ?? null}
      .drafts=${this.drafts}
      .origin=${this.origin}
      .loading=${loading}
    ></parley-conversation-list>`;
  }

  private renderCompose(address: string): TemplateResult {
    const { snapshot } = this.controller;
    const { busy, problem } = this.answers.compose;
    return html`<parley-compose
      data-screen
      .domain=${snapshot?.site?.domain ?? ''}
      .reach=${snapshot?.site?.reach ?? 'site'}
      .address=${address}
      .busy=${busy}
      .problem=${problem}
      .conversations=${snapshot?.conversations ?? []}
    ></parley-compose>`;
  }

  private renderConversation(conversation: ConversationSummary): TemplateResult {
    const { refused } = this.answers;
    return html`<parley-conversation
      data-screen
      .conversation=${conversation}
      .view=${this.controller.thread}
      .draft=${this.drafts.get(conversation.id) ?? ''}
      .refused=${refused?.conversationId === conversation.id ? refused : null}
      .calls=${this.controller.snapshot?.calls ?? 'unavailable'}
      .seen=${this.open}
      @parley-draft=${(event: DraftEvent) => {
        this.drafts = new Map(this.drafts).set(conversation.id, event.text);
      }}
      @parley-send=${(event: SendEvent) => {
        void this.sendText(conversation.id, event.text);
      }}
      @parley-history=${this.onHistory}
    ></parley-conversation>`;
  }

  private async focusScreen(): Promise<void> {
    await this.updateComplete;
    if (this.screen instanceof ParleyElement) await this.screen.updateComplete;
    this.screen?.focus();
  }

  private announce(conversationId: ConversationId, message: Message): void {
    const found = this.controller.snapshot?.conversations.find(({ id }) => id === conversationId);
    if (!found) return;
    this.announcement = this.t.app.arrived(nameOf(found.peer), previewOf(message, this.t).text);
  }

  private readonly onNavigate = (event: NavigateEvent): void => {
    const { to } = event;
    if (to === 'close') this.close();
    else if (to === 'back') {
      const next = goBack(this.navigation);
      if (next) this.navigation = next;
      else this.close();
    } else if (to === 'close_overlay') this.navigation = { ...this.navigation, overlay: null };
    else if ('overlay' in to) this.navigation = { ...this.navigation, overlay: to };
    else {
      if (to.screen === 'new') this.answers = { ...this.answers, compose: { busy: false, problem: null } };
      this.navigation = goTo(this.navigation, to);
    }
  };

  private close(): void {
    this.dispatchEvent(new CustomEvent('parley-app-close'));
  }

  private readonly onCommand = (event: CommandEvent): void => {
    void this.carryOut(event.command);
  };

  private async carryOut(command: Command): Promise<void> {
    if (command.type === 'check_handle') {
      const outcome = await this.controller.run<'check_handle'>(command);
      const status = outcome.ok ? outcome.value.status : 'unknown';
      this.answers = { ...this.answers, availability: { handle: command.handle, status } };
    } else if (command.type === 'claim_handle') {
      this.answers = { ...this.answers, claim: { busy: true, problem: null } };
      const outcome = await this.controller.run<'claim_handle'>(command);
      const problem = outcome.ok ? null : outcome.problem;
      this.answers = { ...this.answers, claim: { busy: false, problem } };
      if (outcome.ok) this.navigation = { ...home, motion: 'forward' };
    } else if (command.type === 'open_conversation') await this.openConversation(command.address);
    else {
      const outcome = await this.controller.run(command);
      if (!outcome.ok) this.say(this.t.problems[outcome.problem.code]);
    }
  }

  private async openConversation(address: string): Promise<void> {
    this.answers = { ...this.answers, compose: { busy: true, problem: null } };
    const outcome = await this.controller.run<'open_conversation'>({ type: 'open_conversation', address });
    const problem = outcome.ok ? null : outcome.problem;
    this.answers = { ...this.answers, compose: { busy: false, problem } };
    if (outcome.ok) this.show(outcome.value.conversationId);
  }

  private async sendText(conversationId: ConversationId, text: string): Promise<void> {
    const outcome = await this.controller.run<'send_text'>({ type: 'send_text', conversationId, text });
    if (!outcome.ok)
      this.answers = { ...this.answers, refused: { conversationId, text, problem: outcome.problem } };
  }

  private onHistory(event: HistoryEvent): void {
    const { controller } = this;
    if (event.direction === 'older') void controller.loadOlder();
    else if (event.direction === 'newer') void controller.loadNewer();
    else void controller.loadLatest();
  }

  private onToast(event: ToastEvent): void {
    this.say(event.text);
  }

  private say(text: string): void {
    this.toast = text;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => {
      this.toast = '';
    }, toastMs + text.length * 30);
  }

  private onPreference(event: PreferenceEvent): void {
    const { preference } = event;
    const sent =
      'theme' in preference
        ? new CustomEvent('parley-app-theme', { detail: preference })
        : new CustomEvent('parley-app-lang', { detail: { lang: preference.language } });
    this.dispatchEvent(sent);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-app': ParleyApp;
  }
}
