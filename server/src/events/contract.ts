/** The wire contract of the live stream: one subscription per connection carries everything. */
import { z } from 'zod';
import { callEventSchema } from '../calls/contract.js';
import { envelopeSchema, headSchema } from '../conversations/contract.js';
import { conversationIdSchema } from '../ids.js';

/** One run of a client, as it calls itself: 16 random bytes. */
export const instanceSchema = z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/);

/** `instance`: whoever names one is alone: it begins when streams of other instances of the same device have ended. */
export const subscribeInputSchema = z.object({ instance: instanceSchema }).optional();

export const liveEventSchema = z.discriminatedUnion('type', [
  /** First of all: from here on nothing is missed; now ask for the heads. */
  z.object({ type: z.literal('subscribed') }),
  z.object({
    type: z.literal('envelope'),
    conversationId: conversationIdSchema,
    envelope: envelopeSchema,
  }),
  /** A conversation that this device did not know: somebody added its account. */
  z.object({ type: z.literal('conversation'), head: headSchema }),
  z.object({ type: z.literal('call'), call: callEventSchema }),
  z.object({ type: z.literal('key_packages_low'), oneTime: z.number().int() }),
  /** Another instance of this device's client waits for this one to close the connection: two that act as one device
   * would use the same keys twice. Soon it is closed from here. */
  z.object({ type: z.literal('replaced'), by: instanceSchema }),
  /** This device was revoked; the connection closes next. */
  z.object({ type: z.literal('revoked') }),
]);
export type LiveEvent = z.infer<typeof liveEventSchema>;
