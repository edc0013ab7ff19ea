/** Each correction of the library: the sequence that needs it, on the installed library and on the published one. */
import * as installed from 'ts-mls';
import type { ClientState, MlsContext, Proposal } from 'ts-mls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../../bytes.js';
import { suite } from '../crypto/suite.js';
import { encodePublic } from '../tree-codec.js';
import type { churn } from './churn.js';
import { publishedLibrary, type Library } from './library.js';
import { expandWithLabel } from './sender-data.js';

let published: Library;
let churnOnPublished: typeof churn;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ library: published, churn: churnOnPublished, remove } = await publishedLibrary());
});
afterAll(() => remove());

// `churn.test.ts` shows that it holds with them.
test('without the corrections the random life of a group breaks', async () => {
  await expect(churnOnPublished({ seed: 1, steps: 100 })).rejects.toThrow('malformed');
});

const basic = installed.defaultCredentialTypes.basic;
const { add, remove: removal } = installed.defaultProposalTypes;

/** A group of so many members, driven through the library's own interface. Members are named by their leaf. */
class Members {
  readonly #library: Library;
  readonly #context: MlsContext;
  readonly states = new Map<number, ClientState>();

  constructor(library: Library) {
    this.#library = library;
    this.#context = { cipherSuite: suite, authService: library.unsafeTestingAuthenticationService };
  }

  async found(size: number): Promise<this> {
    const { publicPackage, privatePackage } = await this.#keyPackage();
    const params = { context: this.#context, groupId: utf8('group'), keyPackage: publicPackage };
    this.states.set(
      0,
      await this.#library.createGroup({ ...params, privateKeyPackage: privatePackage }),
    );
    await this.add(0, size - 1);
    for (let leaf = 0; leaf < size; leaf += 1) await this.commit(leaf, []);
    return this;
  }

  async add(committer: number, count: number): Promise<void> {
    const packages = await Promise.all(Array.from({ length: count }, () => this.#keyPackage()));
    const proposals = packages.map(({ publicPackage }) => ({
      proposalType: add,
      add: { keyPackage: publicPackage },
    }));
    const welcome = await this.commit(committer, proposals);
    if (welcome === undefined) throw new Error('no Welcome');
    for (const { publicPackage, privatePackage } of packages) {
      const params = { context: this.#context, welcome, keyPackage: publicPackage };
      const state = await this.#library.joinGroup({ ...params, privateKeys: privatePackage });
      this.states.set(state.privatePath.leafIndex, state);
    }
  }

  async commit(
    committer: number,
    extraProposals: Proposal[],
  ): Promise<installed.Welcome | undefined> {
    const { newState, commit, welcome } = await this.#library.createCommit({
      context: this.#context,
      state: this.#state(committer),
      extraProposals,
      ratchetTreeExtension: true,
    });
    for (const [leaf, state] of this.states) {
      if (leaf === committer) this.states.set(leaf, newState);
      else {
        const processed = await this.#library.processMessage({
          context: this.#context,
          state,
          message: commit,
        });
        this.states.set(leaf, processed.newState);
      }
    }
    return welcome?.welcome;
  }

  /** Those who stay apply it; the removed ones are returned as they were. */
  async remove(committer: number, ...leaves: number[]): Promise<ClientState[]> {
    const before = leaves.map((leaf) => this.#state(leaf));
    for (const leaf of leaves) this.states.delete(leaf);
    await this.commit(
      committer,
      leaves.map((removed) => ({ proposalType: removal, remove: { removed } })),
    );
    return before;
  }

  get authenticators(): Set<string> {
    return new Set(
      [...this.states.values()].map(({ keySchedule }) => toHex(keySchedule.epochAuthenticator)),
    );
  }

  #state(leaf: number): ClientState {
    const state = this.states.get(leaf);
    if (state === undefined) throw new Error('nobody there');
    return state;
  }

  async #keyPackage() {
    const identity = suite.rng.randomBytes(8);
    return this.#library.generateKeyPackage({
      credential: { credentialType: basic, identity },
      cipherSuite: suite,
    });
  }
}

describe('RFC 9420, section 12.4.3.1: nodes between a leaf and its ancestor list it, others need not', () => {
  const sequence = async (library: Library) => {
    const members = await new Members(library).found(8);
    await members.remove(0, 1, 5);
    await members.commit(6, []);
    await members.commit(2, []);
    // Node 3 now gets leaf 1 alone as unmerged, node 11 leaf 5 alone, and their parent both.
    await members.add(0, 2);
    return members;
  };

  test('a valid Welcome is taken', async () => {
    expect((await sequence(installed)).authenticators.size).toBe(1);
  });
  test('the published library refuses it', async () => {
    await expect(sequence(published)).rejects.toThrow('unmerged_leaves');
  });
});

/** Whether one who knows no more than the epoch before gets into the next: the key schedule of RFC 9420, section 8,
 * with the commit secret that a commit without a path has. */
async function canFollow(before: ClientState, after: ClientState): Promise<boolean> {
  const zero = new Uint8Array(64);
  const encoded = encodePublic({ groupContext: after.groupContext, ratchetTree: [] });
  const context = encoded.subarray(0, encoded.length - 1);
  const intoJoiner = await suite.kdf.extract(before.keySchedule.initSecret, zero);
  const joiner = expandWithLabel(intoJoiner, 'joiner', { context, length: 64 });
  const epoch = expandWithLabel(await suite.kdf.extract(joiner, zero), 'epoch', {
    context,
    length: 64,
  });
  const authenticator = expandWithLabel(epoch, 'authentication', {
    context: new Uint8Array(),
    length: 64,
  });
  return toHex(authenticator) === toHex(after.keySchedule.epochAuthenticator);
}

describe.each([
  ['one of three', [2]],
  ['all others', [1, 2]],
])('RFC 9420, sections 12.4 and 7.4: removing %s', (_name, removed) => {
  const sequence = async (library: Library) => {
    const members = await new Members(library).found(3);
    const [before] = await members.remove(0, ...removed);
    const after = members.states.get(0);
    if (before === undefined || after === undefined) throw new Error('nobody there');
    return canFollow(before, after);
  };

  test('leaves the removed ones behind', async () => {
    expect(await sequence(installed)).toBe(false);
  });
  test('with the published library they can follow', async () => {
    expect(await sequence(published)).toBe(true);
  });
});

describe('RFC 9420, section 7.4: the commit secret follows from the last node of the filtered direct path', () => {
  const sequence = async (library: Library) => {
    const members = await new Members(library).found(4);
    await members.remove(2, 0, 1); // the left half is empty: the root is on no filtered path
    await members.commit(3, []);
    return members;
  };

  test('members whose other half of the tree is empty stay together', async () => {
    expect((await sequence(installed)).authenticators.size).toBe(1);
  });
  test('the published library drives them apart', async () => {
    await expect(sequence(published)).rejects.toThrow('confirmation tag');
  });
});
