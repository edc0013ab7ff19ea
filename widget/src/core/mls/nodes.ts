/** Nodes of a group's tree that others made, looked at before the library works on them: it looks each entry of one list
 * up in another, and nobody could renew their keys beside a public key that nothing can be encrypted to. */
import {
  defaultExtensionTypes,
  nodeTypes,
  type GroupInfo,
  type LeafNode,
  type Node,
  type RatchetTree,
  type UpdatePath,
} from 'ts-mls';
import { isPublicKey } from './crypto/x-wing.js';
import { MlsError } from './errors.js';
import { decodeBehind } from './framing.js';
import { leavesMax } from './group.js';
import { decodeTree } from './tree-codec.js';

/** Extensions and capabilities of a leaf: ours has 6 at most. */
export const leafItemsMax = 64;

/** Nodes above a leaf: in a tree of `leavesMax` leaves there are 8. */
export const pathNodesMax = 16;

async function checkKeys(keys: readonly Uint8Array[]): Promise<void> {
  const sound = await Promise.all(keys.map(isPublicKey));
  if (!sound.every(Boolean)) throw new MlsError('credential_refused');
}

function checkSize({ capabilities, extensions }: LeafNode): void {
  const { versions, ciphersuites, proposals, credentials } = capabilities;
  const lists = [versions, ciphersuites, proposals, credentials, capabilities.extensions];
  const items = [...lists, extensions].reduce((sum, { length }) => sum + length, 0);
  if (items > leafItemsMax) throw new MlsError('credential_refused');
}

/** @throws MlsError `credential_refused` */
export async function checkLeaf(leaf: LeafNode): Promise<void> {
  checkSize(leaf);
  await checkKeys([leaf.hpkePublicKey]);
}

/** @throws MlsError `credential_refused` */
export async function checkPath({ leafNode, nodes }: UpdatePath): Promise<void> {
  if (nodes.length > pathNodesMax) throw new MlsError('credential_refused');
  await checkLeaf(leafNode);
  await checkKeys(nodes.map(({ hpkePublicKey }) => hpkePublicKey));
}

/** Whether each leaf is named once, and in order (RFC 9420, section 7.1). */
const isAscending = (leaves: readonly number[]): boolean =>
  leaves.every((leaf, index) => leaf > (leaves[index - 1] ?? -1));

function checkNode(node: Node): void {
  if (node.nodeType === nodeTypes.leaf) checkSize(node.leaf);
  else if (!isAscending(node.parent.unmergedLeaves)) throw new MlsError('malformed');
}

const keyOf = (node: Node): Uint8Array =>
  node.nodeType === nodeTypes.leaf ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey;

/** The tree that a GroupInfo brings along, of which nothing is verified but its size and its keys' form.
 * @throws MlsError `malformed`, `credential_refused` */
export async function treeIn({ extensions, groupContext }: GroupInfo): Promise<RatchetTree> {
  const extension = extensions.find(
    ({ extensionType }) => extensionType === defaultExtensionTypes.ratchet_tree,
  );
  if (!(extension?.extensionData instanceof Uint8Array)) throw new MlsError('malformed');
  const tree = decodeTree(extension.extensionData, groupContext);
  if (tree.length >= 2 * leavesMax) throw new MlsError('malformed');
  const nodes = tree.filter((node) => node !== undefined);
  nodes.forEach(checkNode);
  await checkKeys(nodes.map(keyOf));
  return tree;
}

/** MLS 1.0, GroupInfo. */
const head = [0, 1, 0, 4];

/** @param plaintext a Welcome's GroupInfo. @throws MlsError `malformed`, `credential_refused` */
export async function checkGroupInfo(plaintext: Uint8Array): Promise<void> {
  const message = decodeBehind(head, plaintext);
  if ('groupInfo' in message) await treeIn(message.groupInfo);
}
