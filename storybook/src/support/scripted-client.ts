/** A client without keys or network that does what a script says: the elements cannot tell it from the real one. */
import type { ConversationId, MessageId } from '../../../widget/src/core/ids.js';
import {
  ProblemError,
  type Client,
  type ClientEvent,
  type ClientSnapshot,
  type Command,
  type CommandOf,
  type CommandResult,
  type CommandResults,
  type Message,
  type ProblemCode,
} from '../../../widget/src/core/snapshot.js';
import { asConversationId, asMessageId, me, person, summary } from './people.js';

/** What the scripted world is like. */
export interface Scenario {
  snapshot?: Partial<ClientSnapshot>;
  /** Messages by conversation, in order. */
  messages?: Readonly<Record<string, readonly Message[]>>;
  /** Commands that fail, each with its problem. */
  failures?: Partial<Record<Command['type'], ProblemCode>>;
  /** How long commands take. */
  delayMs?: number;
  /** What the other says to everything. */
  reply?: string;
}

const calm: ClientSnapshot = {
  phase: 'ready',
  connection: 'online',
  insecure: false,
  site: { domain: 'lumen.example', reach: 'network' },
  self: me,
  conversations: [],
  unread: 0,
  call: null,
  calls: 'available',
  settings: { sound: true },
  problem: null,
};

/** What waits to be sent stands behind all that is stored, and that is yet to come. */
const waitingOrder = 2 ** 40;

const takenHandles = new Set(['mira', 'arjun_k', 'layla', 'tomasz', 'admin_team']);
const reservedHandles = new Set(['admin', 'support', 'parley', 'root']);

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

type Answers = {
  [Type in Command['type']]: (
    command: CommandOf<Type>,
  ) => CommandResult<Type> | Promise<CommandResult<Type>>;
};

/** Implements every command well enough to be used by hand and by play functions. */
export class ScriptedClient implements Client {
  snapshot: ClientSnapshot;
  /** Everything that was asked, for play functions. */
  readonly asked: Command[] = [];
  private readonly listeners = new Set<(event: ClientEvent) => void>();
  private readonly messages = new Map<string, Message[]>();
  private made = 0;

  constructor(private readonly scenario: Scenario = {}) {
    this.snapshot = { ...calm, ...scenario.snapshot };
    for (const [id, list] of Object.entries(scenario.messages ?? {}))
      this.messages.set(id, [...list]);
  }

  subscribe(listener: (event: ClientEvent) => void, signal: AbortSignal): void {
    this.listeners.add(listener);
    signal.addEventListener('abort', () => this.listeners.delete(listener));
  }

  async run<Type extends Command['type']>(command: CommandOf<Type>): Promise<CommandResult<Type>> {
    this.asked.push(command);
    await wait(this.scenario.delayMs ?? 20);
    const failure = this.scenario.failures?.[command.type];
    if (failure) throw new ProblemError({ code: failure });
    const answer: Answers[Type] = this.answers[command.type];
    return answer(command);
  }

  close(): Promise<void> {
    this.listeners.clear();
    return Promise.resolve();
  }

  /** Changes the state, as the world would. */
  change(part: Partial<ClientSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...part };
    this.emit({ type: 'snapshot', snapshot: this.snapshot });
  }

  /** A message comes from the other.
   * @param order its place, where that is not behind all that is stored: so far only what is before it was read */
  arrive(conversationId: ConversationId, text: string, order?: number): void {
    if (order !== undefined) this.patch(conversationId, { readUpTo: order - 1 / 1024 });
    const message = this.append(conversationId, { author: 'peer', text, order });
    this.touch(conversationId, message, 1);
    this.emit({ type: 'messages', conversationId, messages: [message], removed: [] });
    this.emit({ type: 'arrived', conversationId, message });
  }

  private emit(event: ClientEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }

  private listOf(id: string): Message[] {
    const list = this.messages.get(id) ?? [];
    this.messages.set(id, list);
    return list;
  }

  private append(
    conversationId: ConversationId,
    { author, text, order }: { author: 'self' | 'peer'; text: string; order?: number | undefined },
  ): Message {
    this.made += 1;
    const list = this.listOf(conversationId);
    const place = author === 'self' ? waitingOrder + this.made : this.nextOrder(conversationId);
    const message: Message = {
      id: asMessageId(`made-${String(this.made)}`),
      conversationId,
      order: order ?? place,
      at: Date.now(),
      author,
      status: author === 'self' ? 'sending' : 'stored',
      body: { type: 'text', text },
    };
    list.push(message);
    list.sort((one, next) => one.order - next.order);
    return message;
  }

  private nextOrder(id: ConversationId): number {
    const stored = this.listOf(id).filter(({ order }) => order < waitingOrder);
    return (stored.at(-1)?.order ?? 0) + 1;
  }

  /** Moves a conversation to the top with its last message. */
  private touch(id: ConversationId, last: Message, unread: number): void {
    const found = this.snapshot.conversations.find((one) => one.id === id);
    if (!found) return;
    const others = this.snapshot.conversations.filter((one) => one.id !== id);
    this.change({ conversations: [{ ...found, last, unread: found.unread + unread }, ...others] });
  }

  private update(conversationId: ConversationId, id: MessageId, part: Partial<Message>): void {
    const list = this.listOf(conversationId);
    const index = list.findIndex((one) => one.id === id);
    const old = list[index];
    if (!old) return;
    const stored = old.order > waitingOrder && part.status === 'stored';
    const message = { ...old, ...part, ...(stored && { order: this.nextOrder(conversationId) }) };
    list[index] = message;
    list.sort((one, next) => one.order - next.order);
    this.emit({ type: 'messages', conversationId, messages: [message], removed: [] });
    this.touch(conversationId, message, 0);
  }

  private patch(id: ConversationId, part: Partial<ClientSnapshot['conversations'][number]>): void {
    this.change({
      conversations: this.snapshot.conversations.map((one) =>
        one.id === id ? { ...one, ...part } : one,
      ),
    });
  }

  private patchPeer(id: ConversationId, part: { verified?: boolean; keyChanged?: boolean }): void {
    const found = this.snapshot.conversations.find((one) => one.id === id);
    if (found) this.patch(id, { peer: { ...found.peer, ...part } });
  }

  private async deliver(conversationId: ConversationId, id: MessageId): Promise<void> {
    await wait(this.snapshot.connection === 'online' ? 400 : 1e9);
    this.update(conversationId, id, { status: 'stored' });
    if (this.scenario.reply === undefined) return;
    await wait(900);
    this.arrive(conversationId, this.scenario.reply);
  }

  private open(address: string): CommandResults['open_conversation'] {
    const domain = this.snapshot.site?.domain ?? '';
    if (!/^@[a-z0-9_]{3,30}(@[a-z0-9.-]+)?$/u.test(address))
      throw new ProblemError({ code: 'address_invalid' });
    const full = address.indexOf('@', 1) > 0 ? address : `${address}@${domain}`;
    if (full === this.snapshot.self?.address) throw new ProblemError({ code: 'address_self' });
    if (full.startsWith('@nobody')) throw new ProblemError({ code: 'address_unknown' });
    const known = this.snapshot.conversations.find(({ peer }) => peer.address === full);
    if (known) return { conversationId: known.id };
    const id = full.slice(1);
    this.change({
      conversations: [
        summary(id, person(full, 45), { state: 'starting' }),
        ...this.snapshot.conversations,
      ],
    });
    return { conversationId: asConversationId(id) };
  }

  private call(part: Partial<NonNullable<ClientSnapshot['call']>>): null {
    if (this.snapshot.call) this.change({ call: { ...this.snapshot.call, ...part } });
    return null;
  }

  private readonly answers: Answers = {
    check_handle: ({ handle }) => ({
      status: takenHandles.has(handle)
        ? 'taken'
        : reservedHandles.has(handle)
          ? 'reserved'
          : 'available',
    }),
    claim_handle: ({ handle, displayName }) => {
      if (takenHandles.has(handle)) throw new ProblemError({ code: 'handle_taken' });
      const address = `@${handle}@${this.snapshot.site?.domain ?? ''}` as typeof me.address;
      const { hue, deviceId } = me;
      const self =
        displayName === undefined
          ? { address, hue, deviceId }
          : { address, hue, deviceId, displayName };
      this.change({ phase: 'ready', self });
      return null;
    },
    set_display_name: ({ displayName }) => {
      if (this.snapshot.self) this.change({ self: { ...this.snapshot.self, displayName } });
      return null;
    },
    open_conversation: ({ address }) => this.open(address),
    send_text: ({ conversationId, text }) => {
      const message = this.append(conversationId, { author: 'self', text });
      this.touch(conversationId, message, 0);
      this.emit({ type: 'messages', conversationId, messages: [message], removed: [] });
      void this.deliver(conversationId, message.id);
      return { messageId: message.id };
    },
    retry: ({ conversationId, messageId }) => {
      this.update(conversationId, messageId, { status: 'sending' });
      void this.deliver(conversationId, messageId);
      return null;
    },
    discard: ({ conversationId, messageId }) => {
      const list = this.listOf(conversationId).filter(({ id }) => id !== messageId);
      this.messages.set(conversationId, list);
      this.emit({ type: 'messages', conversationId, messages: [], removed: [messageId] });
      return null;
    },
    history: ({ conversationId, before = Infinity, after, limit }) => {
      const found = this.listOf(conversationId).filter(
        ({ order }) => order < before && order > (after ?? -Infinity),
      );
      const messages = after === undefined ? found.slice(-limit) : found.slice(0, limit);
      return { messages, more: found.length > limit };
    },
    mark_read: ({ conversationId, upTo }) => {
      const readUpTo = Math.min(upTo, this.nextOrder(conversationId) - 1);
      const unread = this.listOf(conversationId).filter(
        ({ author, order }) => author === 'peer' && order > readUpTo,
      ).length;
      this.patch(conversationId, { unread, readUpTo });
      return null;
    },
    safety_number: ({ conversationId }) => {
      const found = this.snapshot.conversations.find(({ id }) => id === conversationId);
      if (!found) throw new ProblemError({ code: 'internal' });
      const groups = Array.from({ length: 12 }, (_, index) =>
        String((index * 48_611 + 10_267) % 100_000).padStart(5, '0'),
      );
      return { peer: found.peer, groups };
    },
    set_verified: ({ conversationId, verified }) => {
      this.patchPeer(conversationId, { verified });
      return null;
    },
    accept_key: ({ conversationId }) => {
      this.patchPeer(conversationId, { keyChanged: false, verified: false });
      return null;
    },
    set_sound: ({ sound }) => {
      this.change({ settings: { sound } });
      return null;
    },
    start_call: ({ conversationId, video }) => {
      const found = this.snapshot.conversations.find(({ id }) => id === conversationId);
      if (found)
        this.change({
          call: {
            id: 'call' as NonNullable<ClientSnapshot['call']>['id'],
            conversationId,
            peer: found.peer,
            video,
            phase: 'ringing',
            direction: 'out',
            microphone: 'on',
            camera: video ? 'on' : 'off',
            remote: { audio: false, video: false },
          },
        });
      return null;
    },
    answer_call: ({ video }) =>
      this.call({
        phase: 'active',
        activeSince: Date.now(),
        camera: video ? 'on' : 'off',
        remote: { audio: true, video },
      }),
    decline_call: () => this.call({ phase: 'ended', outcome: 'declined' }),
    hang_up: () => this.call({ phase: 'ended', outcome: 'ended' }),
    set_microphone: ({ on }) => this.call({ microphone: on ? 'on' : 'off' }),
    set_camera: ({ on }) => this.call({ camera: on ? 'on' : 'off' }),
    dismiss_call: () => {
      this.change({ call: null });
      return null;
    },
    reconnect: () => {
      this.change({ connection: 'connecting' });
      return null;
    },
    sign_out: () => {
      this.change({
        phase: 'signed_out',
        self: null,
        conversations: [],
        unread: 0,
        problem: null,
      });
      return null;
    },
  };
}
