/** The server as the engine sees it: one connection at a time, every answer already parsed and bounded. */
import type { Address, CallId, ConversationId, DeviceId, MessageId } from '../ids.js';
import type { TransportError } from './errors.js';
import type {
  AccountCard,
  CallEvent,
  Envelope,
  Head,
  LiveEvent,
  Sent,
  SessionGrant,
  SiteInfo,
} from './schemas.js';

export type { AccountCard, CallEvent, Envelope, Head, LiveEvent, Sent, SessionGrant, SiteInfo };

export interface WireDevice {
  id: DeviceId;
  signatureKey: Uint8Array;
  certificate: Uint8Array;
}
export interface Proof {
  challenge: Uint8Array;
  signature: Uint8Array;
}

/** The procedures, named as on the wire. All of them reject with a TransportError. */
export interface Procedures {
  siteInfo(): Promise<SiteInfo>;
  availability(handle: string): Promise<{ status: 'available' | 'taken' | 'reserved' | 'invalid' }>;
  challenge(): Promise<{ challenge: Uint8Array; origin: string; expiresAt: number }>;
  claim(input: {
    handle: string;
    accountKey: Uint8Array;
    device: WireDevice;
    proof: Proof;
  }): Promise<SessionGrant>;
  logIn(input: { deviceId: DeviceId; proof: Proof }): Promise<SessionGrant>;
  lookUp(address: Address): Promise<AccountCard | null>;
  registerDevice(input: {
    address: Address;
    device: WireDevice;
    proof: Proof;
  }): Promise<SessionGrant>;
  revokeDevice(deviceId: DeviceId): Promise<void>;
  publishKeyPackages(input: {
    oneTime: Uint8Array[];
    lastResort?: Uint8Array;
  }): Promise<{ oneTime: number; lastResort: boolean }>;
  keyPackageStock(): Promise<{ oneTime: number; lastResort: boolean }>;
  claimKeyPackages(address: Address): Promise<{ deviceId: DeviceId; keyPackage: Uint8Array }[]>;
  createConversation(input: {
    conversationId: ConversationId;
    peer: Address;
    suite: number;
    epoch: number;
    welcome: Uint8Array;
    groupInfo: Uint8Array;
  }): Promise<{ status: 'created' | 'exists'; conversationId: ConversationId }>;
  send(input: {
    conversationId: ConversationId;
    id: MessageId;
    epoch: number;
    ciphertext: Uint8Array;
    /** This device's message before, while its answer is awaited: the server refuses (`out_of_turn`) what would
     * overtake it. */
    follows?: MessageId;
  }): Promise<Sent>;
  commit(input: {
    conversationId: ConversationId;
    id: MessageId;
    epoch: number;
    commit: Uint8Array;
    welcome?: Uint8Array;
    groupInfo: Uint8Array;
  }): Promise<Sent>;
  heads(after?: ConversationId): Promise<{ heads: Head[]; more: boolean }>;
  /** @throws TransportError `answer_malformed` unless the entries follow `after` without a gap. */
  pull(input: {
    conversationId: ConversationId;
    after: number;
  }): Promise<{ entries: Envelope[]; head: number }>;
  groupInfo(
    conversationId: ConversationId,
  ): Promise<{ epoch: number; groupInfo: Uint8Array; seq: number }>;
  acknowledge(upTo: { conversationId: ConversationId; seq: number }[]): Promise<void>;
  startCall(input: {
    callId: CallId;
    conversationId: ConversationId;
    video: boolean;
  }): Promise<Ticket>;
  /** Takes the call with this device's offer; the answer to that comes back. */
  answerCall(input: { callId: CallId; sdp: string }): Promise<{ sdp: string }>;
  declineCall(callId: CallId): Promise<void>;
  hangUpCall(callId: CallId): Promise<void>;
  publishMedia(input: { callId: CallId; sdp: string }): Promise<{ sdp: string }>;
  answerMedia(input: { callId: CallId; sdp: string }): Promise<void>;
  candidate(input: {
    callId: CallId;
    direction: 'publish' | 'subscribe';
    candidate: { candidate: string; sdpMid: string | null; sdpMLineIndex: number | null } | null;
  }): Promise<void>;
}

/** Everything needed to publish in a call. */
export interface Ticket {
  callId: CallId;
  iceServers: { urls: string[]; username?: string | undefined; credential?: string | undefined }[];
}

/** One connection; it never comes back once it is closed. */
export interface Connection extends Procedures {
  readonly kind: 'websocket' | 'http';
  /** Starts the live stream; resolves once the server says that nothing is missed from here on.
   * @throws TransportError `unauthenticated` before a log-in. */
  subscribe(listener: (event: LiveEvent) => void): Promise<void>;
  /** Replaces the session that later requests carry, where the connection itself does not know it. */
  setSession(token: Uint8Array): void;
  /** Resolves when the connection is over, with what was wrong with the server's words if that is why. */
  readonly closed: Promise<TransportError | null>;
  close(): void;
}

export interface Transport {
  /** One attempt. @throws TransportError `offline`, `site_unknown`, `origin_refused` */
  connect(options: { session: Uint8Array | null; signal: AbortSignal }): Promise<Connection>;
}
