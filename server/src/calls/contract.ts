/** The wire contract of calls: the server rings, opens a room on Janus and carries SDP; media never passes here. */
import { z } from 'zod';
import { addressSchema, callIdSchema, conversationIdSchema, deviceIdSchema } from '../ids.js';
import { limits } from '../limits.js';

export const callEndReasons = [
  'hung_up', // somebody in the call ended it
  'declined',
  'busy', // the other is in another call
  'unanswered', // rang for `limits.ringSeconds`
  'cancelled', // the caller hung up before an answer
  'answered_elsewhere', // for the account's other devices
  'failed', // Janus or the connection was lost
] as const;
export const callEndReasonSchema = z.enum(callEndReasons);
export type CallEndReason = z.infer<typeof callEndReasonSchema>;

const sdpSchema = z.string().min(1).max(limits.sdpCharactersMax);

export const iceServerSchema = z.object({
  urls: z.array(z.string()),
  username: z.string().optional(),
  credential: z.string().optional(),
});

export const callRefInput = z.object({ callId: callIdSchema });

export const startInput = z.object({
  callId: callIdSchema,
  conversationId: conversationIdSchema,
  video: z.boolean(),
});
/** For the caller: everything needed to publish. */
export const callTicketOutput = z.object({
  callId: callIdSchema,
  iceServers: z.array(iceServerSchema),
});
/** Takes the call with this device's offer, made while it rang. `e2ee` must be true: rooms require it. */
export const answerInput = z.object({
  callId: callIdSchema,
  sdp: sdpSchema,
  e2ee: z.literal(true),
});

/** Publishes (or renegotiates) this device's media. `e2ee` must be true: rooms require it. */
export const publishMediaInput = z.object({
  callId: callIdSchema,
  sdp: sdpSchema,
  e2ee: z.literal(true),
});
export const sdpOutput = z.object({ sdp: sdpSchema });

/** The browser's answer to an `offer` event of the subscription. */
export const answerMediaInput = z.object({
  callId: callIdSchema,
  sdp: sdpSchema,
  e2ee: z.literal(true),
});

export const candidateInput = z.object({
  callId: callIdSchema,
  /** Which of the two connections: the one that sends or the one that receives. */
  direction: z.enum(['publish', 'subscribe']),
  /** `null`: no more of them. */
  candidate: z
    .object({
      candidate: z.string().max(limits.candidateCharactersMax),
      sdpMid: z.string().max(64).nullable(),
      sdpMLineIndex: z.number().int().min(0).max(64).nullable(),
    })
    .nullable(),
});

/** What the live stream says of a call. */
export const callEventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('ringing'),
    callId: callIdSchema,
    conversationId: conversationIdSchema,
    caller: addressSchema,
    callerDevice: deviceIdSchema,
    video: z.boolean(),
    /** When the ringing ends by itself, milliseconds since 1970. */
    expiresAt: z.number(),
    /** For a device that makes its connections ready while it rings. */
    iceServers: z.array(iceServerSchema),
  }),
  /** To the caller: the other answered. */
  z.object({
    event: z.literal('answered'),
    callId: callIdSchema,
    by: addressSchema,
    device: deviceIdSchema,
  }),
  /** The subscription's offer, after somebody published or changed what they publish. `feeds` maps each
   * media line's `mid` to the device that publishes it (says the server; the KID of its frames proves it). */
  z.object({
    event: z.literal('offer'),
    callId: callIdSchema,
    sdp: sdpSchema,
    feeds: z.array(
      z.object({
        mid: z.string().max(64),
        device: deviceIdSchema,
        kind: z.enum(['audio', 'video']),
      }),
    ),
  }),
  /** The room was lost, and another one is there: publish again, with new connections. */
  z.object({ event: z.literal('moved'), callId: callIdSchema }),
  z.object({ event: z.literal('ended'), callId: callIdSchema, reason: callEndReasonSchema }),
]);
export type CallEvent = z.infer<typeof callEventSchema>;
