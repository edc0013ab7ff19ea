/** Identifiers as the core uses them; the same shapes as on the wire. */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `@handle@domain`, lower case. */
export type Address = Branded<'Address'>;
/** 16 bytes, base64url; the bytes are the MLS group id. */
export type ConversationId = Branded<'ConversationId'>;
/** 16 bytes, base64url; made by the sending device, the same inside MLS and on the envelope. */
export type MessageId = Branded<'MessageId'>;
/** 16 bytes, base64url. */
export type CallId = Branded<'CallId'>;
/** 16 bytes, base64url. */
export type DeviceId = Branded<'DeviceId'>;
