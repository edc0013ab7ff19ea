/** What a member with a modified client may propose: nothing but adding and removing, and never more than a client can
 * look at in a moment. */
import {
  createCommit,
  defaultProposalTypes as types,
  protocolVersions,
  unsafeTestingAuthenticationService,
  type MlsContext,
  type Proposal,
} from 'ts-mls';
import { expect, test } from 'vitest';
import { concat } from '../../bytes.js';
import { suite } from '../crypto/suite.js';
import type { MlsError } from '../errors.js';
import { encodeMessage } from '../framing.js';
import { leavesMax, stateOf } from '../group.js';
import { commit, open, type Group } from '../index.js';
import { checkMemberCommit } from '../proposals.js';
import { joinCarelessly, pair, secondDevice } from './people.js';

const psk = (index: number): Proposal => ({
  proposalType: types.psk,
  psk: {
    preSharedKeyId: {
      psktype: 1,
      pskId: Uint8Array.of(index >> 8, index & 0xff),
      pskNonce: new Uint8Array(64),
    },
  },
});
const unknown = (): Proposal => ({ proposalType: 0xf123, proposalData: new Uint8Array() });
const unextended: Proposal = {
  proposalType: types.group_context_extensions,
  groupContextExtensions: { extensions: [] },
};
const downgrade: Proposal = {
  proposalType: types.reinit,
  reinit: {
    groupId: new Uint8Array(16),
    version: protocolVersions.mls10,
    cipherSuite: 1,
    extensions: [],
  },
};

const anyKey = new Proxy<Record<string, Uint8Array>>({}, { get: () => new Uint8Array(64) });
const careless: MlsContext = {
  cipherSuite: suite,
  authService: unsafeTestingAuthenticationService,
  externalPsks: anyKey,
};

const commitOf = async (group: Group, extraProposals: Proposal[]): Promise<Uint8Array> =>
  encodeMessage(
    (await createCommit({ context: careless, state: stateOf(group), extraProposals })).commit,
  );

test.each([
  ['a pre-shared key', [psk(1)]],
  ['other extensions of the group', [unextended]],
  ['another suite', [downgrade]],
  ['something that nobody knows', [unknown()]],
])('a commit that proposes %s is refused', async (_what, proposals) => {
  const { trust, aliceGroup, bobGroup } = await pair();
  await expect(open(aliceGroup, await commitOf(bobGroup, proposals), trust)).rejects.toMatchObject({
    code: 'credential_refused',
  });
  // And the group goes on.
  const next = await commit(bobGroup, { trust });
  expect((await open(aliceGroup, next.commit, trust)).kind).toBe('commit');
});

test('an external commit that brings a pre-shared key is refused', async () => {
  const { bob, trust, conversationId, aliceGroup, groupInfo } = await pair();
  const bytes = await joinCarelessly(await secondDevice(bob), {
    conversationId,
    groupInfo,
    extra: [psk(1)],
  });
  await expect(open(aliceGroup, bytes, trust)).rejects.toMatchObject({
    code: 'credential_refused',
  });
});

/** As it is after decryption: so many removes of one leaf; no path, signature or tag. */
function removals(count: number): Uint8Array {
  const list = Uint8Array.from(
    { length: count * 7 },
    (_, index) => [1, 0, 3, 0, 0, 0, 1][index % 7] ?? 0,
  );
  const length = Uint8Array.of(0x80, 0, list.length >> 8, list.length & 0xff);
  return concat(length, list, new Uint8Array(3));
}

test.each([
  [2 * leavesMax, 'taken'],
  [2 * leavesMax + 1, 'credential_refused'],
])('of %i proposals, before any is compared with another: %s', async (count, outcome) => {
  const looked = checkMemberCommit(removals(count)).then(
    () => 'taken',
    (error: unknown) => (error as MlsError).code,
  );
  expect(await looked).toBe(outcome);
});

test.each([
  ['nothing', new Uint8Array()],
  ['a list that ends too late', Uint8Array.of(9, 1, 0, 3, 0, 0)],
  ['half a key package', Uint8Array.of(9, 1, 0, 1, 0, 1, 0xf0, 0x0d)],
  ['a list of eight bytes’ length', new Uint8Array(20).fill(0xff)],
])('%s is malformed', async (_what, bytes) => {
  await expect(checkMemberCommit(bytes)).rejects.toMatchObject({ code: 'malformed' });
});
