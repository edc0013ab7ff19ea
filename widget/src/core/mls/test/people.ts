/** People, devices and their trust in one another, for the tests of the MLS layer. */
import { equalBytes, randomBytes, toBase64Url } from '../../bytes.js';
import type { Address, ConversationId } from '../../ids.js';
import { createAccountIdentity, createDevice } from '../../identity/index.js';
import { createGroup, generateKeyPackage, joinByWelcome, welcomeRefs } from '../index.js';
import type { DeviceIdentity, Group, KeyPackagePair, Trust } from '../index.js';

export const addressOf = (handle: string): Address => `@${handle}@shop.example` as Address;
export const newConversationId = (): ConversationId =>
  toBase64Url(randomBytes(16)) as ConversationId;

export const person = (handle: string): Promise<DeviceIdentity> =>
  createAccountIdentity(addressOf(handle));
export const secondDevice = (first: DeviceIdentity): Promise<DeviceIdentity> =>
  createDevice(first.address, first.accountKey);

/** Trusts exactly these accounts, with exactly these keys. */
export function trustIn(...identities: DeviceIdentity[]): Trust {
  const pins = new Map(
    identities.map(({ address, accountKey }) => [address, accountKey.publicKey]),
  );
  return {
    members: new Set(pins.keys()),
    pinned: (address, accountKey) => equalBytes(pins.get(address) ?? new Uint8Array(), accountKey),
  };
}

export interface Pair {
  alice: DeviceIdentity;
  bob: DeviceIdentity;
  trust: Trust;
  conversationId: ConversationId;
  aliceGroup: Group;
  bobGroup: Group;
  groupInfo: Uint8Array;
}

/** Two people with one device each, in epoch 1. */
export async function pair(): Promise<Pair> {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const trust = trustIn(alice, bob);
  const conversationId = newConversationId();
  const package_ = await generateKeyPackage(bob);
  const { group, welcome, groupInfo } = await createGroup({
    identity: alice,
    conversationId,
    keyPackages: [package_.publicBytes],
    trust,
  });
  const bobGroup = await join({ identity: bob, package_, welcome, conversationId, trust });
  return { alice, bob, trust, conversationId, aliceGroup: group, bobGroup, groupInfo };
}

export async function join(input: {
  identity: DeviceIdentity;
  package_: KeyPackagePair;
  welcome: Uint8Array;
  conversationId: ConversationId;
  trust: Trust;
}): Promise<Group> {
  const { identity, package_, welcome, conversationId, trust } = input;
  if (!welcomeRefs(welcome).includes(package_.ref))
    throw new Error('the Welcome is not for this package');
  const { privateBytes } = package_;
  return (await joinByWelcome({ identity, conversationId, welcome, privateBytes, trust })).group;
}
