/** What a commit brings, looked at before the library works on it: it compares each proposal with each other one before
 * it asks anybody, so that a commit of 30 kB of proposals that we refuse anyway would hold a client up for a minute. */
import { defaultProposalTypes, type Commit, type Proposal } from 'ts-mls';
import { MlsError } from './errors.js';
import { decodeBehind } from './framing.js';
import { leavesMax } from './group.js';
import { checkLeaf, checkPath } from './nodes.js';

/** Every leaf removed, and as many added. */
const proposalsMax = 2 * leavesMax;
/** An external one has an init, and one leaf of its maker's to be replaced (RFC 9420, section 12.4.3.2). */
const externalProposalsMax = 2;

/** Whether a proposal may stand in a commit of ours: adds and removes, and what an external commit has besides.
 * Pre-shared keys, other extensions, another suite and what is not known at all are not part of our protocol. */
export const isAllowed = (type: Proposal['proposalType'], isExternal: boolean): boolean =>
  type === defaultProposalTypes.add ||
  type === defaultProposalTypes.remove ||
  (isExternal && type === defaultProposalTypes.external_init);

/** @throws MlsError `credential_refused` */
export async function checkCommit({ proposals, path }: Commit, isExternal: boolean): Promise<void> {
  const areAllowed = proposals.every(
    (one) => 'proposal' in one && isAllowed(one.proposal.proposalType, isExternal),
  );
  if (!areAllowed || proposals.length > (isExternal ? externalProposalsMax : proposalsMax))
    throw new MlsError('credential_refused');
  if (path !== undefined) await checkPath(path);
  for (const one of proposals)
    if ('proposal' in one && 'add' in one.proposal)
      await checkLeaf(one.proposal.add.keyPackage.leafNode);
}

/** MLS 1.0, PublicMessage: no group, epoch 0, of a new member without further data, a commit. A member's encrypted one
 * goes on alike, with the commit, its signature and its tag, and then padding (RFC 9420, section 6.3.1). */
const head = [0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 3];

/** @param plaintext a `PrivateMessageContent` of a commit. @throws MlsError `credential_refused`, `malformed` */
export async function checkMemberCommit(plaintext: Uint8Array): Promise<void> {
  const message = decodeBehind(head, plaintext);
  const content = 'publicMessage' in message ? message.publicMessage.content : undefined;
  if (content === undefined || !('commit' in content)) throw new MlsError('malformed');
  await checkCommit(content.commit, false);
}
