/** Nodes that a member with a modified client, or a server, puts into a group's tree: none may hold another client up, and
 * none may keep it from renewing its keys, which are encrypted to every leaf. */
import {
  createCommit,
  defaultProposalTypes,
  makeCustomExtension,
  nodeTypes,
  unsafeTestingAuthenticationService,
  type LeafNode,
  type RatchetTree,
  type UpdatePath,
} from 'ts-mls';
import { describe, expect, test } from 'vitest';
import { suite } from '../crypto/suite.js';
import { isPublicKey } from '../crypto/x-wing.js';
import { decodeWelcome, encodeMessage } from '../framing.js';
import { stateOf, leavesMax } from '../group.js';
import { encodeGroupInfo } from '../group-info.js';
import {
  commit,
  generateKeyPackage,
  joinByWelcome,
  joinExternally,
  open,
  verifyKeyPackage,
  welcomeRefs,
  type Group,
} from '../index.js';
import { decodeKeyPackage } from '../key-package.js';
import { checkPath, leafItemsMax, pathNodesMax } from '../nodes.js';
import {
  foundCarelessly,
  joinCarelessly,
  newConversationId,
  pair,
  person,
  secondDevice,
  trustIn,
} from './people.js';

const careless = { cipherSuite: suite, authService: unsafeTestingAuthenticationService };

/** A group as its member's software would have it, with another tree. */
const withTree = (group: Group, change: (tree: RatchetTree) => void): Group => {
  const ratchetTree = stateOf(group).ratchetTree.slice();
  change(ratchetTree);
  return { ...group, state: { ...stateOf(group), ratchetTree } };
};

const withLeaf = (group: Group, change: (leaf: LeafNode) => LeafNode): Group =>
  withTree(group, (tree) => {
    const node = tree[2 * group.ownLeafIndex];
    if (node?.nodeType !== nodeTypes.leaf) throw new Error('no leaf');
    tree[2 * group.ownLeafIndex] = { nodeType: nodeTypes.leaf, leaf: change(node.leaf) };
  });

const committed = async (group: Group): Promise<Uint8Array> =>
  encodeMessage((await createCommit({ context: careless, state: stateOf(group) })).commit);

/** So many extensions and capabilities, each extension found at the end of the list of those that are known. */
const withItems =
  (items: number) =>
  (leaf: LeafNode): LeafNode => {
    const known = Math.ceil((items - 4) / 2);
    const extension = makeCustomExtension({
      extensionType: 0xf200,
      extensionData: new Uint8Array(),
    });
    return {
      ...leaf,
      capabilities: {
        ...leaf.capabilities,
        versions: leaf.capabilities.versions.slice(0, 1),
        extensions: Array.from({ length: known }, (_, index) => (index === known - 1 ? 0xf200 : 9)),
      },
      extensions: Array.from({ length: items - 3 - known }, () => extension),
    };
  };

describe('a leaf', () => {
  test.each([
    [leafItemsMax - 1, 'commit'],
    [leafItemsMax, 'commit'],
    [leafItemsMax + 1, 'credential_refused'],
    [20_000, 'credential_refused'],
  ])('with %i extensions and capabilities: %s', async (items, outcome) => {
    const { trust, aliceGroup, bobGroup } = await pair();
    const bytes = await committed(withLeaf(bobGroup, withItems(items)));
    const opened = open(aliceGroup, bytes, trust).then(
      ({ kind }) => kind,
      (error: unknown) => (error as { code: string }).code,
    );
    expect(await opened).toBe(outcome);
  });
});

test.each([
  [pathNodesMax - 1, 'taken'],
  [pathNodesMax, 'taken'],
  [pathNodesMax + 1, 'credential_refused'],
])('%i nodes above it: %s', async (count, outcome) => {
  const { leafNode } = decodeKeyPackage(
    (await generateKeyPackage(await person('bob'))).publicBytes,
  );
  const node = { hpkePublicKey: leafNode.hpkePublicKey, encryptedPathSecret: [] };
  const path = { leafNode, nodes: Array.from({ length: count }, () => node) };
  const checked = checkPath(path as unknown as UpdatePath).then(
    () => 'taken',
    (error: unknown) => (error as { code: string }).code,
  );
  expect(await checked).toBe(outcome);
});

test('a tree that names a leaf above it twice, or in no order, is refused before its hashes', async () => {
  const { alice, bob, bobGroup, conversationId, trust } = await pair();
  const { digest } = suite.hash;
  const [node] = stateOf(bobGroup).ratchetTree;
  if (node?.nodeType !== nodeTypes.leaf) throw new Error('no leaf');
  const { hpkePublicKey } = decodeKeyPackage((await generateKeyPackage(bob)).publicBytes).leafNode;
  for (const unmergedLeaves of [Array<number>(100_000).fill(0), [1, 0]]) {
    const spoilt = withTree(bobGroup, (tree) => {
      const parent = { hpkePublicKey, parentHash: new Uint8Array(), unmergedLeaves };
      tree[1] = { nodeType: nodeTypes.parent, parent };
    });
    const groupInfo = await encodeGroupInfo(spoilt);
    let hashes = 0;
    suite.hash.digest = (data) => {
      hashes += 1;
      return digest(data);
    };
    const joined = joinExternally({ identity: alice, conversationId, groupInfo, trust });
    await expect(joined.finally(() => (suite.hash.digest = digest))).rejects.toMatchObject({
      code: 'malformed',
    });
    expect(hashes).toBe(0);
  }
});

test.each([
  [leavesMax, 'read'],
  [leavesMax + 1, 'malformed'],
])('a Welcome for %i: %s', async (count, outcome) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const package_ = await generateKeyPackage(bob);
  const { welcome } = await foundCarelessly(alice, newConversationId(), [package_]);
  const { cipherSuite, secrets, encryptedGroupInfo } = decodeWelcome(welcome);
  const [secret] = secrets;
  if (secret === undefined) throw new Error('for nobody');
  const many = Array.from({ length: count }, () => secret);
  const bytes = encodeMessage({
    version: 1,
    wireformat: 3,
    welcome: { cipherSuite, encryptedGroupInfo, secrets: many },
  });
  const read = (): string => {
    try {
      welcomeRefs(bytes);
      return 'read';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(read()).toBe(outcome);
});

const spoilt: [string, (key: Uint8Array) => Uint8Array][] = [
  ['too short', (key) => key.slice(1)],
  ['no lattice element', (key) => key.map((byte, index) => (index < 3 ? 0xff : byte))],
  ['no point of the curve’s group', (key) => key.map((byte, index) => (index < 1184 ? byte : 0))],
];

/** Has the keys that are made meanwhile spoilt: the first of them, the second, ... */
async function spoiling<Result>(
  spoil: (key: Uint8Array) => Uint8Array,
  which: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const { exportPublicKey } = suite.hpke;
  let count = 0;
  suite.hpke.exportPublicKey = async (key) => {
    const bytes = await exportPublicKey(key);
    count += 1;
    return count === which ? spoil(bytes) : bytes;
  };
  return work().finally(() => {
    suite.hpke.exportPublicKey = exportPublicKey;
  });
}

const refused = { code: 'credential_refused' };

describe.each(spoilt)('a public key that is %s', (_what, spoil) => {
  test('is told from a good one', async () => {
    const { initKey } = decodeKeyPackage(
      (await generateKeyPackage(await person('bob'))).publicBytes,
    );
    expect(await isPublicKey(initKey)).toBe(true);
    expect(await isPublicKey(spoil(initKey))).toBe(false);
  });

  test.each([
    ['above its leaf', 1],
    ['in its leaf', 2],
  ])(
    'is refused when a member brings it %s, and the other renews its keys',
    async (_where, which) => {
      const { trust, aliceGroup, bobGroup } = await pair();
      const bytes = await spoiling(spoil, which, () => committed(bobGroup));
      await expect(open(aliceGroup, bytes, trust)).rejects.toMatchObject(refused);
      const renewed = await commit(aliceGroup, { trust });
      expect((await open(bobGroup, renewed.commit, trust)).kind).toBe('commit');
    },
  );

  test('is refused when a device joins with it', async () => {
    const { bob, trust, conversationId, aliceGroup, groupInfo } = await pair();
    const second = await secondDevice(bob);
    // Behind the two of its key package: of the node above it, and of its leaf.
    for (const which of [3, 4]) {
      const join = () => joinCarelessly(second, { conversationId, groupInfo });
      const bytes = await spoiling(spoil, which, join);
      await expect(open(aliceGroup, bytes, trust)).rejects.toMatchObject(refused);
    }
  });

  test('is refused in a key package, by whoever adds it and by the others', async () => {
    const { bob, trust, aliceGroup, bobGroup } = await pair();
    const second = await secondDevice(bob);
    const owner = { address: bob.address, accountKey: bob.accountKey.publicKey };
    for (const which of [1, 2]) {
      const { publicBytes } = await spoiling(spoil, which, () => generateKeyPackage(second));
      await expect(verifyKeyPackage(publicBytes, owner)).rejects.toThrow();
      const add = { keyPackage: decodeKeyPackage(publicBytes) };
      if (await isPublicKey(add.keyPackage.leafNode.hpkePublicKey)) continue;
      const { commit: added } = await createCommit({
        context: careless,
        state: stateOf(bobGroup),
        extraProposals: [{ proposalType: defaultProposalTypes.add, add }],
      });
      await expect(open(aliceGroup, encodeMessage(added), trust)).rejects.toMatchObject(refused);
    }
  });

  test('is refused in the tree of a Welcome, and of the state to join by', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const [conversationId, trust] = [newConversationId(), trustIn(alice, bob)];
    const package_ = await generateKeyPackage(bob);
    const { privateBytes } = package_;
    const outcomes: string[][] = [];
    for (const which of [1, 2]) {
      const { welcome, groupInfo } = await spoiling(spoil, which, () =>
        foundCarelessly(alice, conversationId, [package_]),
      );
      const joins = await Promise.allSettled([
        joinByWelcome({ identity: bob, conversationId, welcome, privateBytes, trust }),
        joinExternally({ identity: bob, conversationId, groupInfo, trust }),
      ]);
      outcomes.push(
        joins.map((join) =>
          join.status === 'rejected' ? (join.reason as { code: string }).code : 'joined',
        ),
      );
    }
    // The other key is the one that the package was to be opened with, which is no node's.
    expect(outcomes.sort()).toEqual([
      [refused.code, refused.code],
      ['joined', 'joined'],
    ]);
  });
});
