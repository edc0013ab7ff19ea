/** Identifiers as the core uses them; the same shapes as on the wire. */
import type { Brand } from 'valibot';

/** `@handle@domain`, lower case. */
export type Address = string & Brand<'Address'>;
/** 16 bytes, base64url; the bytes are the MLS group id. */
export type ConversationId = string & Brand<'ConversationId'>;
/** 16 bytes, base64url; made by the sending device, the same inside MLS and on the envelope. */
export type MessageId = string & Brand<'MessageId'>;
/** 16 bytes, base64url. */
export type CallId = string & Brand<'CallId'>;
/** 16 bytes, base64url. */
export type DeviceId = string & Brand<'DeviceId'>;
