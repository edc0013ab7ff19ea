/** The small state that the screens see, put together from the parts, and told of at most once per turn. */
import type { CallView } from '../calls/index.js';
import type { Account } from '../account/account.js';
import type { Pins } from '../account/pins.js';
import type { Conversation } from '../conversations/conversation.js';
import { accountHue } from '../identity/index.js';
import type {
  ClientEvent,
  ClientSnapshot,
  ConversationSummary,
  Person,
  Problem,
  Self,
} from '../snapshot.js';

export const summariesMax = 500;

/** What the snapshot is made of, beside account, pins and conversations. */
export interface ClientState {
  phase: ClientSnapshot['phase'];
  connection: ClientSnapshot['connection'];
  site: ClientSnapshot['site'];
  callsAvailable: boolean;
  /** How far the server's clock is ahead of ours, in milliseconds. */
  serverAhead: number;
  mediaSupport: 'available' | 'need_https' | 'unsupported';
  call: CallView | null;
  sound: boolean;
  problem: Problem | null;
}

export interface SnapshotSources {
  insecure: boolean;
  state: () => ClientState;
  account: () => Account | null;
  pins: () => Pins;
  conversations: () => Conversation[];
}

export function buildSnapshot(sources: SnapshotSources): ClientSnapshot {
  const { phase, connection, site, call, sound, problem, callsAvailable, mediaSupport } =
    sources.state();
  const all = sources.conversations();
  const calling =
    call === null ? undefined : all.find(({ record }) => record.id === call.conversationId);
  const conversations = all
    .slice(0, summariesMax)
    .map((conversation) => summaryOf(conversation, sources.pins()));
  return {
    phase,
    connection,
    insecure: sources.insecure,
    site,
    self: selfOf(sources.account()),
    conversations,
    unread: conversations.reduce((sum, { unread }) => sum + unread, 0),
    call:
      call === null || calling === undefined
        ? null
        : { ...call, peer: personOf(calling, sources.pins()) },
    calls:
      mediaSupport !== 'available' ? mediaSupport : callsAvailable ? 'available' : 'unavailable',
    settings: { sound },
    problem,
  };
}

/** A hash each, for every conversation at every change: remembered. */
const hues = new WeakMap<Uint8Array, number>();

function hueOf(accountKey: Uint8Array): number {
  const hue = hues.get(accountKey) ?? accountHue(accountKey);
  hues.set(accountKey, hue);
  return hue;
}

function selfOf(account: Account | null): Self | null {
  if (account?.stored?.status !== 'ready') return null;
  const { identity } = account.stored;
  return {
    address: identity.address,
    deviceId: identity.deviceId,
    hue: hueOf(identity.accountKey.publicKey),
    ...(account.displayName !== undefined && { displayName: account.displayName }),
  };
}

export function personOf({ record }: Conversation, pins: Pins): Person {
  const pin = pins.get(record.peer);
  return {
    address: record.peer,
    hue: pin === undefined ? 0 : hueOf(pin.accountKey),
    verified: pin?.verified ?? false,
    keyChanged: pin?.changedKey !== undefined,
    ...(record.peerName !== undefined && { displayName: record.peerName }),
  };
}

function summaryOf(conversation: Conversation, pins: Pins): ConversationSummary {
  const { id, state, last, unread, readUpTo, stuck } = conversation.record;
  const isOver = state === 'broken' || stuck !== undefined;
  const isStarting = state === 'creating' || state === 'waiting';
  return {
    id,
    peer: personOf(conversation, pins),
    state: isOver ? 'broken' : isStarting ? 'starting' : 'ready',
    last,
    unread,
    readUpTo,
  };
}

export interface Broadcast {
  readonly snapshot: ClientSnapshot;
  /** Something may be different; told once at the end of the turn. */
  changed(): void;
  emit(event: ClientEvent): void;
  subscribe(listener: (event: ClientEvent) => void, signal: AbortSignal): void;
}

export function createBroadcast(build: () => ClientSnapshot): Broadcast {
  const listeners = new Set<(event: ClientEvent) => void>();
  let current: ClientSnapshot | null = null;
  let scheduled = false;
  const emit = (event: ClientEvent): void => {
    for (const listener of listeners) listener(event);
  };
  return {
    get snapshot() {
      return (current ??= build());
    },
    changed() {
      current = null;
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(() => {
        scheduled = false;
        emit({ type: 'snapshot', snapshot: (current ??= build()) });
      });
    },
    emit,
    subscribe(listener, signal) {
      if (signal.aborted) return;
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
  };
}
