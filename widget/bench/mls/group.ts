/** Groups of many devices, for measuring. */
import { equalBytes, randomBytes, toBase64Url } from '../../src/core/bytes.js';
import type { Address, ConversationId } from '../../src/core/ids.js';
import { createAccountIdentity } from '../../src/core/identity/index.js';
import {
  createGroup,
  generateKeyPackage,
  joinByWelcome,
  type DeviceIdentity,
  type Group,
  type KeyPackagePair,
  type Trust,
} from '../../src/core/mls/index.js';

/** People with a key package each, who trust one another. */
export interface People {
  founder: DeviceIdentity;
  other: DeviceIdentity;
  /** The other's. */
  keyPackage: KeyPackagePair;
  /** Of all but the founder. */
  keyPackages: Uint8Array[];
  trust: Trust;
}

/** @param count 2 or more. */
export async function gather(count: number): Promise<People> {
  const identities: DeviceIdentity[] = [];
  for (let index = 0; index < count; index += 1)
    identities.push(await createAccountIdentity(`@person${String(index)}@shop.example` as Address));
  const pins = new Map(
    identities.map(({ address, accountKey }) => [address, accountKey.publicKey]),
  );
  const [founder, ...others] = identities;
  const packages: KeyPackagePair[] = [];
  for (const identity of others) packages.push(await generateKeyPackage(identity));
  const [other, keyPackage] = [others[0], packages[0]];
  if (founder === undefined || other === undefined || keyPackage === undefined)
    throw new RangeError('a group has two members at least');
  return {
    founder,
    other,
    keyPackage,
    keyPackages: packages.map(({ publicBytes }) => publicBytes),
    trust: {
      members: new Set(pins.keys()),
      pinned: (address, key) => equalBytes(pins.get(address) ?? new Uint8Array(), key),
    },
  };
}

/** A fresh group of all of them. */
export const found = ({ founder, keyPackages, trust }: People) =>
  createGroup({
    identity: founder,
    conversationId: toBase64Url(randomBytes(16)) as ConversationId,
    keyPackages,
    trust,
  });

/** The other's way into it. */
export async function enter(
  { other, keyPackage, trust }: People,
  { group, welcome }: { group: Group; welcome: Uint8Array },
): Promise<Group> {
  const { conversationId } = group;
  const { privateBytes } = keyPackage;
  return (await joinByWelcome({ identity: other, conversationId, welcome, privateBytes, trust }))
    .group;
}
