/** The wire contract of the live stream: one subscription per connection carries everything. */
import { z } from 'zod';
import { callEventSchema } from '../calls/contract.js';
import { envelopeSchema, headSchema } from '../conversations/contract.js';
import { conversationIdSchema } from '../ids.js';

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
  /** This device was revoked; the connection closes next. */
  z.object({ type: z.literal('revoked') }),
]);
export type LiveEvent = z.infer<typeof liveEventSchema>;
