/** What members say to each other inside MLS. The server never sees these shapes. */
import type { CallId, MessageId } from '../ids.js';
import * as s from '../schema.js';

/** UTF-16 code units, as `String.length` and a text field's `maxlength` count them; at most 24,000 bytes of UTF-8. */
export const textCharactersMax = 8_000;
export const displayNameCharactersMax = 64;
/** Messages that one `resend`, or one `missing`, may ask for. */
export const resendMax = 50;

interface Spoken {
  /** The same as the envelope's id. */
  id: MessageId;
  /** The sender's clock, milliseconds since 1970. Untrusted. */
  at: number;
  /** Absent from devices that do not count yet. */
  turn?: Turn;
}

/** A content's place among all that its device says in a conversation, inside the encryption: a server that leaves
 * one out, or changes their order, shows. */
export interface Turn {
  /** Random; another one whenever the device comes back by a way on which it may have lost count. */
  run: string;
  /** 1, 2, 3, ... within the run. */
  count: number;
}

export interface TextContent extends Spoken {
  type: 'text';
  /** 1 to `textCharactersMax` UTF-16 code units. */
  text: string;
}

/** How the sender wants to be called. Empty: by the address alone. */
export interface ProfileContent extends Spoken {
  type: 'profile';
  displayName: string;
}

/** What makes a call authentic: the server's events alone ring nowhere. */
export interface CallContent extends Spoken {
  type: 'call';
  callId: CallId;
  action: 'invite' | 'answer' | 'end';
  video: boolean;
  /** With `invite` and `answer`: 128 random bits in base64url, which the sender's media keys in this call are made
   * with. An invitation without them rings nowhere. */
  salt?: string;
  /** With `end`. */
  outcome?: 'ended' | 'missed' | 'declined' | 'busy' | 'cancelled' | 'failed';
  /** With `end`: how long media flowed. */
  seconds?: number;
}

/** Asks the senders of these log positions to say it again: it could not be decrypted here. */
export interface ResendContent extends Spoken {
  type: 'resend';
  seqs: number[];
}

/** Asks whoever said these to say them again: they never came here, but what was said after them did. */
export interface MissingContent extends Spoken {
  type: 'missing';
  turns: Turn[];
}

/** What was asked for. It counts only when its sender is the device that sent `seq`, or whose `original.turn` it is. */
export interface AgainContent extends Spoken {
  type: 'again';
  seq?: number;
  original: TextContent | ProfileContent | CallContent;
}

/** Of a later version: kept as a place in the conversation, not shown as anything. */
export interface UnknownContent extends Spoken {
  type: 'unknown';
  /** The type as the sender named it. */
  name: string;
}

export type KnownContent =
  TextContent | ProfileContent | CallContent | ResendContent | MissingContent | AgainContent;
export type Content = KnownContent | UnknownContent;

const id = <Type extends string>() => s.matching<Type>(/^[A-Za-z0-9_-]{21}[AQgw]$/);
const turn = s.object({ run: s.matching<string>(/^[A-Za-z0-9_-]{11}$/), count: s.integer(1) });
const spoken = {
  id: id<MessageId>(),
  at: s.number(0, 8.64e15), // what a Date can hold
  turn: s.optional(turn),
};

const text = s.kind({
  type: s.literal('text'),
  ...spoken,
  text: s.text(textCharactersMax, 1),
});
const profile = s.kind({
  type: s.literal('profile'),
  ...spoken,
  displayName: s.text(displayNameCharactersMax),
});
const call = s.kind({
  type: s.literal('call'),
  ...spoken,
  callId: id<CallId>(),
  action: s.oneOf(['invite', 'answer', 'end']),
  video: s.boolean(),
  salt: s.optional(id<string>()),
  outcome: s.optional(s.oneOf(['ended', 'missed', 'declined', 'busy', 'cancelled', 'failed'])),
  seconds: s.optional(s.number(0, 1e6)),
});
const resend = s.kind({
  type: s.literal('resend'),
  ...spoken,
  seqs: s.list(s.integer(1), resendMax, 1),
});
const missing = s.kind({
  type: s.literal('missing'),
  ...spoken,
  turns: s.list(turn, resendMax, 1),
});
const again = s.kind({
  type: s.literal('again'),
  ...spoken,
  seq: s.optional(s.integer(1)),
  original: s.union('type', [text, profile, call]),
});
const kinds = [text, profile, call, resend, missing, again];

export const knownContentSchema: s.Schema<KnownContent> = s.union('type', kinds);
export const knownTypes: ReadonlySet<string> = new Set(
  kinds.map((kind) => kind.entries.type.literal),
);

/** What every content of any version has. */
export const anyContentSchema = s.object({ type: s.text(64, 1), ...spoken });
