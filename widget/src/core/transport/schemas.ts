/** What the server may answer. Every answer passes here before anything looks at it: types, sizes and counts. */
import type { Address, CallId, ConversationId, DeviceId, MessageId } from '../ids.js';
import * as s from '../schema.js';
import { transportLimits as limits } from './limits.js';

const id = <Type extends string>() => s.matching<Type>(/^[A-Za-z0-9_-]{21}[AQgw]$/);
const count = s.integer(0);
/** Places of a log; beyond, this device keeps what waits to be sent. */
const placeMax = 2 ** 40 - 1;
const place = s.integer(0, placeMax);
const entryPlace = s.integer(1, placeMax);
/** What a `Date` can hold: others would throw where they are shown. */
const time = s.number(0, 8.64e15);

const addressSchema = s.matching<Address>(/^@[a-z0-9_]{3,30}@[a-z0-9.-]{1,253}$/);
const conversationIdSchema = id<ConversationId>();
const deviceIdSchema = id<DeviceId>();
const callIdSchema = id<CallId>();

export const siteInfoSchema = s.object({
  domain: s.matching<string>(/^[a-z0-9.-]{1,253}$/),
  reach: s.oneOf(['site', 'network']),
  insecureAllowed: s.boolean(),
  retentionSeconds: count,
  callsAvailable: s.boolean(),
  now: time,
});
export type SiteInfo = s.TypeOf<typeof siteInfoSchema>;

export const availabilitySchema = s.object({
  status: s.oneOf(['available', 'taken', 'reserved', 'invalid']),
});

export const challengeSchema = s.object({
  challenge: s.bytes(32, 32),
  origin: s.text(300),
  expiresAt: time,
});

export const sessionSchema = s.object({
  accountId: id<string>(),
  address: addressSchema,
  deviceId: deviceIdSchema,
  token: s.bytes(32, 32),
  expiresAt: time,
});
export type SessionGrant = s.TypeOf<typeof sessionSchema>;

const deviceSchema = s.object({
  id: deviceIdSchema,
  signatureKey: s.bytes(32, 32),
  certificate: s.bytes(64, 64),
});

export const lookUpSchema = s.nullable(
  s.object({
    address: addressSchema,
    accountKey: s.bytes(32, 32),
    devices: s.list(deviceSchema, limits.devicesPerAccountMax),
  }),
);
export type AccountCard = NonNullable<s.TypeOf<typeof lookUpSchema>>;

export const stockSchema = s.object({ oneTime: count, lastResort: s.boolean() });

export const claimedKeyPackagesSchema = s.list(
  s.object({ deviceId: deviceIdSchema, keyPackage: s.bytes(limits.keyPackageBytesMax) }),
  limits.devicesPerAccountMax,
);

export const createdSchema = s.object({
  status: s.oneOf(['created', 'exists']),
  conversationId: conversationIdSchema,
});
export const sentSchema = s.object({ seq: entryPlace, storedAt: time });
export type Sent = s.TypeOf<typeof sentSchema>;

const envelopeSchema = s.object({
  seq: entryPlace,
  kind: s.oneOf(['message', 'commit']),
  id: id<MessageId>(),
  senderDevice: deviceIdSchema,
  epoch: count,
  ciphertext: s.nullable(s.bytes(limits.commitBytesMax)),
  storedAt: time,
});
export type Envelope = s.TypeOf<typeof envelopeSchema>;

const headSchema = s.object({
  conversationId: conversationIdSchema,
  suite: count,
  members: s.list(addressSchema, limits.membersMax),
  head: place,
  epoch: count,
  welcome: s.nullable(s.object({ seq: place, welcome: s.bytes(limits.welcomeBytesMax) })),
});
export type Head = s.TypeOf<typeof headSchema>;
export const headsSchema = s.object({
  heads: s.list(headSchema, limits.headsPerPageMax),
  more: s.boolean(),
});

export const pullSchema = s.object({
  entries: s.list(envelopeSchema, limits.pullEntriesMax),
  head: place,
});

export const groupInfoSchema = s.object({
  epoch: count,
  groupInfo: s.bytes(limits.groupInfoBytesMax),
  seq: place,
});

const sdp = s.text(limits.sdpCharactersMax, 1);

/** Nothing else may be asked for a way through the network (RFC 7064, RFC 7065). */
const iceUrl = s.matching<string>(/^(stun|turn)s?:/, 500);

const iceServers = s.list(
  s.object({
    urls: s.list(iceUrl, 16),
    username: s.optional(s.text(500)),
    credential: s.optional(s.text(500)),
  }),
  16,
);
export const ticketSchema = s.object({ callId: callIdSchema, iceServers });
export const sdpSchema = s.object({ sdp });

const callEventSchema = s.union('event', [
  s.kind({
    event: s.literal('ringing'),
    callId: callIdSchema,
    conversationId: conversationIdSchema,
    caller: addressSchema,
    callerDevice: deviceIdSchema,
    video: s.boolean(),
    expiresAt: time,
    iceServers,
  }),
  s.kind({
    event: s.literal('answered'),
    callId: callIdSchema,
    by: addressSchema,
    device: deviceIdSchema,
  }),
  s.kind({
    event: s.literal('offer'),
    callId: callIdSchema,
    sdp,
    feeds: s.list(
      s.object({ mid: s.text(64), device: deviceIdSchema, kind: s.oneOf(['audio', 'video']) }),
      64,
    ),
  }),
  s.kind({ event: s.literal('moved'), callId: callIdSchema }),
  s.kind({
    event: s.literal('ended'),
    callId: callIdSchema,
    reason: s.oneOf([
      'hung_up',
      'declined',
      'busy',
      'unanswered',
      'cancelled',
      'answered_elsewhere',
      'failed',
    ]),
  }),
]);
export type CallEvent = s.TypeOf<typeof callEventSchema>;

export const liveEventSchema = s.union('type', [
  s.kind({ type: s.literal('subscribed') }),
  s.kind({
    type: s.literal('envelope'),
    conversationId: conversationIdSchema,
    envelope: envelopeSchema,
  }),
  s.kind({ type: s.literal('conversation'), head: headSchema }),
  s.kind({ type: s.literal('call'), call: callEventSchema }),
  s.kind({ type: s.literal('key_packages_low'), oneTime: count }),
  s.kind({ type: s.literal('replaced') }),
  s.kind({ type: s.literal('revoked') }),
]);
export type LiveEvent = s.TypeOf<typeof liveEventSchema>;
