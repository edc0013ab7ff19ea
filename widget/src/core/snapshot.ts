/** What the screens see: plain, structured-cloneable, read-only state of the client, and what one may ask of it. */
import type { Address, CallId, ConversationId, DeviceId, MessageId } from './ids.js';

/** Why something did not work, as a code that an element turns into a sentence. */
export type ProblemCode =
  | 'offline' // no connection; it goes on by itself
  | 'server_error'
  | 'answer_malformed' // what the server says does not hold together; it is not believed
  | 'server_back' // the server shows an older state than before; it is not followed
  | 'clock_wrong' // this device's clock and the server's are a month apart and more
  | 'member_refused' // somebody who does not belong was to be let into a conversation
  | 'site_unknown'
  | 'origin_refused'
  | 'handle_invalid'
  | 'handle_reserved'
  | 'handle_taken'
  | 'too_many' // wait and try again
  | 'address_invalid'
  | 'address_unknown'
  | 'address_self'
  | 'reach_refused'
  | 'message_empty'
  | 'message_too_long'
  | 'storage_unavailable'
  | 'outbox_full' // so many wait to be sent in this conversation
  | 'conversations_full' // a device keeps so many
  | 'storage_full'
  | 'storage_blocked' // an older version in another tab has it open
  | 'storage_outdated' // a newer version was used here
  | 'crypto_unavailable' // no WebCrypto and the site does not allow the fall-back
  | 'other_tab' // without Web Locks, another tab is at work
  | 'device_revoked'
  | 'profile_copied' // a copy of this device's data is in use elsewhere; this one stopped
  | 'key_unverifiable' // the server's answer for an account does not hold together
  | 'key_changed' // the account key is not the pinned one; sending waits for the person's decision
  | 'calls_unavailable'
  | 'calls_need_https'
  | 'call_busy'
  | 'call_failed'
  | 'encryption_unsupported' // this browser cannot encrypt calls
  | 'microphone_denied'
  | 'camera_denied'
  | 'device_missing'
  | 'device_in_use'
  | 'internal';

export interface Problem {
  code: ProblemCode;
  /** Seconds until another try makes sense. */
  retryAfterSeconds?: number;
}

export interface Person {
  address: Address;
  /** What they call themselves; absent until they said so. Untrusted text. */
  displayName?: string;
  /** 0 to 359, derived from the account key: the hue of the avatar. */
  hue: number;
  verified: boolean;
  /** Their account key is another than the pinned one; nothing is sent until the person accepts it. */
  keyChanged: boolean;
}

export interface Self {
  address: Address;
  displayName?: string;
  hue: number;
  deviceId: DeviceId;
}

export type MessageStatus =
  | 'sending' // in the outbox
  | 'stored' // on the server's disk
  | 'failed'; // given up; the person may retry

/** One line of a conversation as it is shown. */
export interface Message {
  id: MessageId;
  conversationId: ConversationId;
  /** Strictly increasing position on this device: `seq` for what the log holds, after it for what is pending. */
  order: number;
  /** Milliseconds since 1970: the sender's clock, never in the future. */
  at: number;
  author: 'self' | 'peer';
  status: MessageStatus;
  body:
    | { type: 'text'; text: string }
    | { type: 'call'; callId: CallId; video: boolean; outcome: CallOutcome; seconds: number }
    | { type: 'notice'; notice: NoticeCode }
    /** Asked for again and not there yet (`pending`), or lost for good. */
    | { type: 'undecryptable'; pending: boolean };
}

export type CallOutcome =
  'ongoing' | 'ended' | 'missed' | 'declined' | 'busy' | 'cancelled' | 'failed';

export type NoticeCode =
  | 'encrypted' // first line of every conversation
  | 'key_changed'
  | 'key_accepted'
  | 'verified'
  | 'device_added'
  | 'device_removed'
  | 'rejoined' // this device was behind or restored: what came between is not here
  | 'copied' // this device's data is a copy, and the original went on
  | 'gap'
  | 'disordered'; // the server changed the order of what somebody said

export interface ConversationSummary {
  id: ConversationId;
  peer: Person;
  /** `starting`: waits for the server or for the other's Welcome; messages may be written already. */
  state: 'starting' | 'ready' | 'broken';
  last: Message | null;
  unread: number;
  /** `order` of the last message that was read here; the unread line stands after it. */
  readUpTo: number;
}

/** Safety number: 60 digits in 12 groups of 5, equal on both sides. */
export interface SafetyNumber {
  peer: Person;
  groups: string[];
}

export type CallPhase =
  | 'outgoing' // being set up
  | 'ringing' // rings at the other's
  | 'incoming' // rings here
  | 'connecting'
  | 'active'
  | 'reconnecting'
  | 'ended';

export interface CallState {
  id: CallId;
  conversationId: ConversationId;
  peer: Person;
  video: boolean;
  phase: CallPhase;
  direction: 'out' | 'in';
  /** Set with `ended`. */
  outcome?: CallOutcome;
  problem?: Problem;
  /** When the first frame was decoded, milliseconds since 1970. */
  activeSince?: number;
  microphone: 'on' | 'off';
  camera: 'on' | 'off';
  /** Whether the other's frames arrive and decrypt. */
  remote: { audio: boolean; video: boolean };
  /** Four emoji, each with the key of its name in the locale; equal on both ends. Set while encrypted media flow. */
  safetyCode?: { emoji: string; name: string }[];
}

/** The whole small state. Messages are not in it: see `history` and `messages` events. */
export interface ClientSnapshot {
  phase:
    | 'starting'
    | 'unclaimed' // no account on this device yet
    | 'ready'
    | 'signed_out'
    | 'closed'; // cannot work here; `problem` says why
  connection: 'offline' | 'connecting' | 'online';
  /** Set when WebCrypto is missing and the software fall-back is in use: a standing warning. */
  insecure: boolean;
  site: { domain: string; reach: 'site' | 'network' } | null;
  self: Self | null;
  /** Newest first; at most 500. */
  conversations: ConversationSummary[];
  unread: number;
  call: CallState | null;
  calls: 'available' | 'unavailable' | 'need_https' | 'unsupported';
  settings: { sound: boolean };
  problem: Problem | null;
}

/** What one may ask of the client. Every command is plain data, so that it can cross to a worker or another tab. */
export type Command =
  | { type: 'check_handle'; handle: string }
  | { type: 'claim_handle'; handle: string; displayName?: string }
  | { type: 'set_display_name'; displayName: string }
  /** `@handle` (this site) or `@handle@domain`. Answers the conversation, old or new. */
  | { type: 'open_conversation'; address: string }
  /** `messageId`: made by the caller, so that a command repeated after the owning tab went away is not sent
   * twice: an id that this device already knows changes nothing and is answered as before. Absent: made here. */
  | { type: 'send_text'; conversationId: ConversationId; text: string; messageId?: MessageId }
  | { type: 'retry'; conversationId: ConversationId; messageId: MessageId }
  | { type: 'discard'; conversationId: ConversationId; messageId: MessageId }
  /** A page of messages, oldest first, at most 100: it ends before an `order`, begins after one, or is the newest. */
  | {
      type: 'history';
      conversationId: ConversationId;
      before?: number;
      after?: number;
      limit: number;
    }
  | { type: 'mark_read'; conversationId: ConversationId; upTo: number }
  | { type: 'safety_number'; conversationId: ConversationId }
  | { type: 'set_verified'; conversationId: ConversationId; verified: boolean }
  | { type: 'accept_key'; conversationId: ConversationId }
  | { type: 'set_sound'; sound: boolean }
  | { type: 'start_call'; conversationId: ConversationId; video: boolean }
  | { type: 'answer_call'; callId: CallId; video: boolean }
  | { type: 'decline_call'; callId: CallId }
  | { type: 'hang_up'; callId: CallId }
  | { type: 'set_microphone'; on: boolean }
  | { type: 'set_camera'; on: boolean }
  | { type: 'dismiss_call' }
  /** Tries the connection at once instead of after its delay. */
  | { type: 'reconnect' }
  | { type: 'sign_out' };

/** What each command answers; `null` for those that only act. */
export interface CommandResults {
  check_handle: { status: 'available' | 'taken' | 'reserved' | 'invalid' };
  open_conversation: { conversationId: ConversationId };
  send_text: { messageId: MessageId };
  history: { messages: Message[]; more: boolean };
  safety_number: SafetyNumber;
}
export type CommandResult<Type extends Command['type']> = Type extends keyof CommandResults
  ? CommandResults[Type]
  : null;
export type CommandOf<Type extends Command['type']> = Extract<Command, { type: Type }>;

/** What happens, as it happens. */
export type ClientEvent =
  | { type: 'snapshot'; snapshot: ClientSnapshot }
  /** New or changed messages of one conversation, or ones that are gone (discarded). */
  | { type: 'messages'; conversationId: ConversationId; messages: Message[]; removed: MessageId[] }
  /** A message of another person arrived just now, to be announced (sound, live region), in one tab only. */
  | { type: 'arrived'; conversationId: ConversationId; message: Message };

/** The client as the screens know it: in this thread, in a worker, in another tab, or scripted. */
export interface Client {
  readonly snapshot: ClientSnapshot;
  /** Calls `listener` for every event until the signal aborts. */
  subscribe(listener: (event: ClientEvent) => void, signal: AbortSignal): void;
  /** @throws ProblemError with a code that an element can say. */
  run<Type extends Command['type']>(command: CommandOf<Type>): Promise<CommandResult<Type>>;
  close(): Promise<void>;
}

/** A command that could not be done. */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem, options: { cause?: unknown } = {}) {
    super(problem.code, options);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}
