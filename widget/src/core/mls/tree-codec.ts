/** The public half of a group's state as bytes: ts-mls exports an encoder only of both halves together. */
import {
  clientStateDecoder,
  clientStateEncoder,
  encode,
  groupStateEncoder,
  type ClientState,
  type GroupContext,
  type GroupState,
  type RatchetTree,
} from 'ts-mls';
import { concat } from '../bytes.js';
import { MlsError } from './errors.js';

export type PublicState = Pick<ClientState, 'groupContext' | 'ratchetTree'>;

const none = new Uint8Array();

/** A private half without a secret in it, to complete a public one. */
export const blankSecrets: GroupState = {
  keySchedule: {
    senderDataSecret: none,
    exporterSecret: none,
    externalSecret: none,
    confirmationKey: none,
    membershipKey: none,
    resumptionPsk: none,
    epochAuthenticator: none,
    initSecret: none,
  },
  secretTree: { leafWidth: 1, intermediateNodes: {}, leafNodes: {} },
  privatePath: { leafIndex: 0, privateKeys: {} },
  signaturePrivateKey: none,
  unappliedProposals: {},
  confirmationTag: none,
  historicalReceiverData: new Map(),
  groupActiveState: { kind: 'active' },
};

const blankBytes = encode(groupStateEncoder, blankSecrets);

/** Group context and tree; both halves stand one behind the other, so the blank one is cut off. */
export function encodePublic({ groupContext, ratchetTree }: PublicState): Uint8Array {
  const whole = encode(clientStateEncoder, { ...blankSecrets, groupContext, ratchetTree });
  return whole.slice(0, whole.length - blankBytes.length);
}

/** @throws MlsError `malformed` */
export function decodePublic(bytes: Uint8Array): PublicState {
  const whole = concat(bytes, blankBytes);
  let decoded: [ClientState, number] | undefined;
  try {
    decoded = clientStateDecoder(whole, 0);
  } catch (cause) {
    throw new MlsError('malformed', { cause });
  }
  if (decoded === undefined || decoded[1] !== whole.length) throw new MlsError('malformed');
  return { groupContext: decoded[0].groupContext, ratchetTree: decoded[0].ratchetTree };
}

/** Reads a `ratchet_tree` extension. Nothing of it is verified.
 * @throws MlsError `malformed` */
export function decodeTree(bytes: Uint8Array, groupContext: GroupContext): RatchetTree {
  const withEmptyTree = encodePublic({ groupContext, ratchetTree: [] });
  const context = withEmptyTree.subarray(0, withEmptyTree.length - 1); // the empty tree is its length alone, one byte
  return decodePublic(concat(context, bytes)).ratchetTree;
}
