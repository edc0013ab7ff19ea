/** Binds the elements to a client: its state, the open conversation's messages, and its answers. */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ConversationId } from '../core/ids.js';
import {
  ProblemError,
  type Client,
  type ClientEvent,
  type ClientSnapshot,
  type Command,
  type CommandOf,
  type CommandResult,
  type Message,
  type Problem,
} from '../core/snapshot.js';
import {
  emptyWindow,
  latestPage,
  liveChange,
  newerPage,
  olderPage,
  windowMessagesMax,
  type MessagesChange,
  type MessageWindow,
} from './message-window.js';
import { Pace } from './pace.js';

/** The conversation that is open. */
export interface OpenThread extends MessageWindow {
  readonly conversationId: ConversationId;
  readonly loading: boolean;
  /** `order` after which the unread line stands while it is open; null: all was read. */
  readonly unreadAfter: number | null;
  /** How many were unread when it was opened. */
  readonly unreadCount: number;
}

/** What a command came to. */
export type Outcome<Value> = { ok: true; value: Value } | { ok: false; problem: Problem };

const pageMessages = 50;
/** A page that could not be read is asked for again after this. */
export const retryMs = 2_000;
/** A conversation with more unread messages opens where they begin, with the rest of the page from before. */
export const unreadOnPageMax = 40;

/** Subscribes to a client for as long as its host is in the document.
 *
 * Nothing here throws: a command that could not be done gives its problem. */
export class ClientController implements ReactiveController {
  /** `null` before a client is there. */
  snapshot: ClientSnapshot | null = null;
  thread: OpenThread | null = null;
  /** Called for messages that have just come, to be announced. */
  onArrived: (conversationId: ConversationId, message: Message) => void = () => undefined;

  private client: Client | undefined;
  private subscription: AbortController | undefined;
  private connected = false;
  private following = true;
  /** What happened while a page was on its way: it may have been read before. */
  private meanwhile: MessagesChange[] = [];
  private latestWanted = false;
  /** Counts what was opened: a page that was asked for before is of no use after. */
  private visit = 0;
  private readonly pace = new Pace();
  /** Drawn for the coming frame, and whether more has happened since. */
  private drawing = false;
  private stale = false;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    this.connected = true;
    this.subscribe();
  }

  hostDisconnected(): void {
    this.connected = false;
    this.subscription?.abort();
  }

  /** Uses this client from now on; the same one again changes nothing. */
  attach(client: Client | undefined): void {
    if (client === this.client) return;
    this.client = client;
    this.leaveThread();
    this.subscribe();
  }

  /** Opens a conversation, at its end or where what is unread begins; both pages hold the unread line. */
  openThread(conversationId: ConversationId): void {
    if (this.thread?.conversationId === conversationId) return;
    const summary = this.snapshot?.conversations.find(({ id }) => id === conversationId);
    const { unread = 0, readUpTo = 0 } = summary ?? {};
    this.leaveThread();
    this.following = true;
    this.thread = {
      ...emptyWindow,
      conversationId,
      loading: false,
      unreadAfter: unread > 0 ? readUpTo : null,
      unreadCount: unread,
    };
    void (unread > unreadOnPageMax ? this.loadUnread(readUpTo) : this.loadLatest());
  }

  /** Whether the reader stands at the end of the open conversation: then the oldest give way to what comes. */
  follow(following: boolean): void {
    this.following = following;
  }

  /** Lets go of the open conversation's messages. */
  closeThread(): void {
    this.leaveThread();
    this.host.requestUpdate();
  }

  /** Loads the newest page in place of what is held, after the page that is on its way. */
  async loadLatest(): Promise<void> {
    this.latestWanted = this.thread?.loading === true;
    if (this.latestWanted) return;
    await this.load({}, (_window, { messages, more }) => latestPage(messages, more));
  }

  /** Loads the page in which what is unread begins. */
  private async loadUnread(readUpTo: number): Promise<void> {
    const end = readUpTo + unreadOnPageMax;
    const loaded = await this.load({ before: end + 1 }, (_window, { messages, more }) => ({
      messages,
      hasOlder: more,
      hasNewer: true,
    }));
    // Where the log holds nothing to be seen for long, the newest page is as near as any.
    if (loaded && this.thread?.messages.length === 0) await this.loadLatest();
  }

  /** Loads the page before what is held. */
  async loadOlder(): Promise<void> {
    const first = this.thread?.messages[0];
    if (!first || !this.thread?.hasOlder) return;
    // At the end there is no room for it.
    if (this.following && this.thread.messages.length >= windowMessagesMax) return;
    await this.load({ before: first.order }, (window, page) =>
      olderPage(window, page, this.following),
    );
  }

  /** Loads the page after what is held. */
  async loadNewer(): Promise<void> {
    const last = this.thread?.messages.at(-1);
    if (!last || !this.thread?.hasNewer) return;
    await this.load({ after: last.order }, (window, { messages, more }) =>
      newerPage(window, messages, more),
    );
  }

  /** Runs a command of the client. */
  async run<Type extends Command['type']>(
    command: CommandOf<Type>,
  ): Promise<Outcome<CommandResult<Type>>> {
    if (!this.client) return { ok: false, problem: { code: 'internal' } };
    try {
      return { ok: true, value: await this.client.run<Type>(command) };
    } catch (error) {
      const problem: Problem = error instanceof ProblemError ? error.problem : { code: 'internal' };
      return { ok: false, problem };
    }
  }

  /** What is open by now: it may have changed while one waited. */
  private openNow(): OpenThread | null {
    return this.thread;
  }

  private subscribe(): void {
    this.subscription?.abort();
    const { client } = this;
    this.snapshot = client?.snapshot ?? null;
    if (client && this.connected) {
      this.subscription = new AbortController();
      client.subscribe((event) => {
        this.take(event);
      }, this.subscription.signal);
      // What happened between two subscriptions was not heard.
      if (this.thread) void this.loadLatest();
    }
    this.host.requestUpdate();
  }

  private take(event: ClientEvent): void {
    if (event.type === 'snapshot') this.snapshot = event.snapshot;
    else if (event.type === 'arrived') this.onArrived(event.conversationId, event.message);
    else if (this.thread?.conversationId === event.conversationId) {
      if (this.thread.loading) {
        this.meanwhile.push(event);
        // Before there is a page, nobody knows what of it belongs there.
        if (this.thread.messages.length > 0) this.change([event]);
      } else this.change(this.pace.add(event));
    }
    this.draw();
  }

  private change(changes: readonly MessagesChange[]): void {
    for (const change of changes) {
      if (this.thread === null) return;
      this.thread = { ...this.thread, ...liveChange(this.thread, change, this.following) };
    }
  }

  private leaveThread(): void {
    this.thread = null;
    this.visit += 1;
    this.latestWanted = false;
    this.pace.all();
  }

  /** At once, and then once a frame however much happens. */
  private draw(): void {
    if (this.drawing) {
      this.stale = true;
      return;
    }
    this.drawing = true;
    const began = performance.now();
    let tookMs = 0;
    this.host.requestUpdate();
    // All of it draws itself before the next task.
    setTimeout(() => {
      tookMs = performance.now() - began;
    });
    afterFrame(() => {
      this.drawing = false;
      const changes = this.pace.next(tookMs);
      this.change(changes);
      if (!this.stale && changes.length === 0) return;
      this.stale = false;
      this.draw();
    });
  }

  /** @returns whether a page came and was taken. */
  private async load(
    page: { before?: number; after?: number },
    take: (window: MessageWindow, page: { messages: Message[]; more: boolean }) => MessageWindow,
  ): Promise<boolean> {
    this.change(this.pace.all());
    const { thread, visit } = this;
    if (!thread || thread.loading) return false;
    this.thread = { ...thread, loading: true };
    this.meanwhile = [];
    this.host.requestUpdate();
    const { conversationId } = thread;
    const outcome = await this.run<'history'>({
      type: 'history',
      conversationId,
      limit: pageMessages,
      ...page,
    });
    // What is held stays, and whoever is still near its end asks again.
    if (!outcome.ok) await new Promise((resolve) => setTimeout(resolve, retryMs));
    const now = this.openNow();
    // Another conversation may have been opened meanwhile.
    if (now === null || visit !== this.visit) return false;
    const window = outcome.ok ? take(now, outcome.value) : {};
    this.thread = { ...now, ...window, loading: false };
    this.change(this.meanwhile);
    this.meanwhile = [];
    this.host.requestUpdate();
    if (this.latestWanted || (!outcome.ok && now.messages.length === 0)) void this.loadLatest();
    return outcome.ok;
  }
}

/** In a task of its own, so that what was drawn is painted and what the person does is heard before more is drawn.
 * Nobody draws frames for a hidden page. */
function afterFrame(then: () => void): void {
  if (document.visibilityState === 'visible') requestAnimationFrame(() => setTimeout(then));
  else setTimeout(then, 250);
}
