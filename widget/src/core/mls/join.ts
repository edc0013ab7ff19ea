/** Ways into a group: founding it, a Welcome, an external commit. */
import {
  createGroup as createLibraryGroup,
  joinGroup,
  joinGroupExternal,
  nodeTypes,
  protocolVersions,
  wireformats,
  type ClientState,
  type RatchetTree,
} from 'ts-mls';
import { equalBytes, toHex } from '../bytes.js';
import type { ConversationId } from '../ids.js';
import { commit } from './commit.js';
import type { Consumed, DeviceIdentity, Group, Trust } from './contract.js';
import { MlsError } from './errors.js';
import { decodeGroupInfo, decodeWelcome, encodeMessage, groupIdOf } from './framing.js';
import { checkDistinct, groupOf } from './group.js';
import { encodeGroupInfo } from './group-info.js';
import { decodeKeyPackagePair, generateKeyPackage, keyPackageRef } from './key-package.js';
import { lookingInto } from './looking-into.js';
import { checkGroupInfo, treeIn } from './nodes.js';
import { checkWith } from './trust.js';

export interface CreateGroupInput {
  identity: DeviceIdentity;
  conversationId: ConversationId;
  /** Of every other device, each passed by `verifyKeyPackage`; at least one. */
  keyPackages: readonly Uint8Array[];
  trust: Trust;
}

/** Founds a group of this device and others, in epoch 1.
 * @returns the Welcome and GroupInfo for `conversations.create`.
 * @throws MlsError `malformed`, `credential_refused`, `key_package_refused` */
export async function createGroup(
  input: CreateGroupInput,
): Promise<{ group: Group; welcome: Uint8Array; groupInfo: Uint8Array; consumed: Consumed }> {
  const { identity, conversationId, keyPackages, trust } = input;
  const own = decodeKeyPackagePair((await generateKeyPackage(identity)).privateBytes);
  const check = checkWith(trust);
  const founded = await createLibraryGroup({
    context: check.context,
    groupId: groupIdOf(conversationId),
    keyPackage: own.publicPackage,
    privateKeyPackage: own.privatePackage,
  });
  const { group, welcome, groupInfo, consumed } = await commit(groupOf(founded), {
    add: keyPackages,
    trust,
  });
  if (welcome === undefined) throw new MlsError('key_package_refused');
  return { group, welcome, groupInfo, consumed };
}

/** References of the key packages that a Welcome is for: the private half of one of them opens it.
 * @throws MlsError `malformed`, `suite_unsupported` */
export function welcomeRefs(welcome: Uint8Array): string[] {
  return decodeWelcome(welcome).secrets.map(({ newMember }) => toHex(newMember));
}

export interface JoinByWelcomeInput {
  identity: DeviceIdentity;
  conversationId: ConversationId;
  welcome: Uint8Array;
  /** `privateBytes` of the key package that `welcomeRefs` names. */
  privateBytes: Uint8Array;
  trust: Trust;
}

/** Joins by a Welcome. The whole tree is checked: every leaf must belong.
 * @throws MlsError `malformed`, `suite_unsupported`, `credential_refused`, `welcome_unknown` (for another key package) */
export async function joinByWelcome(input: JoinByWelcomeInput): Promise<{ group: Group }> {
  const { identity, conversationId, welcome: bytes, privateBytes, trust } = input;
  const welcome = decodeWelcome(bytes);
  const { publicPackage, privatePackage } = decodeKeyPackagePair(privateBytes);
  const ref = await keyPackageRef(publicPackage);
  if (!welcome.secrets.some(({ newMember }) => toHex(newMember) === ref))
    throw new MlsError('welcome_unknown');

  const check = checkWith(trust);
  let state: ClientState;
  try {
    state = await joinGroup({
      context: {
        ...check.context,
        cipherSuite: lookingInto(
          check.context.cipherSuite,
          welcome.encryptedGroupInfo,
          checkGroupInfo,
        ),
      },
      welcome,
      keyPackage: publicPackage,
      privateKeys: privatePackage,
    });
  } catch (error) {
    throw check.failure(error, 'malformed');
  }
  return { group: checkedGroup(state, identity, conversationId) };
}

export interface JoinExternallyInput {
  identity: DeviceIdentity;
  conversationId: ConversationId;
  groupInfo: Uint8Array;
  trust: Trust;
}

/** Joins, or rejoins in place of this device's old leaf, by an external commit (RFC 9420, section 12.4.3.2).
 * @returns the commit and GroupInfo for `conversations.commit`, with `epoch` as the one it was made in. It counts only
 * when the server has taken it.
 * @throws MlsError `malformed`, `suite_unsupported`, `credential_refused` */
export async function joinExternally(
  input: JoinExternallyInput,
): Promise<{ group: Group; commit: Uint8Array; groupInfo: Uint8Array; epoch: number }> {
  const { identity, conversationId, trust } = input;
  const groupInfo = decodeGroupInfo(input.groupInfo, conversationId);
  const tree = await treeIn(groupInfo);
  const own = decodeKeyPackagePair((await generateKeyPackage(identity)).privateBytes);
  const check = checkWith(trust);
  let joined: Awaited<ReturnType<typeof joinGroupExternal>>;
  try {
    joined = await joinGroupExternal({
      context: check.context,
      groupInfo,
      keyPackage: own.publicPackage,
      privateKeys: own.privatePackage,
      resync: hasLeaf(tree, identity.deviceKey.publicKey),
    });
  } catch (error) {
    throw check.failure(error, 'malformed');
  }
  const group = checkedGroup(joined.newState, identity, conversationId);
  const message = {
    version: protocolVersions.mls10,
    wireformat: wireformats.mls_public_message,
    publicMessage: joined.publicMessage,
  };
  return {
    group,
    commit: encodeMessage(message),
    groupInfo: await encodeGroupInfo(group),
    epoch: Number(groupInfo.groupContext.epoch),
  };
}

/** The library cannot tell by itself whether an old leaf is there to be replaced. */
const hasLeaf = (tree: RatchetTree, signatureKey: Uint8Array): boolean =>
  tree.some(
    (node) =>
      node?.nodeType === nodeTypes.leaf && equalBytes(node.leaf.signaturePublicKey, signatureKey),
  );

function checkedGroup(
  state: ClientState,
  identity: DeviceIdentity,
  conversationId: ConversationId,
): Group {
  if (!equalBytes(state.groupContext.groupId, groupIdOf(conversationId)))
    throw new MlsError('malformed');
  const group = groupOf(state);
  checkDistinct(group.members);
  const own = group.members.find(({ leafIndex }) => leafIndex === group.ownLeafIndex);
  if (own?.deviceId !== identity.deviceId) throw new MlsError('malformed');
  return group;
}
