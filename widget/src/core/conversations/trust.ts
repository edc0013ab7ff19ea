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

/** Whether every leaf is of the two accounts, under the keys that are pinned now. Each was checked when it came in;
 * asked again whenever something is encrypted, so that nothing which happens to the pins meanwhile (a key accepted,
 * two first contacts at once) leaves a group in use whose leaves are not the pinned ones. */
export function isTrusted(context: Context, peer: Address, { members }: Group): boolean {
  const trust = trustIn(context, peer);
  return members.every(
    ({ address, accountKey }) => trust.members.has(address) && trust.pinned(address, accountKey),
  );
}

/** Pins the other's account key as the tree shows it, if it was not known. */
export function pinFromTree(draft: Draft, group: Group): void {
  const { peer } = draft.record;
  const leaf = group.members.find(({ address }) => address === peer);
  if (leaf === undefined || draft.context.pins.get(peer) !== undefined) return;
  putPin(draft, peer, { accountKey: leaf.accountKey, verified: false });
}
