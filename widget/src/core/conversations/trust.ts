/** Whose leaves count in a direct conversation: the two accounts', under their pinned keys. */
import { equalBytes } from '../bytes.js';
import type { Context } from '../context.js';
import type { Address } from '../ids.js';
import type { Group, Trust } from '../mls/index.js';
import { putPin, type Draft } from './draft.js';

/** The own account's key is known for certain; the other's is pinned, or is pinned with what it is checked for. */
export function trustIn(context: Context, peer: Address): Trust {
  const { address, accountKey } = context.identity();
  return {
    members: new Set([address, peer]),
    pinned: (of, key) =>
      of === address ? equalBytes(key, accountKey.publicKey) : context.pins.check(of, key),
  };
}

/** Pins the other's account key as the tree shows it, if it was not known. */
export function pinFromTree(draft: Draft, group: Group): void {
  const { peer } = draft.record;
  const leaf = group.members.find(({ address }) => address === peer);
  if (leaf === undefined || draft.context.pins.get(peer) !== undefined) return;
  putPin(draft, peer, { accountKey: leaf.accountKey, verified: false });
}
