/** What a member may make other members work for: the size of a group is bounded before its cryptography. */
import {
  createCommit,
  createGroup,
  defaultExtensionTypes,
  nodeTypes,
  protocolVersions,
  unsafeTestingAuthenticationService,
  wireformats,
  type RatchetTree,
} from 'ts-mls';
import { describe, expect, it } from 'vitest';
import { concat } from '../../bytes.js';
import { suite } from '../crypto/suite.js';
import { decodeGroupInfo, decodeMessage, encodeMessage, groupIdOf } from '../framing.js';
import { checkDistinct, leavesMax, stateOf } from '../group.js';
import {
  commit,
  encrypt,
  generateKeyPackage,
  joinByWelcome,
  joinExternally,
  open,
  type Member,
} from '../index.js';
import { decodeKeyPackage, decodeKeyPackagePair } from '../key-package.js';
import { newConversationId, pair, person, secondDevice, trustIn } from './people.js';
import { withSender } from './sender-data.js';

describe('a group that is too large', () => {
  it('is refused with one leaf more than may be', async () => {
    const { address, accountKey } = await person('alice');
    const member = (index: number): Member => ({
      leafIndex: index,
      address,
      accountKey: accountKey.publicKey,
      deviceId: String(index) as Member['deviceId'],
    });
    const members = Array.from({ length: leavesMax + 1 }, (_, index) => member(index));
    checkDistinct(members.slice(1));
    expect(() => {
      checkDistinct(members);
    }).toThrow('credential_refused');
  });

  it('by its GroupInfo is refused before anything of it is checked', async () => {
    const { alice, bob, conversationId, groupInfo } = await pair();
    const info = decodeGroupInfo(groupInfo, conversationId);
    const extensions = info.extensions.map((extension) =>
      extension.extensionType === defaultExtensionTypes.ratchet_tree &&
      extension.extensionData instanceof Uint8Array
        ? { ...extension, extensionData: withBlanks(extension.extensionData, 2 * leavesMax) }
        : extension,
    );
    const long = encodeMessage({
      version: protocolVersions.mls10,
      wireformat: wireformats.mls_group_info,
      groupInfo: { ...info, extensions },
    });
    const identity = alice;
    const hashes = await countHashes(async () => {
      await expect(
        joinExternally({ identity, conversationId, groupInfo: long, trust: trustIn(alice, bob) }),
      ).rejects.toMatchObject({ code: 'malformed' });
    });
    expect(hashes).toBeLessThan(10);
  });

  it('by its Welcome is refused before its tree is checked', async () => {
    // 8,192 leaves: one at the left end, one at the right, nothing between.
    const hashes = await countHashes(() => joinTree(8_192, [8_191]));
    expect(hashes).toBeLessThan(10);
  });

  it('or one whose keys hang together badly, is given up after so many hashes', async () => {
    // Every leaf claims the root, and the other half of the tree is hashed for each.
    const left = Array.from({ length: 70 }, (_, index) => index + 1);
    const hashes = await countHashes(() => joinTree(leavesMax, [...left, leavesMax - 1]));
    expect(hashes).toBeLessThan(9_000);
    expect(hashes).toBeGreaterThan(7_000);
  });
});

describe('a message of a leaf that is not there', () => {
  it.each([
    ['message', 2],
    ['message', 2 ** 31 - 1],
    ['message', 2 ** 32 - 1],
    ['commit', 2],
    ['commit', 2 ** 31 - 1],
    ['commit', 2 ** 32 - 1],
  ] as const)('is refused before the tree is searched: %s of %d', async (kind, leafIndex) => {
    const { trust, aliceGroup, bobGroup } = await pair();
    const bytes =
      kind === 'commit'
        ? (await commit(aliceGroup, { trust })).commit
        : (await encrypt(aliceGroup, new Uint8Array(10))).ciphertext;
    const said = decodeMessage(bytes);
    if (said.wireformat !== wireformats.mls_private_message) throw new Error('not private');
    const { senderDataSecret } = stateOf(aliceGroup).keySchedule;
    const forged = async (leaf: number) =>
      encodeMessage({
        ...said,
        privateMessage: await withSender(said.privateMessage, senderDataSecret, leaf),
      });
    await expect(open(bobGroup, await forged(0), trust)).resolves.toBeDefined();
    await expect(open(bobGroup, await forged(leafIndex), trust)).rejects.toMatchObject({
      code: 'undecryptable',
    });
  });
});

/** Bob is welcomed to a tree of so many leaves, where Alice's devices stand at the first place and at these. */
async function joinTree(leaves: number, places: readonly number[]): Promise<void> {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const conversationId = newConversationId();
  const context = { cipherSuite: suite, authService: unsafeTestingAuthenticationService };
  const own = decodeKeyPackagePair((await generateKeyPackage(alice)).privateBytes);
  const state = await createGroup({
    context,
    groupId: groupIdOf(conversationId),
    keyPackage: own.publicPackage,
    privateKeyPackage: own.privatePackage,
  });
  const package_ = await generateKeyPackage(bob);
  const ratchetTree: RatchetTree = Array.from({ length: 2 * leaves - 1 }, () => undefined);
  [ratchetTree[0]] = state.ratchetTree;
  for (const place of places) {
    const { leafNode: leaf, initKey } = decodeKeyPackage(
      (await generateKeyPackage(await secondDevice(alice))).publicBytes,
    );
    ratchetTree[2 * place] = { nodeType: nodeTypes.leaf, leaf };
    const parent = { hpkePublicKey: initKey, parentHash: new Uint8Array(), unmergedLeaves: [] };
    ratchetTree[leaves - 1] = { nodeType: nodeTypes.parent, parent };
  }
  const { welcome } = await createCommit({
    context,
    state: { ...state, ratchetTree },
    extraProposals: [
      { proposalType: 1, add: { keyPackage: decodeKeyPackage(package_.publicBytes) } },
    ],
    ratchetTreeExtension: true,
  });
  if (welcome === undefined) throw new Error('nobody was added');
  counted = 0;
  await expect(
    joinByWelcome({
      identity: bob,
      conversationId,
      welcome: encodeMessage(welcome),
      privateBytes: package_.privateBytes,
      trust: trustIn(alice, bob),
    }),
  ).rejects.toMatchObject({ code: 'malformed' });
}

/** A tree's encoding with blank nodes before its own: its length, as four bytes, and what it holds. */
function withBlanks(tree: Uint8Array, blanks: number): Uint8Array {
  const lengthBytes = 1 << ((tree[0] ?? 0) >> 6);
  const content = concat(new Uint8Array(blanks), tree.subarray(lengthBytes));
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, content.length + 0x8000_0000);
  return concat(new Uint8Array(length.buffer), content);
}

/** Hashes since the work began, or since it set `counted` back. */
let counted = 0;

async function countHashes(work: () => Promise<void>): Promise<number> {
  const { digest } = suite.hash;
  counted = 0;
  suite.hash.digest = async (data) => {
    counted += 1;
    return digest(data);
  };
  await work().finally(() => {
    suite.hash.digest = digest;
  });
  return counted;
}
