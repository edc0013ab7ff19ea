/** People, devices and their trust in one another, for the tests of the MLS layer. */
import {
  createCommit,
  createGroup as createLibraryGroup,
  defaultProposalTypes,
  joinGroupExternal,
  proposalOrRefTypes,
  protocolVersions,
  unsafeTestingAuthenticationService,
  wireformats,
  type Proposal,
} from 'ts-mls';
import { equalBytes, randomBytes, toBase64Url } from '../../bytes.js';
import type { Address, ConversationId } from '../../ids.js';
import { createAccountIdentity, createDevice } from '../../identity/index.js';
import { suite } from '../crypto/suite.js';
import { decodeGroupInfo, encodeMessage, groupIdOf } from '../framing.js';
import { encodeGroupInfo } from '../group-info.js';
import { createGroup, generateKeyPackage, joinByWelcome, welcomeRefs } from '../index.js';
import { decodeKeyPackage, decodeKeyPackagePair } from '../key-package.js';
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

const careless = { cipherSuite: suite, authService: unsafeTestingAuthenticationService };

interface CarelessJoin {
  conversationId: ConversationId;
  groupInfo: Uint8Array;
  /** Put into it after it was signed. */
  extra?: Proposal[];
}

/** An external commit by the library alone, as somebody's own software would make it: without a rule of ours. */
export async function joinCarelessly(
  identity: DeviceIdentity,
  { conversationId, groupInfo, extra = [] }: CarelessJoin,
): Promise<Uint8Array> {
  const own = decodeKeyPackagePair((await generateKeyPackage(identity)).privateBytes);
  const { publicMessage } = await joinGroupExternal({
    context: careless,
    groupInfo: decodeGroupInfo(groupInfo, conversationId),
    keyPackage: own.publicPackage,
    privateKeys: own.privatePackage,
    resync: false,
  });
  const { content } = publicMessage;
  if (!('commit' in content)) throw new Error('no commit');
  for (const proposal of extra)
    content.commit.proposals.push({ proposalOrRefType: proposalOrRefTypes.proposal, proposal });
  const { mls10: version } = protocolVersions;
  return encodeMessage({ version, wireformat: wireformats.mls_public_message, publicMessage });
}

/** Founds a group in the same way. */
export async function foundCarelessly(
  identity: DeviceIdentity,
  conversationId: ConversationId,
  keyPackages: readonly KeyPackagePair[],
): Promise<{ welcome: Uint8Array; groupInfo: Uint8Array }> {
  const own = decodeKeyPackagePair((await generateKeyPackage(identity)).privateBytes);
  const founded = await createLibraryGroup({
    context: careless,
    groupId: groupIdOf(conversationId),
    keyPackage: own.publicPackage,
    privateKeyPackage: own.privatePackage,
  });
  const extraProposals = keyPackages.map(({ publicBytes }): Proposal => ({
    proposalType: defaultProposalTypes.add,
    add: { keyPackage: decodeKeyPackage(publicBytes) },
  }));
  const { welcome, newState } = await createCommit({
    context: careless,
    state: founded,
    extraProposals,
    ratchetTreeExtension: true,
  });
  if (welcome === undefined) throw new Error('nobody was added');
  const group = { state: newState } as unknown as Group;
  return { welcome: encodeMessage(welcome), groupInfo: await encodeGroupInfo(group) };
}
