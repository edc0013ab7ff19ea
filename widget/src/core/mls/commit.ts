/** Commits of this device: adding and removing devices, or fresh keys for itself. */
import { createCommit, defaultProposalTypes, type CreateCommitResult, type Proposal } from 'ts-mls';
import type { Consumed, Group, Trust } from './contract.js';
import { encodeMessage } from './framing.js';
import { checkDistinct, groupOf, stateOf } from './group.js';
import { encodeGroupInfo } from './group-info.js';
import { decodeKeyPackage } from './key-package.js';
import { checkWith } from './trust.js';

export interface CommitInput {
  /** Key packages, each passed by `verifyKeyPackage`. */
  add?: readonly Uint8Array[];
  /** Leaf indices. */
  remove?: readonly number[];
  trust: Trust;
}

export interface CommitOutput {
  /** The state after the commit, for when the server has taken it; if it lost, the old group goes on. */
  group: Group;
  commit: Uint8Array;
  /** For the added devices. */
  welcome?: Uint8Array;
  groupInfo: Uint8Array;
  /** Of the *old* state: needed still if the commit loses. */
  consumed: Consumed;
}

/** Makes a commit; with neither `add` nor `remove` it renews this device's own keys.
 * @throws MlsError `malformed`, `credential_refused`, `key_package_refused` */
export async function commit(
  group: Group,
  { add = [], remove = [], trust }: CommitInput,
): Promise<CommitOutput> {
  const proposals: Proposal[] = [
    ...remove.map((removed) => ({
      proposalType: defaultProposalTypes.remove,
      remove: { removed },
    })),
    ...add.map((bytes) => ({
      proposalType: defaultProposalTypes.add,
      add: { keyPackage: decodeKeyPackage(bytes) },
    })),
  ];
  const check = checkWith(trust);
  let result: CreateCommitResult;
  try {
    result = await createCommit({
      context: check.context,
      state: stateOf(group),
      extraProposals: proposals,
      ratchetTreeExtension: true,
    });
  } catch (error) {
    throw check.failure(error, 'key_package_refused');
  }
  const next = groupOf(result.newState);
  checkDistinct(next.members);
  return {
    group: next,
    commit: encodeMessage(result.commit),
    ...(result.welcome && { welcome: encodeMessage(result.welcome) }),
    groupInfo: await encodeGroupInfo(next),
    consumed: result.consumed,
  };
}
