/** The client as one tab sees it: asks the engine, wherever it runs, and outlives it. */
import type { ConversationId, MessageId } from '../../core/ids.js';
import {
  ProblemError,
  type Client,
  type ClientEvent,
  type ClientSnapshot,
  type Command,
  type CommandOf,
  type CommandResult,
  type Message,
} from '../../core/snapshot.js';
import { heardFromEngine } from './heard.js';
import { PendingCommands } from './pending-commands.js';
import { startingSnapshot } from './starting-snapshot.js';
import {
  type FromEngine,
  type FromTab,
  type TabChannel,
  type TabId,
  type Term,
} from './protocol.js';

/** An engine silent for so long is one whose tab the browser has put to sleep. */
const silenceMs = 4_000;
/** A timer later than that: it was this tab that slept, and what it was told meanwhile has yet to be heard. */
const lateMs = 500;
/** A ring that is not heard again within this time is over. */
const ringAgainMs = 8_000;
/** Conversations that are read again from a new engine, in case the old one went before it could tell. */
const recentMax = 8;
const recentMessages = 50;

export interface TabClientOptions {
  tab: TabId;
  channel: TabChannel;
  /** Whether the person looks at this tab now. */
  isLookedAt: () => boolean;
  /** Whether this tab may use an engine at all: without locks only the owner's own may. */
  speaks: () => boolean;
  /** The engine does not answer, though its tab holds the lock. */
  onSilence: () => void;
  /** Whether the engine runs in this tab. */
  owns: () => boolean;
  /** Resolves when the engine runs in this tab: a call's media, keys and state belong together. */
  takeOver: () => Promise<void>;
}

export class TabClient implements Client {
  readonly #options: TabClientOptions;
  readonly #commands = new PendingCommands();
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  readonly #recent = new Set<ConversationId>();
  readonly #closed = new AbortController();
  #snapshot = startingSnapshot;
  #term = 0;
  #announcer: TabId | null = null;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TabClientOptions) {
    this.#options = options;
    options.channel.addEventListener('message', (event) => {
      const message = heardFromEngine((event as MessageEvent<unknown>).data);
      if (!this.#closed.signal.aborted && message !== null) this.#hear(message);
    });
  }

  /** Asks for the engine that may be there already. */
  greet(): void {
    this.#say({ from: 'tab', type: 'hello', tab: this.#options.tab });
  }

  get snapshot(): ClientSnapshot {
    return this.#snapshot;
  }

  /** Of the engine heard last; the next one must have a higher one. */
  get term(): Term {
    return this.#term;
  }

  /** Whether sounds and announcements are this tab's business. */
  get announces(): boolean {
    return this.#announcer === this.#options.tab;
  }

  subscribe(listener: (event: ClientEvent) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  async run<Type extends Command['type']>(command: CommandOf<Type>): Promise<CommandResult<Type>> {
    const asked = withMessageId(command);
    if (asked.type === 'start_call' || asked.type === 'answer_call') await this.#prepareCall(asked);
    if (asked.type === 'reconnect' && !this.#options.speaks())
      throw new ProblemError({ code: 'other_tab' });
    if (asked.type === 'history') this.#remember(asked.conversationId);
    const { id, result } = this.#commands.add(asked);
    this.#send(id, asked);
    return (await result) as CommandResult<Type>;
  }

  /** The person looks at this tab: it becomes the one that announces, and a sleeping engine is noticed. */
  attend(): void {
    this.#say({ from: 'tab', type: 'here', tab: this.#options.tab });
    this.#ping();
  }

  /** Shows what is true of this tab alone, such as why it does not work here. */
  showLocally(change: Partial<ClientSnapshot>): void {
    this.#show({ ...this.#snapshot, ...change });
  }

  /** The page is hidden for good, or put aside: another tab announces. */
  leave(): void {
    this.#say({ from: 'tab', type: 'bye', tab: this.#options.tab });
  }

  close(): Promise<void> {
    if (!this.#closed.signal.aborted) this.leave();
    this.#closed.abort();
    clearTimeout(this.#silence);
    this.#commands.rejectAll('internal');
    this.#listeners.clear();
    this.#options.channel.close();
    return Promise.resolve();
  }

  /** The engine comes to this tab; it hears of a ring again, and only then can it be answered.
   * @throws ProblemError `call_busy`: another tab is in a call, which a change of owner would end. */
  async #prepareCall(command: CommandOf<'start_call' | 'answer_call'>): Promise<void> {
    const { call } = this.#snapshot;
    if (
      call !== null &&
      call.phase !== 'incoming' &&
      call.phase !== 'ended' &&
      !this.#options.owns()
    )
      throw new ProblemError({ code: 'call_busy' });
    // What the snapshot says until the new engine speaks is the old one's.
    const before = this.#options.owns() ? 0 : this.#term;
    await this.#options.takeOver();
    const isThere = (): boolean =>
      this.#term > before &&
      (command.type === 'answer_call'
        ? this.#snapshot.call?.id === command.callId
        : this.#snapshot.connection === 'online');
    const patience = AbortSignal.timeout(ringAgainMs);
    while (!isThere()) await this.#nextEvent(patience);
  }

  #nextEvent(patience: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const heard = new AbortController();
      const end = (): void => {
        heard.abort();
        reject(new ProblemError({ code: 'call_failed' }));
      };
      patience.addEventListener('abort', end, { signal: heard.signal });
      this.subscribe(() => {
        heard.abort();
        resolve();
      }, heard.signal);
    });
  }

  #hear(message: FromEngine): void {
    if (!this.#options.speaks()) return;
    this.#heardSomething();
    if (message.type === 'starting') return;
    if (message.type === 'engine' && message.term > this.#term) this.#welcome(message);
    if (message.term !== this.#term) return; // An engine that was overtaken.
    const mine = this.#options.tab;
    if (message.type === 'engine') {
      this.#announcer = message.announcer;
      this.#show(message.snapshot);
    } else if (message.type === 'announcer') this.#announcer = message.announcer;
    else if (message.type === 'closing') this.showLocally({ connection: 'connecting' });
    else if (message.type === 'event' && (message.to ?? mine) === mine) this.#pass(message.event);
    else if (message.type === 'taken' && message.tab === mine) this.#commands.markTaken(message.id);
    else if (message.type === 'done' && message.tab === mine) {
      this.#commands.settle(message.id, message.outcome);
    }
  }

  /** Another engine than before: it is told again what the old one may not have done. */
  #welcome({ term, snapshot }: Extract<FromEngine, { type: 'engine' }>): void {
    const isSuccessor = this.#term > 0;
    this.#term = term;
    const { tab, isLookedAt } = this.#options;
    if (isSuccessor) this.#say({ from: 'tab', type: 'hello', tab });
    if (isLookedAt()) this.#say({ from: 'tab', type: 'here', tab });
    for (const { id, command } of this.#commands.repeatable(snapshot)) this.#send(id, command);
    // A copy: reading remembers, which changes the set.
    if (isSuccessor) for (const id of [...this.#recent]) void this.#readAgain(id);
  }

  async #readAgain(conversationId: ConversationId): Promise<void> {
    const command = { type: 'history', conversationId, limit: recentMessages } as const;
    const answer = await this.run<'history'>(command).catch(() => null);
    const messages: Message[] = answer?.messages ?? [];
    if (messages.length > 0)
      this.#pass({ type: 'messages', conversationId, messages, removed: [] });
  }

  #remember(conversationId: ConversationId): void {
    this.#recent.delete(conversationId);
    this.#recent.add(conversationId);
    for (const oldest of this.#recent) {
      if (this.#recent.size <= recentMax) break;
      this.#recent.delete(oldest);
    }
  }

  #show(snapshot: ClientSnapshot): void {
    this.#pass({ type: 'snapshot', snapshot });
  }

  #pass(event: ClientEvent): void {
    if (event.type === 'snapshot') this.#snapshot = event.snapshot;
    for (const listener of [...this.#listeners]) listener(event);
  }

  #send(id: number, command: Command): void {
    this.#say({ from: 'tab', type: 'run', tab: this.#options.tab, id, command });
    this.#expectAnswer();
  }

  #say(message: FromTab): void {
    if (this.#options.speaks()) this.#options.channel.postMessage(message);
  }

  #ping(): void {
    this.#say({ from: 'tab', type: 'ping', tab: this.#options.tab });
    this.#expectAnswer();
  }

  #expectAnswer(): void {
    if (!this.#options.speaks()) return;
    const due = Date.now() + silenceMs;
    this.#silence ??= setTimeout(() => {
      this.#silence = undefined;
      if (Date.now() > due + lateMs) this.#ping();
      else this.#options.onSilence();
    }, silenceMs);
  }

  #heardSomething(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }
}

/** Names the message before it leaves the tab, so that saying it again sends nothing twice. */
function withMessageId(command: Command): Command {
  if (command.type !== 'send_text' || command.messageId !== undefined) return command;
  return { ...command, messageId: randomId() as MessageId };
}

/** Kept: a page may put another in its place later, and a message without a name of its own would be lost as a double. */
const ownCrypto = crypto;

/** 16 random bytes, base64url. */
function randomId(): string {
  const bytes = ownCrypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replace(
    /[+/=]/g,
    (sign) => ({ '+': '-', '/': '_', '=': '' })[sign] ?? '',
  );
}
