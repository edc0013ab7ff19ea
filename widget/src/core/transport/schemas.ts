/** What the server may answer. Every answer passes here before anything looks at it: types, sizes and counts. */
import * as z from 'zod/mini';
import type { Address, CallId, ConversationId, DeviceId, MessageId } from '../ids.js';
import { transportLimits as limits } from './limits.js';

const matching = <Type extends string>(pattern: RegExp) =>
  z.custom<Type>((value) => typeof value === 'string' && pattern.test(value));
const id = <Type extends string>() => matching<Type>(/^[A-Za-z0-9_-]{21}[AQgw]$/);
const bytes = (max: number, min = 1) =>
  z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.length >= min && value.length <= max,
  );
const count = z.int().check(z.nonnegative());
/** Places of a log; beyond, this device keeps what waits to be sent. */
const place = z.int().check(z.nonnegative(), z.lt(2 ** 40));
/** What a `Date` can hold: others would throw where they are shown. */
const time = z.number().check(z.nonnegative(), z.lte(8.64e15));
const list = <Item extends z.core.$ZodType>(item: Item, max: number) =>
  z.array(item).check(z.maxLength(max));

const addressSchema = matching<Address>(/^@[a-z0-9_]{3,30}@[a-z0-9.-]{1,253}$/);
const conversationIdSchema = id<ConversationId>();
const deviceIdSchema = id<DeviceId>();
const callIdSchema = id<CallId>();

export const siteInfoSchema = z.object({
  domain: matching<string>(/^[a-z0-9.-]{1,253}$/),
  reach: z.enum(['site', 'network']),
  insecureAllowed: z.boolean(),
  retentionSeconds: count,
  callsAvailable: z.boolean(),
  now: time,
});
export type SiteInfo = z.infer<typeof siteInfoSchema>;

export const availabilitySchema = z.object({
  status: z.enum(['available', 'taken', 'reserved', 'invalid']),
});

export const challengeSchema = z.object({
  challenge: bytes(32, 32),
  origin: z.string().check(z.maxLength(300)),
  expiresAt: time,
});

export const sessionSchema = z.object({
  accountId: id<string>(),
  address: addressSchema,
  deviceId: deviceIdSchema,
  token: bytes(32, 32),
  expiresAt: time,
});
export type SessionGrant = z.infer<typeof sessionSchema>;

const deviceSchema = z.object({
  id: deviceIdSchema,
  signatureKey: bytes(32, 32),
  certificate: bytes(64, 64),
});

export const lookUpSchema = z.nullable(
  z.object({
    address: addressSchema,
    accountKey: bytes(32, 32),
    devices: list(deviceSchema, limits.devicesPerAccountMax),
  }),
);
export type AccountCard = NonNullable<z.infer<typeof lookUpSchema>>;

export const stockSchema = z.object({ oneTime: count, lastResort: z.boolean() });

export const claimedKeyPackagesSchema = list(
  z.object({ deviceId: deviceIdSchema, keyPackage: bytes(limits.keyPackageBytesMax) }),
  limits.devicesPerAccountMax,
);

export const createdSchema = z.object({
  status: z.enum(['created', 'exists']),
  conversationId: conversationIdSchema,
});
export const sentSchema = z.object({ seq: place.check(z.positive()), storedAt: time });
export type Sent = z.infer<typeof sentSchema>;

const envelopeSchema = z.object({
  seq: place.check(z.positive()),
  kind: z.enum(['message', 'commit']),
  id: id<MessageId>(),
  senderDevice: deviceIdSchema,
  epoch: count,
  ciphertext: z.nullable(bytes(limits.commitBytesMax)),
  storedAt: time,
});
export type Envelope = z.infer<typeof envelopeSchema>;

const headSchema = z.object({
  conversationId: conversationIdSchema,
  suite: count,
  members: list(addressSchema, limits.membersMax),
  head: place,
  epoch: count,
  welcome: z.nullable(z.object({ seq: place, welcome: bytes(limits.welcomeBytesMax) })),
});
export type Head = z.infer<typeof headSchema>;
export const headsSchema = z.object({
  heads: list(headSchema, limits.headsPerPageMax),
  more: z.boolean(),
});

export const pullSchema = z.object({
  entries: list(envelopeSchema, limits.pullEntriesMax),
  head: place,
});

export const groupInfoSchema = z.object({
  epoch: count,
  groupInfo: bytes(limits.groupInfoBytesMax),
  seq: place,
});

const sdp = z.string().check(z.minLength(1), z.maxLength(limits.sdpCharactersMax));
const shortText = (max: number) => z.string().check(z.maxLength(max));

/** Nothing else may be asked for a way through the network (RFC 7064, RFC 7065). */
const iceUrl = shortText(500).check(z.regex(/^(stun|turn)s?:/));

const iceServers = list(
  z.object({
    urls: list(iceUrl, 16),
    username: z.optional(shortText(500)),
    credential: z.optional(shortText(500)),
  }),
  16,
);
export const ticketSchema = z.object({ callId: callIdSchema, iceServers });
export const sdpSchema = z.object({ sdp });

const callEventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('ringing'),
    callId: callIdSchema,
    conversationId: conversationIdSchema,
    caller: addressSchema,
    callerDevice: deviceIdSchema,
    video: z.boolean(),
    expiresAt: time,
    iceServers,
  }),
  z.object({
    event: z.literal('answered'),
    callId: callIdSchema,
    by: addressSchema,
    device: deviceIdSchema,
  }),
  z.object({
    event: z.literal('offer'),
    callId: callIdSchema,
    sdp,
    feeds: list(
      z.object({ mid: shortText(64), device: deviceIdSchema, kind: z.enum(['audio', 'video']) }),
      64,
    ),
  }),
  z.object({ event: z.literal('moved'), callId: callIdSchema }),
  z.object({
    event: z.literal('ended'),
    callId: callIdSchema,
    reason: z.enum([
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
export type CallEvent = z.infer<typeof callEventSchema>;

export const liveEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('subscribed') }),
  z.object({
    type: z.literal('envelope'),
    conversationId: conversationIdSchema,
    envelope: envelopeSchema,
  }),
  z.object({ type: z.literal('conversation'), head: headSchema }),
  z.object({ type: z.literal('call'), call: callEventSchema }),
  z.object({ type: z.literal('key_packages_low'), oneTime: count }),
  z.object({ type: z.literal('replaced') }),
  z.object({ type: z.literal('revoked') }),
]);
export type LiveEvent = z.infer<typeof liveEventSchema>;
