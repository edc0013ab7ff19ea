/** What a commit proposes, looked at before the library works on it: it compares each proposal with each other one before
 * it asks anybody, so that a commit of 30 kB of proposals that we refuse anyway would hold a client up for a minute. */
import {
  defaultProposalTypes,
  keyPackageDecoder,
  proposalOrRefTypes,
  type Proposal,
  type PublicMessage,
} from 'ts-mls';
import { MlsError } from './errors.js';
import { leavesMax } from './group.js';

/** Every leaf removed, and as many added. */
const proposalsMax = 2 * leavesMax;

/** Whether a proposal may stand in a commit of ours: adds and removes, and what an external commit has besides.
 * Pre-shared keys, other extensions, another suite and what is not known at all are not part of our protocol. */
export const isAllowed = (type: Proposal['proposalType'], isExternal: boolean): boolean =>
  type === defaultProposalTypes.add ||
  type === defaultProposalTypes.remove ||
  (isExternal && type === defaultProposalTypes.external_init);

/** @throws MlsError `credential_refused` */
export function checkExternalProposals({ content }: PublicMessage): void {
  if (!('commit' in content)) throw new MlsError('malformed');
  const { proposals } = content.commit;
  const all = proposals.every(
    (one) => 'proposal' in one && isAllowed(one.proposal.proposalType, true),
  );
  // One init, and one leaf of its maker's to be replaced (RFC 9420, section 12.4.3.2).
  if (!all || proposals.length > 2) throw new MlsError('credential_refused');
}

/** @param content a `PrivateMessageContent` of a commit: its first field is the list of proposals.
 * @throws MlsError `credential_refused`, `malformed` */
export function checkProposals(content: Uint8Array): void {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  try {
    const { start, end } = listAt(view);
    let count = 0;
    for (let at = start; at < end; count += 1) {
      const type = view.getUint16(at + 1);
      const isInline = view.getUint8(at) === proposalOrRefTypes.proposal;
      if (!isInline || !isAllowed(type, false) || count >= proposalsMax)
        throw new MlsError('credential_refused');
      at += 3 + (type === defaultProposalTypes.remove ? 4 : keyPackageBytes(content, at + 3));
    }
  } catch (cause) {
    throw cause instanceof MlsError ? cause : new MlsError('malformed', { cause });
  }
}

/** A variable-size vector's content (RFC 9420, section 2.1.2), of less than 2^30 bytes. */
function listAt(view: DataView): { start: number; end: number } {
  const first = view.getUint8(0);
  const start = 1 << (first >> 6);
  if (start > 4) throw new MlsError('malformed');
  let length = first & 0x3f;
  for (let at = 1; at < start; at += 1) length = length * 256 + view.getUint8(at);
  return { start, end: start + length };
}

function keyPackageBytes(content: Uint8Array, at: number): number {
  const decoded = keyPackageDecoder(content, at);
  if (decoded === undefined) throw new MlsError('malformed');
  return decoded[1];
}
