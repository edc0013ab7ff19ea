/** What the engine knows of one conversation: a small record in memory; messages stay on disk. */
import type { Address, ConversationId, DeviceId, MessageId } from '../ids.js';
import type { Turn } from '../content/index.js';
import type { Group } from '../mls/contract.js';
import type { Message } from '../snapshot.js';
import type { Heard } from './turns.js';

/** Pending messages stand after everything that the log can hold. */
export const pendingBase = 2 ** 40;
/** In `message_ids`: known, but nothing that is shown (profiles, repairs). */
export const notShown = -1;

/** A message that could not be opened, or never came, and is asked for again. */
export interface Spoiled {
  id: MessageId;
  /** Where its row stands; not a whole number for one that never came. */
  seq: number;
  /** Who sent it, says the server; only its answer counts. */
  device: DeviceId;
  /** Of one that never came. */
  turn?: Turn;
}

export interface Repair extends Spoiled {
  askedAt: number;
}

export interface ConversationRecord {
  id: ConversationId;
  peer: Address;
  suite: number;
  /** `creating`: our own group, which the server does not have yet. `waiting`: the server has one, and this device is
   * not in it yet. `out`: this device was in, and its state of the group is not the log's: it joins again by a commit, and
   * before that nothing is encrypted, sent or followed. `broken`: over; a new one takes its place. */
  state: 'creating' | 'waiting' | 'ready' | 'out' | 'broken';
  /** Everything of the log up to here is stored on this device. */
  cursor: number;
  /** The furthest place that the server named when it took something of this device. */
  answered?: number;
  /** The highest epoch that was ever followed: a server that offers less has gone back. */
  epoch: number;
  readUpTo: number;
  unread: number;
  /** Order of the newest row that the log does not hold (notices). */
  noticeOrder: number;
  /** Position of the next outbox entry. */
  nextPosition: number;
  last: Message | null;
  /** Milliseconds since 1970; the list is sorted by it. */
  activeAt: number;
  peerName?: string;
  /** The display name that the other was told last. */
  toldName?: string;
  repairs: Repair[];
  /** When requests for repair were sent lately; bounds what a server can make us send by spoiling everything. */
  repairTimes: number[];
  /** Messages said again at the other's request, within the hour that began at `since`. */
  answers?: { since: number; count: number };
  /** Where the last gap ends: one line tells of a run of lost ones. */
  gapEnd?: number;
  /** This device's turn as it was said last. */
  said?: Turn;
  /** The others' turns. */
  heard?: Heard[];
  /** This device was in before anything was said. */
  whole?: boolean;
  rejoinedAt: number;
  /** The epoch in which this device's present leaf joined by a commit. */
  joinedEpoch?: number;
  /** Commits by which this device meant to join, sent or about to be: what the log holds of them is no copy's. */
  joins?: MessageId[];
  /** When this device's keys in the group were fresh. */
  renewedAt: number;
  /** The row of a call that goes on, as far as is known. */
  openCall?: MessageId;
  /** The conversation under the other's former account key: its history stands before this one's. */
  previous?: ConversationId;
  /** Why the log cannot be followed at the moment. `outside`: this device failed to join again. */
  stuck?: 'refused' | 'rollback' | 'outside';
}

export interface ConversationState {
  record: ConversationRecord;
  /** `undefined`: not read from the store yet; `null`: there is none. */
  group: Group | null | undefined;
}

export function newRecord(
  fields: Pick<ConversationRecord, 'id' | 'peer' | 'suite' | 'state' | 'activeAt'>,
): ConversationRecord {
  return {
    ...fields,
    cursor: 0,
    epoch: 0,
    readUpTo: 0,
    unread: 0,
    noticeOrder: 0,
    nextPosition: 1,
    last: null,
    repairs: [],
    repairTimes: [],
    rejoinedAt: 0,
    renewedAt: fields.activeAt,
  };
}

/** How far entries of the log were taken. */
export type Followed =
  | 'followed'
  | 'gap' // something is missing before an entry: pull
  | 'rejoin' // the group's state cannot be followed from here
  | 'refused'; // a commit whose credentials do not hold: nothing is followed until that is cleared up
