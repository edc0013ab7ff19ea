/** Our `Group` around the state of ts-mls, and who is in it. */
import { nodeTypes, type ClientState, type RatchetTree } from 'ts-mls';
import { equalBytes, toBase64Url, toHex } from '../bytes.js';
import type { ConversationId } from '../ids.js';
import { decodeCredential } from '../identity/credential.js';
import type { Group, Member } from './contract.js';
import { MlsError } from './errors.js';

export const stateOf = (group: Group): ClientState => group.state as ClientState;

export function groupOf(state: ClientState): Group {
  return {
    conversationId: toBase64Url(state.groupContext.groupId) as ConversationId,
    suite: state.groupContext.cipherSuite,
    epoch: Number(state.groupContext.epoch),
    ownLeafIndex: state.privatePath.leafIndex,
    members: membersOf(state.ratchetTree),
    state,
  };
}

/** A tree is never changed in place and lives for a whole epoch: its members are read once. */
const membersByTree = new WeakMap<RatchetTree, readonly Member[]>();

/** @throws MlsError `credential_refused`: a leaf that says nothing we understand. */
export function membersOf(tree: RatchetTree): readonly Member[] {
  const known = membersByTree.get(tree);
  if (known !== undefined) return known;
  const members: Member[] = [];
  for (const [nodeIndex, node] of tree.entries()) {
    if (node?.nodeType !== nodeTypes.leaf) continue;
    const { credential } = node.leaf;
    const decoded = 'identity' in credential ? decodeCredential(credential.identity) : null;
    if (decoded === null) throw new MlsError('credential_refused');
    const { address, accountKey, deviceId } = decoded;
    members.push({ leafIndex: nodeIndex / 2, address, accountKey, deviceId });
  }
  membersByTree.set(tree, members);
  return members;
}

/** The same device, wherever its leaf stands. */
export const deviceName = (member: Omit<Member, 'leafIndex'>): string =>
  `${member.address} ${member.deviceId} ${toHex(member.accountKey)}`;

/** Far more than two accounts have devices. Every leaf costs whoever follows the group, and members may add theirs. */
export const leavesMax = 256;

/** One device has one leaf: otherwise one could be removed and the other stay. And one address has one account key:
 * at first contact no pin is there yet, and a leaf under a second key would read along behind the one that is
 * pinned and compared.
 * @throws MlsError `credential_refused` */
export function checkDistinct(members: readonly Member[]): void {
  const devices = new Set(members.map(({ address, deviceId }) => `${address} ${deviceId}`));
  const accounts = new Map(members.map(({ address, accountKey }) => [address, accountKey]));
  const agrees = ({ address, accountKey }: Member): boolean =>
    equalBytes(accounts.get(address) ?? new Uint8Array(), accountKey);
  if (members.length > leavesMax || devices.size !== members.length || !members.every(agrees))
    throw new MlsError('credential_refused');
}
