import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { ClientController } from '../../controllers/client-controller.js';
import type { ConversationId } from '../../core/ids.js';
import type { CallState, Client, Command, Message } from '../../core/snapshot.js';
import { currentLocale, useLanguage } from '../../locales/index.js';
import '../banner/banner.js';
import { base } from '../base/base.styles.js';
import {
  type CommandEvent,
  type DraftEvent,
  type FollowEvent,
  type HistoryEvent,
  type NavigateEvent,
  type Overlay,
  type PreferenceEvent,
  type Route,
  type SendEvent,
  type Theme,
  type ToastEvent,
} from '../base/events.js';
import { ParleyElement } from '../base/parley-element.js';
import '../button/button.js';
import '../claim/claim.js';
import '../compose/compose.js';
import { previewOf } from '../conversation-list/preview.js';
import '../conversation-list/conversation-list.js';
import '../conversation/conversation.js';
import '../panel/panel.js';
import { nameOf } from '../person/name.js';
import '../toast/toast.js';
import { tokens } from '../tokens/tokens.styles.js';
import { Announcer } from './announcer.js';
import { styles } from './app.styles.js';
import { renderBanner } from './banners.js';
import { ConnectionNews } from './connection-news.js';
import { deepFocus } from './focus.js';
import { currentRoute, goBack, goTo, home, routeKey, type Navigation } from './navigation.js';
import { renderCall, renderOverlay, type MediaStreams } from './overlays.js';
import { Requests } from './requests.js';
import { closingProblem, renderScreen } from './screens.js';

const toastMs = 2_400;

/** The whole widget: shows what the client says, asks it for what the person wants.
 *
 * The host of the page gives the client and the media, opens and closes it, and keeps theme and language.
 * @event parley-app-close - The person closed it.
 * @event parley-app-open - A call rings: it wants to be seen.
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

  /** It opens by itself, in a page that nobody has touched: the focus stays where it is. */
  @property({ attribute: false }) quiet = false;
  /** The browser has deleted what was kept here. */
  @property({ attribute: false }) lost = false;
  /** Nobody is known to live here: what comes first is the choice of a handle. */
  @property({ attribute: false }) newcomer = false;

  @state() private navigation: Navigation = home;
  @state() private drafts: ReadonlyMap<ConversationId, string> = new Map();
  @state() private toast = '';
  @state() private announcement = '';
  @query('[data-screen]') private screen!: HTMLElement | null;

  private readonly controller = new ClientController(this);
  private readonly connectionNews = new ConnectionNews(this);
  private readonly requests = new Requests(this, this.controller);
  private readonly announcer = new Announcer({
    say: (text) => {
      this.announcement = text;
    },
    countText: (name, count) => {
      const text = this.t.conversation.unread(count);
      return name === null ? text : this.t.app.arrived(name, text);
    },
  });
  private toastTimer: ReturnType<typeof setTimeout> | undefined;
  private origin: ConversationId | null = null;
  /** The conversation whose changed key has interrupted already. */
  private interrupted: ConversationId | null = null;
  /** The call that the person has ended: its end needs no screen. */
  private left: CallState['id'] | null = null;
  private shownCall: CallState | null = null;
  private returnTo: HTMLElement | null = null;
  /** The focus was in here before it was drawn anew. */
  private held = false;

  constructor() {
    super();
    this.controller.onArrived = (conversationId, message) => {
      this.announce(conversationId, message);
    };
    this.addEventListener('parley-navigate', this.onNavigate);
    this.addEventListener('parley-command', this.onCommand);
    this.addEventListener('parley-draft', this.onDraft);
    this.addEventListener('parley-send', this.onSend);
    this.addEventListener('parley-history', this.onHistory);
    this.addEventListener('parley-follow', this.onFollow);
    this.addEventListener('parley-toast', this.onToast);
    this.addEventListener('parley-preference', this.onPreference);
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
    this.connectionNews.follow(this.controller.snapshot?.connection ?? 'online');
    const route = currentRoute(this.navigation);
    if ('conversationId' in route) {
      this.origin = route.conversationId;
      this.controller.openThread(route.conversationId);
    } else if (this.controller.thread) this.controller.closeThread();
    if (route.screen === 'conversation') this.interrupt(route.conversationId);
    if (route.screen === 'conversations') this.interrupted = null;
    if (route.screen === 'safety') void this.requests.loadSafety(route.conversationId);
    this.followCall();
    this.held = this.matches(':focus-within');
  }

  override render(): TemplateResult {
    const { snapshot } = this.controller;
    const { overlay, motion } = this.navigation;
    const route = currentRoute(this.navigation);
    const call = snapshot?.call ?? null;
    return html`
      <parley-panel
        exportparts="panel"
        .screen=${`${snapshot?.phase ?? ''} ${routeKey(route)}`}
        .motion=${motion}
        .covered=${overlay !== null || call !== null}
      >
        ${renderScreen({
          snapshot,
          banner: snapshot ? renderBanner(snapshot, this.t, this.connectionNews.shown) : nothing,
          route,
          thread: this.controller.thread,
          answers: this.requests.answers,
          drafts: this.drafts,
          origin: this.origin,
          theme: this.theme,
          open: this.open,
          lost: this.lost,
          newcomer: this.newcomer,
        })}
        ${
          snapshot && call
            ? renderCall(call, snapshot, { streams: this.mediaStreams, covered: overlay !== null })
            : nothing
        }
        ${snapshot && overlay ? renderOverlay(overlay, snapshot, this.subject(route)) : nothing}
        <parley-toast slot="overlay" .text=${this.toast}></parley-toast>
      </parley-panel>
      <p class="sr" role="status">${this.announcement}</p>
    `;
  }

  protected override updated(changed: PropertyValues): void {
    // Setting it, even to the same, has the whole tree styled anew.
    const { direction } = currentLocale();
    if (this.dir !== direction) this.dir = direction;
    this.loadWhatIsShown();
    const before = changed.get('navigation') as Navigation | undefined;
    const closedOverlay = before?.overlay != null && this.navigation.overlay === null;
    const moved =
      before !== undefined &&
      routeKey(currentRoute(before)) !== routeKey(currentRoute(this.navigation));
    if (!this.open) return;
    if (moved || (changed.has('open') && !this.quiet)) void this.focusScreen();
    else if (closedOverlay) void this.giveFocusBack();
    // It went with the screen that had it: to the one in its place.
    else if (this.held && !this.matches(':focus-within')) void this.focusScreen();
  }

  /** The conversation that a place is about. */
  private subject(route: Route): ConversationId | null {
    const inCall = this.controller.snapshot?.call?.conversationId ?? null;
    return 'conversationId' in route ? route.conversationId : inCall;
  }

  /** A changed key interrupts, once each time the conversation is opened. */
  private interrupt(conversationId: ConversationId): void {
    const found = this.controller.snapshot?.conversations.find(({ id }) => id === conversationId);
    if (!found?.peer.keyChanged) this.interrupted = null;
    else if (this.interrupted !== conversationId && !this.navigation.overlay) {
      this.interrupted = conversationId;
      this.navigation = { ...this.navigation, overlay: { overlay: 'key_changed', conversationId } };
    }
  }

  /** A call that starts to ring wants to be seen; one that the person has ended goes without a word. */
  private followCall(): void {
    const call = this.controller.snapshot?.call ?? null;
    const before = this.shownCall;
    this.shownCall = call;
    if (call && !before) {
      this.returnTo = deepFocus();
      if (!this.open) this.dispatchEvent(new CustomEvent('parley-app-open'));
    }
    if (!call && before && this.open) void this.focusScreen();
    if (call?.phase === 'ended' && call.id === this.left && !call.problem) {
      this.left = null;
      void this.controller.run<'dismiss_call'>({ type: 'dismiss_call' });
    }
  }

  /** Elements of the lazy parts stand in the templates from the start, and wake up when their code is there. */
  private loadWhatIsShown(): void {
    const { snapshot } = this.controller;
    const route = currentRoute(this.navigation);
    const missing = (): void => {
      this.say(this.t.app.missing);
    };
    const rare = route.screen === 'settings' || route.screen === 'safety';
    // Whoever writes is likely to want these next, and would want them even without a connection.
    const soon = route.screen === 'conversation' && this.open;
    if (rare || soon || this.navigation.overlay || closingProblem(snapshot))
      import('./later.js').catch(missing);
    if (snapshot?.call || soon) import('../call/call.js').catch(missing);
  }

  /** To where it was before something lay over the screen. */
  private async giveFocusBack(): Promise<void> {
    // Until the panel has drawn itself, what is under it is still inert.
    await this.renderRoot.querySelector('parley-panel')?.updateComplete;
    this.returnTo?.focus();
  }

  private async focusScreen(): Promise<void> {
    await this.updateComplete;
    const { screen } = this;
    if (!screen || this.navigation.overlay || this.shownCall) return;
    await customElements.whenDefined(screen.localName);
    if (screen instanceof ParleyElement) await screen.updateComplete;
    screen.focus();
  }

  private announce(conversationId: ConversationId, message: Message): void {
    const found = this.controller.snapshot?.conversations.find(({ id }) => id === conversationId);
    if (!found) return;
    const name = nameOf(found.peer);
    this.announcer.arrived(name, this.t.app.arrived(name, previewOf(message, this.t).text));
  }

  private readonly onNavigate = (event: NavigateEvent): void => {
    const { to } = event;
    if (to === 'close') this.close();
    else if (to === 'back') {
      const next = goBack(this.navigation);
      if (next) this.navigation = next;
      else this.close();
    } else if (to === 'close_overlay') this.navigation = { ...this.navigation, overlay: null };
    else if ('overlay' in to) this.cover(to);
    else {
      if (to.screen === 'new') this.requests.freshCompose();
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
    const { requests } = this;
    if (command.type === 'check_handle') await requests.checkHandle(command);
    else if (command.type === 'claim_handle') {
      // Before the answer: by the time it comes one may be elsewhere already.
      this.navigation = { ...home, motion: 'forward' };
      await requests.claim(command);
    } else if (command.type === 'open_conversation') await this.openConversation(command.address);
    else if (command.type === 'start_call') {
      const problem = await requests.startCall(command);
      if (problem) this.cover({ overlay: 'problem', problem });
    } else {
      if (command.type === 'hang_up' || command.type === 'decline_call') this.left = command.callId;
      const outcome = await this.controller.run(command);
      if (!outcome.ok) this.say(this.t.problems[outcome.problem.code]);
      else if (command.type === 'set_display_name') this.say(this.t.settings.saved);
    }
  }

  private async openConversation(address: string): Promise<void> {
    const conversationId = await this.requests.openConversation(address);
    if (conversationId) this.show(conversationId);
  }

  private async sendText(conversationId: ConversationId, text: string): Promise<void> {
    const problem = await this.requests.sendText(conversationId, text);
    if (problem?.code === 'key_changed') this.cover({ overlay: 'key_changed', conversationId });
  }

  /** Lays something over the screen; the focus comes back to where it was. */
  private cover(overlay: Overlay): void {
    this.returnTo = deepFocus();
    this.navigation = { ...this.navigation, overlay };
  }

  private readonly onDraft = (event: DraftEvent): void => {
    const { thread } = this.controller;
    if (thread) this.drafts = new Map(this.drafts).set(thread.conversationId, event.text);
  };

  private readonly onSend = (event: SendEvent): void => {
    const { thread } = this.controller;
    if (thread) void this.sendText(thread.conversationId, event.text);
  };

  private readonly onHistory = (event: HistoryEvent): void => {
    const { controller } = this;
    if (event.direction === 'older') void controller.loadOlder();
    else if (event.direction === 'newer') void controller.loadNewer();
    else void controller.loadLatest();
  };

  private readonly onFollow = (event: FollowEvent): void => {
    this.controller.follow(event.following);
  };

  private readonly onToast = (event: ToastEvent): void => {
    this.say(event.text);
  };

  private say(text: string): void {
    this.toast = text;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(
      () => {
        this.toast = '';
      },
      toastMs + text.length * 30,
    );
  }

  private readonly onPreference = (event: PreferenceEvent): void => {
    const { preference } = event;
    const sent =
      'theme' in preference
        ? new CustomEvent('parley-app-theme', { detail: preference })
        : new CustomEvent('parley-app-lang', { detail: { lang: preference.language } });
    this.dispatchEvent(sent);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-app': ParleyApp;
  }
}
