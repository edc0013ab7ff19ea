/** Branded identifiers of the wire: plain strings that cannot be mistaken for one another. */
import { z } from 'zod';

/** 16 bytes in their one spelling: of the last character only 2 bits count. Clients refuse any other, so one that got
 * in would spoil every answer that names it. */
const id = () => z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/);

/** Public key of a site, as in the `site` attribute: `pk_` and 22 base64url characters. */
export const siteKeySchema = z
  .string()
  .regex(/^pk_[A-Za-z0-9_-]{22}$/)
  .brand<'SiteKey'>();
export type SiteKey = z.infer<typeof siteKeySchema>;

/** Account id: 16 random bytes, base64url (22 characters). Made by the server. */
export const accountIdSchema = id().brand<'AccountId'>();
export type AccountId = z.infer<typeof accountIdSchema>;

/** Device id: 16 random bytes, base64url (22 characters). Made by the device, certified by the account key. */
export const deviceIdSchema = id().brand<'DeviceId'>();
export type DeviceId = z.infer<typeof deviceIdSchema>;

/** Conversation id: 16 random bytes, base64url. The bytes are the MLS group id. Made by the creator. */
export const conversationIdSchema = id().brand<'ConversationId'>();
export type ConversationId = z.infer<typeof conversationIdSchema>;

/** Envelope id: 16 random bytes, base64url. Made by the sending device; makes sending idempotent. */
export const envelopeIdSchema = id().brand<'EnvelopeId'>();
export type EnvelopeId = z.infer<typeof envelopeIdSchema>;

/** Call id: 16 random bytes, base64url. Made by the caller. */
export const callIdSchema = id().brand<'CallId'>();
export type CallId = z.infer<typeof callIdSchema>;

/** Position in a conversation's log: 1, 2, 3, ... without gaps. */
export const seqSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).brand<'Seq'>();
export type Seq = z.infer<typeof seqSchema>;

/** Full address, canonical: `@handle@domain`, lower case. */
export const addressSchema = z
  .string()
  .max(300)
  .regex(/^@[a-z0-9_]{3,30}@[a-z0-9.-]{1,253}$/)
  .brand<'Address'>();
export type Address = z.infer<typeof addressSchema>;

/** Exactly, or at most, so many bytes. */
export const bytesSchema = (max: number, min = 1) =>
  z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.length >= min && value.length <= max,
    { message: `expected ${String(min)} to ${String(max)} bytes` },
  );
export const exactBytesSchema = (length: number) => bytesSchema(length, length);
