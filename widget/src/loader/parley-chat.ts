/** `<parley-chat>`: shows a launcher at once and loads everything else when somebody wants it. */
import type { ChatEvents, ChatHost, ChatOptions, ChatPage } from './contract.js';
import { labels, type Labels } from './labels.js';
import { isReturning, prefer, preferred, remember, rememberOpen, wasOpen } from './returning.js';
import { Shell } from './shell.js';

/** Long enough for a page to move the element about, short enough not to keep a connection for nothing. */
const detachDelayMs = 1_000;

/** All connected elements of the page, oldest first: of one site only the first one shows. */
const present = new Set<ParleyChat>();

const loadMain = () => import('../main.js');

/**
 * Private chat and calls, by handle.
 *
 * @slot launcher - Replaces the sign in the launcher button.
 * @csspart launcher - The round button.
 * @csspart badge - The number of unread messages on it.
 * @csspart panel - The frame that holds the chat.
 * @cssproperty --parley-accent - The site's colour. @cssproperty --parley-on-accent - What is readable on it.
 * @cssproperty --parley-edge - Distance from the window's edges, 20px.
 * @cssproperty --parley-radius - Corners of the panel, 20px.
 * @event parley-ready @event parley-open @event parley-close
 * @event parley-unread @event parley-call @event parley-error - Their details: `ChatEvents`.
 */
export class ParleyChat extends HTMLElement {
  static readonly observedAttributes = ['site', 'server', 'to', 'theme', 'lang', 'open'];

  readonly #shell: Shell;
  #page: Promise<ChatPage> | null = null;
  /** The site that `#page` is of. */
  #attachedTo = '';
  #unread = 0;
  #calling = false;
  #detachTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.#shell = new Shell(this.attachShadow({ mode: 'open' }));
    const { launcher, panel } = this.#shell;
    launcher.addEventListener('click', () => {
      this.open();
    });
    // A visitor about to click gets the code early: that stores nothing and speaks to no service.
    for (const type of ['pointerenter', 'focus'] as const) {
      launcher.addEventListener(type, () => void loadMain().catch(() => undefined), { once: true });
    }
    panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented) this.close();
    });
  }

  get options(): ChatOptions {
    const theme = preferred('theme') ?? this.getAttribute('theme');
    return {
      site: this.getAttribute('site') ?? '',
      server: new URL(this.getAttribute('server') ?? import.meta.url, location.href).origin,
      to: this.getAttribute('to'),
      theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
      lang: preferred('lang') ?? this.closest<HTMLElement>('[lang]')?.lang ?? navigator.language,
    };
  }

  get #key(): string {
    const { server, site } = this.options;
    return `${server} ${site}`;
  }

  get #words(): Labels {
    return /^hi\b/i.test(this.options.lang) ? labels.hi : labels.en;
  }

  /** Whether another element of the page shows this site already. */
  get #superfluous(): boolean {
    for (const other of present) if (other.#key === this.#key) return other !== this;
    return false;
  }

  connectedCallback(): void {
    clearTimeout(this.#detachTimer);
    present.add(this);
    if (this.options.site === '') this.#emit('parley-error', { code: 'site_missing' });
    if (this.#superfluous) this.#emit('parley-error', { code: 'already_on_page' });
    this.#refresh();
    const { server, site } = this.options;
    if (this.#superfluous || !isReturning(server, site)) return;
    if (wasOpen(server, site)) {
      this.open();
      return;
    }
    // Safari has no idle callbacks.
    const { requestIdleCallback: idle = (start: () => void) => setTimeout(start, 200) } =
      globalThis as Partial<typeof globalThis>;
    idle(() => {
      if (this.isConnected) void this.#start().catch(() => undefined);
    });
  }

  disconnectedCallback(): void {
    present.delete(this);
    for (const other of present) other.#refresh();
    this.#detachTimer = setTimeout(() => {
      this.#detach();
    }, detachDelayMs);
  }

  attributeChangedCallback(name: string): void {
    if (!this.isConnected) return;
    if (this.#attachedTo !== '' && this.#attachedTo !== this.#key) this.#detach();
    this.#changed();
    if (name === 'to')
      this.#withPage((page) => {
        this.#goTo(page);
      });
  }

  /** Opens the panel. For a new visitor it counts as their wish only if they just clicked or typed. */
  open(): void {
    // What opened after it may lie over it by now: whoever asks for it wants to see it.
    if (this.hasAttribute('open')) this.#shell.raise();
    this.toggleAttribute('open', true);
    const { server, site } = this.options;
    const { userActivation } = navigator as Partial<Navigator>;
    const wanted = userActivation?.isActive ?? true;
    if (this.#page === null && (wanted || isReturning(server, site))) this.#begin();
  }

  close(): void {
    this.toggleAttribute('open', false);
  }

  /** Opens the conversation with `@handle` or `@handle@domain`. @throws an Error whose message is a problem code. */
  async message(address: string): Promise<void> {
    this.open();
    await (await this.#start()).message(address);
  }

  /** Calls somebody. Resolves when it rings on their side is still open: see `parley-call`. */
  async call(address: string, options: { video?: boolean } = {}): Promise<void> {
    this.open();
    await (await this.#start()).call(address, { video: options.video ?? false });
  }

  /** Removes the account's keys and messages from this device. */
  async signOut(): Promise<void> {
    await (await this.#start()).signOut();
  }

  #changed(): void {
    this.#refresh();
    this.#withPage((page) => {
      page.update(this.options);
    });
  }

  /** Once it is there; a start that failed has said so itself. */
  #withPage(act: (page: ChatPage) => void): void {
    void this.#page?.then(act, () => undefined);
  }

  #refresh(): void {
    if (!this.isConnected) return;
    const open = this.hasAttribute('open');
    const shown = !this.#superfluous && this.options.site !== '';
    const wasOpen = !this.#shell.panel.hidden;
    this.#shell.paint(
      { unread: this.#unread, calling: this.#calling, open, theme: this.options.theme },
      this.#words,
    );
    Shell.show(this.#shell.launcher, shown && !open);
    Shell.show(this.#shell.panel, shown && open);
    if (shown && open !== wasOpen) this.#opened(open);
  }

  #opened(open: boolean): void {
    if (this.#page !== null) rememberOpen(this.options, open);
    this.#emit(open ? 'parley-open' : 'parley-close', null);
    if (open && this.#page === null) this.#offerStart();
    this.#withPage((page) => {
      page.shown(open);
      if (open) this.#goTo(page);
    });
    if (!open) this.#shell.launcher.focus({ preventScroll: true });
  }

  #offerStart(): void {
    const { startHint: text, start: button } = this.#words;
    this.#shell.cover({
      text,
      button,
      act: () => {
        this.#begin();
      },
    });
  }

  #begin(): void {
    rememberOpen(this.options, true);
    this.#shell.cover('skeleton');
    this.#start().then(
      (page) => {
        this.#goTo(page);
      },
      () => undefined,
    );
  }

  #goTo(page: ChatPage): void {
    const { to } = this.options;
    if (to !== null && this.hasAttribute('open')) void page.message(to).catch(() => undefined);
  }

  /** Loads the code and starts the client, once. What fails, at the network or in a page that has changed what the code
   * stands on, is said in the panel. */
  #start(): Promise<ChatPage> {
    this.#attachedTo = this.#key;
    this.#page ??= loadMain()
      .then(({ attach }) => {
        const page = attach(this.#host());
        this.#shell.cover(null);
        page.shown(this.hasAttribute('open'));
        return page;
      })
      .catch((cause: unknown) => {
        this.#fail();
        throw new Error('load_failed', { cause });
      });
    return this.#page;
  }

  #fail(): void {
    this.#page = null; // The next click tries again.
    const { failed: text, retry: button } = this.#words;
    this.#shell.cover({
      text,
      button,
      act: () => {
        this.#begin();
      },
    });
    this.#emit('parley-error', { code: 'load_failed' });
  }

  #detach(): void {
    this.#withPage((page) => {
      page.detach();
    });
    // Comes it back, it opens anew.
    this.#shell.panel.hidden = true;
    this.#page = null;
    this.#attachedTo = '';
    this.#unread = 0;
    this.#calling = false;
  }

  #host(): ChatHost {
    return {
      options: this.options,
      get returning() {
        return isReturning(this.options.server, this.options.site);
      },
      panel: this.#shell.panel,
      open: () => {
        this.open();
      },
      close: () => {
        this.close();
      },
      setUnread: (unread) => {
        this.#unread = unread;
        this.#refresh();
      },
      setCalling: (calling) => {
        this.#calling = calling;
        this.#refresh();
      },
      failed: () => {
        this.#withPage((page) => {
          page.detach();
        });
        this.#fail();
      },
      remember: (someone) => {
        remember(this.options, someone);
      },
      prefer: (preference, value) => {
        prefer(preference, value);
        this.#changed();
      },
      emit: (name, detail) => {
        this.#emit(name, detail);
      },
    };
  }

  #emit<Name extends keyof ChatEvents>(name: Name, detail: ChatEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'parley-chat': ParleyChat;
  }
}
