/** MLSMessage in and out (RFC 9420, section 6), with every check that needs no key. */
import {
  contentTypes,
  encode,
  mlsMessageDecoder,
  mlsMessageEncoder,
  wireformats,
  type MlsMessage,
} from 'ts-mls';
import { concat, equalBytes, fromBase64Url } from '../bytes.js';
import type { ConversationId } from '../ids.js';
import { suiteNumber } from './crypto/suite.js';
import { MlsError } from './errors.js';
import { leavesMax } from './group.js';

export const mlsVersion = 1;

/** The group id is the conversation id's bytes.
 * @throws MlsError `malformed` */
export function groupIdOf(conversationId: ConversationId): Uint8Array {
  const bytes = fromBase64Url(conversationId);
  if (bytes?.length !== 16) throw new MlsError('malformed');
  return bytes;
}

/** @throws MlsError `malformed`: not one whole MLSMessage. */
export function decodeMessage(bytes: Uint8Array): MlsMessage {
  let decoded: [MlsMessage, number] | undefined;
  try {
    // A copy: what is kept of it must not hang on the caller's buffer.
    decoded = mlsMessageDecoder(bytes.slice(), 0);
  } catch (cause) {
    throw new MlsError('malformed', { cause });
  }
  if (decoded === undefined || decoded[1] !== bytes.length) throw new MlsError('malformed');
  return decoded[0];
}

/** Reads the inside of a message, which the library decodes whole ones alone of.
 * @param head what stands before it in one. What stands behind it is passed over.
 * @throws MlsError `malformed` */
export function decodeBehind(head: readonly number[], inside: Uint8Array): MlsMessage {
  let message: MlsMessage | undefined;
  try {
    message = mlsMessageDecoder(concat(Uint8Array.from(head), inside), 0)?.[0];
  } catch (cause) {
    throw new MlsError('malformed', { cause });
  }
  if (message === undefined) throw new MlsError('malformed');
  return message;
}

export const encodeMessage = (message: MlsMessage): Uint8Array =>
  encode(mlsMessageEncoder, message);

/** A variable-size vector (RFC 9420, section 2.1.2), of fewer than 16,384 bytes. */
export function vector(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  return concat(
    length < 64 ? Uint8Array.of(length) : Uint8Array.of(0x40 | (length >> 8), length & 0xff),
    bytes,
  );
}

/** A Welcome of our suite. @throws MlsError `malformed`, `suite_unsupported` */
export function decodeWelcome(bytes: Uint8Array) {
  const message = decodeMessage(bytes);
  if (message.wireformat !== wireformats.mls_welcome) throw new MlsError('malformed');
  if (message.welcome.cipherSuite !== suiteNumber) throw new MlsError('suite_unsupported');
  // A key package is looked for to each.
  if (message.welcome.secrets.length > leavesMax) throw new MlsError('malformed');
  return message.welcome;
}

/** A GroupInfo of our suite and this conversation. @throws MlsError `malformed`, `suite_unsupported` */
export function decodeGroupInfo(bytes: Uint8Array, conversationId: ConversationId) {
  const message = decodeMessage(bytes);
  if (message.wireformat !== wireformats.mls_group_info) throw new MlsError('malformed');
  const { groupContext } = message.groupInfo;
  if (groupContext.cipherSuite !== suiteNumber) throw new MlsError('suite_unsupported');
  if (!equalBytes(groupContext.groupId, groupIdOf(conversationId))) throw new MlsError('malformed');
  return message.groupInfo;
}

/** A message or commit of this group. Handshakes must be PrivateMessages, but for external commits; proposals on
 * their own are not part of our protocol.
 * @throws MlsError `malformed` */
export function decodeFramed(bytes: Uint8Array, groupId: Uint8Array) {
  const message = decodeMessage(bytes);
  if (message.wireformat === wireformats.mls_private_message) {
    const { privateMessage } = message;
    if (!equalBytes(privateMessage.groupId, groupId)) throw new MlsError('malformed');
    if (privateMessage.contentType === contentTypes.proposal) throw new MlsError('malformed');
    return message;
  }
  if (message.wireformat !== wireformats.mls_public_message) throw new MlsError('malformed');
  const { content } = message.publicMessage;
  if (!equalBytes(content.groupId, groupId) || content.contentType !== contentTypes.commit) {
    throw new MlsError('malformed');
  }
  return message;
}
