import { expect, test } from 'vitest';
import { utf8 } from '../bytes.js';
import { certifyDevice, newDeviceId } from '../identity/index.js';
import {
  commit,
  contentBytesMax,
  createGroup,
  encrypt,
  epochAuthenticator,
  exporter,
  generateKeyPackage,
  joinByWelcome,
  joinExternally,
  MlsError,
  open,
  paddedLength,
  wipe,
  type Group,
  type Opened,
  type Trust,
} from './index.js';
import {
  foundCarelessly,
  join,
  joinCarelessly,
  newConversationId,
  pair,
  person,
  secondDevice,
  trustIn,
} from './test/people.js';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const callExport = { label: 'SFrame 1.0 Base Key', context: utf8('call'), length: 64 };

async function openedContent(group: Group, bytes: Uint8Array, trust: Trust) {
  const opened = await open(group, bytes, trust);
  if (opened.kind !== 'application') throw new Error('expected a message');
  return opened;
}

async function openedCommit(
  group: Group,
  bytes: Uint8Array,
  trust: Trust,
): Promise<Extract<Opened, { kind: 'commit' }>> {
  const opened = await open(group, bytes, trust);
  if (opened.kind !== 'commit') throw new Error('expected a commit');
  return opened;
}

test('two people found a group and read each other', async () => {
  const { alice, bob, trust, aliceGroup, bobGroup } = await pair();
  expect(bobGroup.epoch).toBe(1);
  expect(bobGroup.members).toEqual(aliceGroup.members);
  expect(bobGroup.members.map(({ address }) => address)).toEqual([alice.address, bob.address]);

  const hello = await encrypt(aliceGroup, utf8('hello'));
  const atBob = await openedContent(bobGroup, hello.ciphertext, trust);
  expect(text(atBob.content)).toBe('hello');
  expect(atBob.sender).toEqual(bobGroup.members[0]);
  expect(atBob.epoch).toBe(1);

  const answer = await encrypt(atBob.group, utf8('hi'));
  const atAlice = await openedContent(hello.group, answer.ciphertext, trust);
  expect(text(atAlice.content)).toBe('hi');
  expect(atAlice.sender.deviceId).toBe(bob.deviceId);
});

test('the state before a transition stays usable until its secrets are wiped', async () => {
  const { trust, aliceGroup, bobGroup } = await pair();
  const { ciphertext } = await encrypt(aliceGroup, utf8('once'));
  const first = await openedContent(bobGroup, ciphertext, trust);
  // The write failed: the same bytes are opened again from the same state.
  expect(text((await openedContent(bobGroup, ciphertext, trust)).content)).toBe('once');
  wipe(first.consumed);
  await expect(open(first.group, ciphertext, trust)).rejects.toMatchObject({
    code: 'undecryptable',
  });
  const next = await encrypt((await encrypt(aliceGroup, utf8('x'))).group, utf8('two'));
  expect(text((await openedContent(first.group, next.ciphertext, trust)).content)).toBe('two');
});

test('messages overtake each other, and each opens once', async () => {
  const { trust, aliceGroup, bobGroup } = await pair();
  const one = await encrypt(aliceGroup, utf8('1'));
  const two = await encrypt(one.group, utf8('2'));
  const afterTwo = await openedContent(bobGroup, two.ciphertext, trust);
  const afterOne = await openedContent(afterTwo.group, one.ciphertext, trust);
  expect(text(afterOne.content)).toBe('1');
  for (const { ciphertext } of [one, two]) {
    await expect(open(afterOne.group, ciphertext, trust)).rejects.toMatchObject({
      code: 'undecryptable',
    });
  }
});

test('sizes tell the bucket and no more', async () => {
  const { trust, aliceGroup, bobGroup } = await pair();
  const size = async (length: number) =>
    (await encrypt(aliceGroup, new Uint8Array(length))).ciphertext.length;
  expect(await size(0)).toBe(await size(186));
  expect(await size(187)).toBeGreaterThan(await size(186));
  expect(paddedLength(186)).toBe(256);
  expect(paddedLength(187)).toBe(512);
  expect(paddedLength(contentBytesMax)).toBe(32_768);
  expect(await size(contentBytesMax)).toBeLessThan(65_536);
  const longest = await encrypt(aliceGroup, new Uint8Array(contentBytesMax).fill(7));
  expect((await openedContent(bobGroup, longest.ciphertext, trust)).content).toHaveLength(
    contentBytesMax,
  );
  await expect(encrypt(aliceGroup, new Uint8Array(contentBytesMax + 1))).rejects.toThrow(
    RangeError,
  );
});

test('a commit adds a device, gives everyone new secrets, and late messages of the old epoch still open', async () => {
  const { alice, bob, trust, conversationId, aliceGroup, bobGroup } = await pair();
  const phone = await secondDevice(bob);
  const package_ = await generateKeyPackage(phone);
  const late = await encrypt(bobGroup, utf8('late'));
  const added = await commit(aliceGroup, { add: [package_.publicBytes], trust });
  if (added.welcome === undefined) throw new Error('no Welcome');
  const atBob = await openedCommit(late.group, added.commit, trust);
  expect(atBob.added.map(({ deviceId }) => deviceId)).toEqual([phone.deviceId]);
  expect(atBob.committer.deviceId).toBe(alice.deviceId);
  const atPhone = await join({
    identity: phone,
    package_,
    welcome: added.welcome,
    conversationId,
    trust,
  });

  const groups = [added.group, atBob.group, atPhone];
  const secrets = await Promise.all(groups.map((group) => exporter(group, callExport)));
  expect(secrets[1]).toEqual(secrets[0]);
  expect(secrets[2]).toEqual(secrets[0]);
  expect(await exporter(aliceGroup, callExport)).not.toEqual(secrets[0]);
  expect(text((await openedContent(added.group, late.ciphertext, trust)).content)).toBe('late');
});

test('of two commits in one epoch the loser applies the winner and tries again', async () => {
  const { trust, aliceGroup, bobGroup } = await pair();
  const winner = await commit(aliceGroup, { trust });
  const loser = await commit(bobGroup, { trust });
  const bobAfter = await openedCommit(bobGroup, winner.commit, trust);
  await expect(open(winner.group, loser.commit, trust)).rejects.toMatchObject({
    code: 'epoch_unknown',
  });
  const again = await commit(bobAfter.group, { trust });
  const aliceAfter = await openedCommit(winner.group, again.commit, trust);
  expect(epochAuthenticator(aliceAfter.group)).toEqual(epochAuthenticator(again.group));
  expect(aliceAfter.added).toEqual([]);
});

test('a removed device learns it and cannot follow', async () => {
  const { bob, trust, aliceGroup, bobGroup } = await pair();
  const removal = await commit(aliceGroup, { remove: [1], trust });
  const atBob = await openedCommit(bobGroup, removal.commit, trust);
  expect(atBob.selfRemoved).toBe(true);
  expect(atBob.removed.map(({ deviceId }) => deviceId)).toEqual([bob.deviceId]);
  const secret = await encrypt(removal.group, utf8('without bob'));
  await expect(open(atBob.group, secret.ciphertext, trust)).rejects.toMatchObject({
    code: 'epoch_unknown',
  });
});

test('a device that lost its state rejoins in its own place', async () => {
  const { bob, trust, conversationId, aliceGroup, groupInfo } = await pair();
  const rejoined = await joinExternally({ identity: bob, conversationId, groupInfo, trust });
  expect(rejoined.epoch).toBe(1);
  const atAlice = await openedCommit(aliceGroup, rejoined.commit, trust);
  expect(atAlice.added).toEqual([]);
  expect(atAlice.removed).toEqual([]);
  expect(atAlice.committer.deviceId).toBe(bob.deviceId);
  const message = await encrypt(rejoined.group, utf8('back'));
  expect(text((await openedContent(atAlice.group, message.ciphertext, trust)).content)).toBe(
    'back',
  );
});

test('a new device of an account joins by itself, and the old copy of a device learns that it was replaced', async () => {
  const { bob, trust, conversationId, aliceGroup, bobGroup, groupInfo } = await pair();
  const phone = await secondDevice(bob);
  const joined = await joinExternally({ identity: phone, conversationId, groupInfo, trust });
  const atAlice = await openedCommit(aliceGroup, joined.commit, trust);
  expect(atAlice.added.map(({ deviceId }) => deviceId)).toEqual([phone.deviceId]);

  const atBob = await openedCommit(bobGroup, joined.commit, trust);
  const restored = await joinExternally({
    identity: bob,
    conversationId,
    groupInfo: joined.groupInfo,
    trust,
  });
  expect((await openedCommit(atBob.group, restored.commit, trust)).selfRemoved).toBe(true);
});

test('a stranger cannot join, be added, or add', async () => {
  const { alice, bob, trust, conversationId, aliceGroup, bobGroup, groupInfo } = await pair();
  const mallory = await person('mallory');
  const theirs = trustIn(alice, bob, mallory);
  const external = await joinExternally({
    identity: mallory,
    conversationId,
    groupInfo,
    trust: theirs,
  });
  await expect(open(aliceGroup, external.commit, trust)).rejects.toMatchObject({
    code: 'credential_refused',
  });

  const { publicBytes } = await generateKeyPackage(mallory);
  const refusal = { code: 'credential_refused' };
  await expect(commit(aliceGroup, { add: [publicBytes], trust })).rejects.toMatchObject(refusal);
  const byBob = await commit(bobGroup, { add: [publicBytes], trust: theirs });
  await expect(open(aliceGroup, byBob.commit, trust)).rejects.toMatchObject(refusal);
});

test('another account key under the same address is refused', async () => {
  const { alice, bob, trust, conversationId, aliceGroup, groupInfo } = await pair();
  const impostor = await person('bob');
  const believing = { members: trust.members, pinned: () => true };
  const refusal = { code: 'credential_refused' };
  await expect(
    joinExternally({ identity: impostor, conversationId, groupInfo, trust: believing }),
  ).rejects.toMatchObject(refusal);
  const external = await joinCarelessly(impostor, { conversationId, groupInfo });
  // With a pin, and also before there is one.
  for (const each of [trust, believing])
    await expect(open(aliceGroup, external, each)).rejects.toMatchObject(refusal);
  expect(alice.address).not.toBe(bob.address);
});

test('at first contact, a leaf under a second key of the same address is refused', async () => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  // The server's own leaf: it calls itself Bob, and hides behind the true Bob, whose key would be pinned and compared.
  const impostor = await person('bob');
  const believing = {
    members: new Set([alice.address, bob.address]),
    pinned: () => true,
  };
  const conversationId = newConversationId();
  const [forAlice, forBob] = [await generateKeyPackage(alice), await generateKeyPackage(bob)];
  const refusal = { code: 'credential_refused' };
  await expect(
    createGroup({
      identity: impostor,
      conversationId,
      keyPackages: [forBob.publicBytes, forAlice.publicBytes],
      trust: believing,
    }),
  ).rejects.toMatchObject(refusal);

  // Its own software need not look so closely.
  const { welcome, groupInfo } = await foundCarelessly(impostor, conversationId, [
    forBob,
    forAlice,
  ]);
  await expect(
    joinByWelcome({
      identity: alice,
      conversationId,
      welcome,
      privateBytes: forAlice.privateBytes,
      trust: believing,
    }),
  ).rejects.toMatchObject(refusal);
  await expect(
    joinExternally({ identity: alice, conversationId, groupInfo, trust: believing }),
  ).rejects.toMatchObject(refusal);
});

test('an external commit removes nobody else', async () => {
  const { bob, trust, conversationId, aliceGroup, groupInfo } = await pair();
  // The account vouches for the first device's key under a second id: it is not the same device for all that.
  const { address, accountKey, deviceKey } = bob;
  const deviceId = newDeviceId();
  const certificate = await certifyDevice(accountKey, {
    address,
    deviceId,
    signatureKey: deviceKey.publicKey,
  });
  const double = { ...bob, deviceId, certificate };
  const taking = await joinExternally({ identity: double, conversationId, groupInfo, trust });
  await expect(open(aliceGroup, taking.commit, trust)).rejects.toMatchObject({
    code: 'credential_refused',
  });
});

test('an external commit for another conversation is refused', async () => {
  const { trust, aliceGroup } = await pair();
  const other = await pair();
  const joined = await joinExternally({ ...other, identity: other.bob });
  await expect(open(aliceGroup, joined.commit, trust)).rejects.toMatchObject({ code: 'malformed' });
});

test('hostile bytes are refused with a code and nothing more', async () => {
  const { trust, aliceGroup, bobGroup } = await pair();
  const other = await pair();
  const { ciphertext } = await encrypt(aliceGroup, utf8('hello'));
  const refusals: [Uint8Array, string][] = [
    [new Uint8Array(), 'malformed'],
    [ciphertext.subarray(0, -1), 'malformed'],
    [Uint8Array.of(...ciphertext, 0), 'malformed'],
    [(await encrypt(other.aliceGroup, utf8('hello'))).ciphertext, 'malformed'],
    [(await generateKeyPackage(other.alice)).publicBytes, 'malformed'],
    [other.groupInfo, 'malformed'],
  ];
  for (const [bytes, code] of refusals)
    await expect(open(bobGroup, bytes, trust)).rejects.toMatchObject({ code });
  // Every single bit counts: content, authenticated header, encrypted sender.
  for (let index = 0; index < ciphertext.length; index += 1) {
    const altered = ciphertext.slice();
    altered[index] = (altered[index] ?? 0) ^ (1 << (index % 8));
    await expect(open(bobGroup, altered, trust)).rejects.toThrow(MlsError);
  }
  expect((await openedContent(bobGroup, ciphertext, trust)).kind).toBe('application');
});

test('random bytes behind a valid prefix never get further than an MlsError', async () => {
  const { trust, conversationId, alice, aliceGroup, bobGroup, groupInfo } = await pair();
  const commitBytes = (await commit(aliceGroup, { trust })).commit;
  for (let length = 0; length < commitBytes.length; length += 37) {
    await expect(open(bobGroup, commitBytes.slice(0, length), trust)).rejects.toThrow(MlsError);
  }
  for (let length = 0; length < groupInfo.length; length += 211) {
    const cut = groupInfo.slice(0, length);
    await expect(
      joinExternally({ identity: alice, conversationId, groupInfo: cut, trust }),
    ).rejects.toThrow(MlsError);
  }
});
