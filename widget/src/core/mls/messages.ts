/** Application messages out, and everything that arrives in. */
import {
  contentTypes,
  createApplicationMessage,
  processPrivateMessage,
  type PrivateMessage,
  type ProcessMessageResult,
} from 'ts-mls';
import type { Consumed, Group, Opened, Trust } from './contract.js';
import { MlsError } from './errors.js';
import { decodeFramed, encodeMessage } from './framing.js';
import { groupOf, membersOf, stateOf } from './group.js';
import { openExternalCommit, openMemberCommit } from './open-commit.js';
import { hearingSender } from './sender.js';
import { checkWith, configWith } from './trust.js';

/** Longest content: with signature and framing it fills the largest bucket. */
export const contentBytesMax = 32_000;

const bucketMin = 256;
/** Content, its length, the signature and its length: what stands before the padding. */
const framingBytes = 4 + 2 + 64;

/** Messages are padded to 256, 512, 1,024, ... 32,768 bytes, so that a size tells little about the text. */
export function paddedLength(contentLength: number): number {
  let bucket = bucketMin;
  while (bucket < contentLength + framingBytes) bucket *= 2;
  return bucket;
}

/** Encrypts content for the group's current epoch.
 * @param content at most `contentBytesMax` bytes.
 * @throws RangeError when the content is longer. */
export async function encrypt(
  group: Group,
  content: Uint8Array,
): Promise<{ group: Group; ciphertext: Uint8Array; consumed: Consumed }> {
  if (content.length > contentBytesMax) throw new RangeError('content too long');
  const { context } = checkWith({ members: new Set(), pinned: () => false }); // nobody's credential is looked at
  const padUntilLength = paddedLength(content.length);
  const { newState, message, consumed } = await createApplicationMessage({
    context: { ...context, clientConfig: configWith({ kind: 'padUntilLength', padUntilLength }) },
    state: stateOf(group),
    message: content,
  });
  return { group: groupOf(newState), ciphertext: encodeMessage(message), consumed };
}

/** Opens one entry of the log: an application message of this or a recent epoch, or a commit of this one.
 * @throws MlsError `malformed`, `epoch_unknown`, `undecryptable`, `credential_refused` */
export async function open(group: Group, bytes: Uint8Array, trust: Trust): Promise<Opened> {
  const message = decodeFramed(bytes, stateOf(group).groupContext.groupId);
  if (message.wireformat === 1) {
    if (message.publicMessage.content.epoch !== BigInt(group.epoch))
      throw new MlsError('epoch_unknown');
    return openExternalCommit(group, message.publicMessage, trust);
  }
  const { privateMessage } = message;
  const { epoch, contentType } = privateMessage;
  const { groupContext, historicalReceiverData } = stateOf(group);
  if (epoch !== groupContext.epoch) {
    const isMessage = contentType === contentTypes.application;
    if (!isMessage || !historicalReceiverData.has(epoch)) throw new MlsError('epoch_unknown');
  }
  return contentType === contentTypes.commit
    ? openMemberCommit(group, privateMessage, trust)
    : openApplication(group, privateMessage, trust);
}

async function openApplication(
  group: Group,
  privateMessage: PrivateMessage,
  trust: Trust,
): Promise<Opened> {
  const state = stateOf(group);
  const past = state.historicalReceiverData.get(privateMessage.epoch);
  const { context } = checkWith(trust);
  const members = membersOf(past?.ratchetTree ?? state.ratchetTree);
  const { suite, sender } = hearingSender(context.cipherSuite, privateMessage, members);
  let result: ProcessMessageResult;
  try {
    result = await processPrivateMessage({
      context: { ...context, cipherSuite: suite },
      state,
      privateMessage,
    });
  } catch (cause) {
    throw new MlsError('undecryptable', { cause });
  }
  if (result.kind !== 'applicationMessage') throw new MlsError('malformed');
  return {
    kind: 'application',
    content: result.message,
    sender: sender(),
    epoch: Number(privateMessage.epoch),
    group: groupOf(result.newState),
    consumed: result.consumed,
  };
}
