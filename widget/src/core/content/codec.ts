/** Content to bytes and back: MessagePack maps, checked against the schema in both directions. */
import { decode, encode } from '../message-pack.js';
import { parse, type Schema } from '../schema.js';
import {
  anyContentSchema,
  knownContentSchema,
  knownTypes,
  type Content,
  type KnownContent,
  type Turn,
} from './schema.js';

/** The same as `contentBytesMax` of the MLS layer. */
const contentBytesMax = 32_000;

export class ContentError extends Error {
  constructor(
    /** `malformed`: not a content. `too_long`: more than a message may carry. */
    readonly code: 'malformed' | 'too_long',
    options: { cause?: unknown } = {},
  ) {
    super(code, options);
    this.name = 'ContentError';
  }
}

/** @throws ContentError `malformed` (a field breaks its bound), `too_long` */
export function encodeContent(content: KnownContent): Uint8Array {
  const bytes = encode(accept(knownContentSchema, content));
  if (bytes.length > contentBytesMax) throw new ContentError('too_long');
  return bytes;
}

/** Reads what a member sent: hostile bytes. Fields of later versions are dropped, types of later versions become
 * `unknown`.
 * @throws ContentError `malformed` */
export function decodeContent(bytes: Uint8Array): Content {
  if (bytes.length > contentBytesMax) throw new ContentError('malformed');
  let value: unknown;
  try {
    value = decode(bytes);
  } catch {
    throw new ContentError('malformed');
  }
  const { type, ...spoken } = accept(anyContentSchema, value);
  if (!knownTypes.has(type)) return { ...spoken, type: 'unknown', name: type };
  return accept(knownContentSchema, value);
}

function accept<Type>(schema: Schema<Type>, value: unknown): Type {
  try {
    return parse(schema, value);
  } catch {
    throw new ContentError('malformed');
  }
}

/** The same content with its turn, which it gets last of all: when it is certain what it is sent after.
 * @param content as `encodeContent` made it. @throws ContentError */
export const withTurn = (content: Uint8Array, turn: Turn): Uint8Array =>
  encodeContent({ ...(decodeContent(content) as KnownContent), turn });
