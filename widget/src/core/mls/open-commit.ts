/** Commits of others: what the library checks by RFC 9420, and what our rules ask on top. */
import {
  contentTypes,
  defaultProposalTypes,
  processPrivateMessage,
  processPublicMessage,
  senderTypes,
  type ClientState,
  type IncomingMessageCallback,
  type PrivateMessage,
  type PublicMessage,
} from 'ts-mls';
import { decodeCredential } from '../identity/credential.js';
import type { Consumed, Group, Member, Opened, Trust } from './contract.js';
import { MlsError } from './errors.js';
import { checkDistinct, deviceName, groupOf, stateOf } from './group.js';
import { lookingInto } from './looking-into.js';
import { checkCommit, checkMemberCommit, isAllowed } from './proposals.js';
import { hearingSender } from './sender.js';
import { checkWith } from './trust.js';

interface Verdict {
  callback: IncomingMessageCallback;
  /** Set by the callback. */
  committerIndex: number | undefined;
  refused: boolean;
  removesSelf: boolean;
}

/** The rules of our own, asked after the signature was verified and before anything is applied: proposals stand in
 * the commit itself, and are adds and removes; an external commit removes nobody but its maker's own old leaf. */
function judge(group: Group, joiner: Omit<Member, 'leafIndex'> | undefined): Verdict {
  const verdict: Verdict = {
    committerIndex: undefined,
    refused: false,
    removesSelf: false,
    callback: (incoming) => {
      if (incoming.kind !== 'commit') return 'reject';
      verdict.committerIndex = incoming.senderLeafIndex;
      for (const { proposal } of incoming.proposals) {
        if (proposal.proposalType === defaultProposalTypes.remove && 'remove' in proposal) {
          const { removed } = proposal.remove;
          const leaf = group.members.find(({ leafIndex }) => leafIndex === removed);
          if (
            joiner !== undefined &&
            (leaf === undefined || deviceName(leaf) !== deviceName(joiner))
          )
            verdict.refused = true;
          if (removed === group.ownLeafIndex) verdict.removesSelf = true;
        } else if (!isAllowed(proposal.proposalType, joiner !== undefined)) {
          verdict.refused = true;
        }
      }
      return verdict.refused || verdict.removesSelf ? 'reject' : 'accept';
    },
  };
  return verdict;
}

/** A commit by a member. @throws MlsError `undecryptable`, `credential_refused` */
export async function openMemberCommit(
  group: Group,
  privateMessage: PrivateMessage,
  trust: Trust,
): Promise<Opened> {
  const check = checkWith(trust);
  const verdict = judge(group, undefined);
  const { suite } = hearingSender(check.context.cipherSuite, privateMessage, group.members);
  const cipherSuite = lookingInto(suite, privateMessage.ciphertext, checkMemberCommit);
  let newState: ClientState;
  let consumed: Consumed;
  try {
    const result = await processPrivateMessage({
      context: { ...check.context, cipherSuite },
      state: stateOf(group),
      privateMessage,
      callback: verdict.callback,
    });
    if (result.kind !== 'newState') throw new MlsError('malformed');
    ({ newState, consumed } = result);
  } catch (error) {
    throw check.failure(error, 'undecryptable');
  }
  const committer = group.members.find(({ leafIndex }) => leafIndex === verdict.committerIndex);
  if (verdict.refused || committer === undefined) throw new MlsError('credential_refused');
  if (verdict.removesSelf) return removedBy(committer, group);
  const opened = compare(group, groupOf(newState), committer.leafIndex);
  // Fresh keys, not another identity: a device cannot turn into another one by committing.
  if (deviceName(opened.committer) !== deviceName(committer))
    throw new MlsError('credential_refused');
  return { ...opened, consumed };
}

/** A commit by which a device joins, or joins again. @throws MlsError `malformed`, `undecryptable`, `credential_refused` */
export async function openExternalCommit(
  group: Group,
  publicMessage: PublicMessage,
  trust: Trust,
): Promise<Opened> {
  const { content } = publicMessage;
  if (
    content.contentType !== contentTypes.commit ||
    content.sender.senderType !== senderTypes.new_member_commit
  ) {
    throw new MlsError('malformed');
  }
  const leaf = content.commit.path?.leafNode;
  const joiner =
    leaf !== undefined && 'identity' in leaf.credential
      ? decodeCredential(leaf.credential.identity)
      : null;
  if (joiner === null) throw new MlsError('malformed');
  await checkCommit(content.commit, true);

  const check = checkWith(trust);
  const verdict = judge(group, joiner);
  let newState: ClientState;
  let consumed: Consumed;
  try {
    ({ newState, consumed } = await processPublicMessage({
      context: check.context,
      state: stateOf(group),
      publicMessage,
      callback: verdict.callback,
    }));
  } catch (error) {
    throw check.failure(error, 'undecryptable');
  }
  if (verdict.refused) throw new MlsError('credential_refused');
  if (verdict.removesSelf) {
    // Another copy of this very device has taken its place.
    return removedBy({ leafIndex: group.ownLeafIndex, ...joiner }, group);
  }
  const next = groupOf(newState);
  const committer = next.members.find((member) => deviceName(member) === deviceName(joiner));
  if (committer === undefined) throw new MlsError('malformed');
  return { ...compare(group, next, committer.leafIndex), consumed };
}

type CommitOpened = Extract<Opened, { kind: 'commit' }>;

function compare(before: Group, after: Group, committerIndex: number): CommitOpened {
  checkDistinct(after.members);
  const committer = after.members.find(({ leafIndex }) => leafIndex === committerIndex);
  if (committer === undefined) throw new MlsError('malformed');
  const old = new Set(before.members.map(deviceName));
  const current = new Set(after.members.map(deviceName));
  return {
    kind: 'commit',
    added: after.members.filter((member) => !old.has(deviceName(member))),
    removed: before.members.filter((member) => !current.has(deviceName(member))),
    committer,
    selfRemoved: false,
    group: after,
    consumed: [],
  };
}

function removedBy(committer: Member, group: Group): CommitOpened {
  const removed = group.members.filter(({ leafIndex }) => leafIndex === group.ownLeafIndex);
  return { kind: 'commit', added: [], removed, committer, selfRemoved: true, group, consumed: [] };
}
