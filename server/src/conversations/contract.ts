/** The wire contract of conversations: a log of envelopes with gapless `seq`, ordered commits, GroupInfo. */
import { z } from 'zod';
import {
  addressSchema,
  bytesSchema,
  conversationIdSchema,
  deviceIdSchema,
  envelopeIdSchema,
  seqSchema,
} from '../ids.js';
import { limits } from '../limits.js';

const epochSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** What may be claimed of an epoch: each commit adds one, and none may lead to where an answer cannot tell of it. */
const claimedEpochSchema = z
  .number()
  .int()
  .min(0)
  .max(2 ** 40);
const groupInfoSchema = bytesSchema(limits.groupInfoBytesMax);
const welcomeSchema = bytesSchema(limits.welcomeBytesMax);

/** One entry of a conversation's log. */
export const envelopeSchema = z.object({
  seq: seqSchema,
  /** `commit`: an MLS commit that leads from `epoch` to `epoch + 1`; `message`: an application message. */
  kind: z.enum(['message', 'commit']),
  id: envelopeIdSchema,
  /** Says the server; who really spoke is what MLS says. */
  senderDevice: deviceIdSchema,
  epoch: epochSchema,
  /** MLSMessage. `null`: every device had acknowledged it and it is deleted, or its time is over. */
  ciphertext: bytesSchema(limits.commitBytesMax).nullable(),
  /** When the server stored it, milliseconds since 1970. */
  storedAt: z.number(),
});
export type Envelope = z.infer<typeof envelopeSchema>;

export const createInput = z.object({
  conversationId: conversationIdSchema,
  /** The other account. Two accounts have one direct conversation. */
  peer: addressSchema,
  /** MLS ciphersuite number of the group. */
  suite: z.number().int().min(1).max(65_535),
  /** The group's epoch after the commit that added everyone: the epoch that Welcome and GroupInfo are of. */
  epoch: claimedEpochSchema,
  welcome: welcomeSchema,
  groupInfo: groupInfoSchema,
});
/** `exists`: the two already had one; it is named, and the caller drops its own group. */
export const createOutput = z.object({
  status: z.enum(['created', 'exists']),
  conversationId: conversationIdSchema,
});

export const sendInput = z.object({
  conversationId: conversationIdSchema,
  id: envelopeIdSchema,
  epoch: claimedEpochSchema,
  ciphertext: bytesSchema(limits.ciphertextBytesMax),
  /** The device's message before this one, whose answer the sender does not wait for. This one is taken only if that
   * one is in the log: several may be under way at a time, and whatever becomes of one, none overtakes it. */
  follows: envelopeIdSchema.optional(),
});
/** The same answer for the same envelope, however often it is sent. Errors: `epoch_stale`, `out_of_turn`,
 * `envelope_conflict`. */
export const sendOutput = z.object({ seq: seqSchema, storedAt: z.number() });

export const commitInput = z.object({
  conversationId: conversationIdSchema,
  id: envelopeIdSchema,
  /** The epoch that the commit was made in; it wins only while this is the current one (`epoch_conflict`). */
  epoch: claimedEpochSchema,
  commit: bytesSchema(limits.commitBytesMax),
  welcome: welcomeSchema.optional(),
  groupInfo: groupInfoSchema,
});
export const commitOutput = sendOutput;

export const headsInput = z.object({ after: conversationIdSchema.optional() });
export const headSchema = z.object({
  conversationId: conversationIdSchema,
  suite: z.number().int(),
  /** Addresses that the server lists. Who is really in it is what the MLS tree says. */
  members: z.array(addressSchema),
  head: seqSchema,
  epoch: epochSchema,
  /** Set while a Welcome waits for this device: entries up to `seq` came before it. */
  welcome: z.object({ seq: seqSchema, welcome: welcomeSchema }).nullable(),
});
export type Head = z.infer<typeof headSchema>;
export const headsOutput = z.object({
  heads: z.array(headSchema).max(limits.headsPerPageMax),
  /** Whether more follow after the last one. */
  more: z.boolean(),
});

export const pullInput = z.object({
  conversationId: conversationIdSchema,
  after: seqSchema,
  limit: z.number().int().min(1).max(limits.pullEntriesMax),
});
export const pullOutput = z.object({ entries: z.array(envelopeSchema), head: seqSchema });

export const groupInfoInput = z.object({ conversationId: conversationIdSchema });
export const groupInfoOutput = z.object({
  epoch: epochSchema,
  groupInfo: groupInfoSchema,
  /** The log position of the commit that led to this epoch: one who joins by it goes on after it. */
  seq: seqSchema,
});

export const acknowledgeInput = z.object({
  /** Everything up to `seq` is stored on this device; a waiting Welcome up to it is done with. */
  upTo: z
    .array(z.object({ conversationId: conversationIdSchema, seq: seqSchema }))
    .min(1)
    .max(limits.acknowledgementsMax),
});
