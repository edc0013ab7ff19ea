import {
  defaultCredentialTypes,
  encode,
  generateKeyPackageWithKey,
  getCiphersuiteImpl,
  keyPackageDecoder,
  keyPackageEncoder,
  type KeyPackage,
} from 'ts-mls';
import { expect, test } from 'vitest';
import { encodeCredential } from '../identity/index.js';
import { suite } from './crypto/suite.js';
import {
  createGroup,
  generateKeyPackage,
  joinByWelcome,
  verifyKeyPackage,
  type DeviceIdentity,
} from './index.js';
import { newConversationId, person, secondDevice, trustIn } from './test/people.js';

const day = 24 * 3600 * 1000;
const ownerOf = ({ address, accountKey, deviceId }: DeviceIdentity) => ({
  address,
  accountKey: accountKey.publicKey,
  deviceId,
});

function altered(bytes: Uint8Array, change: (keyPackage: KeyPackage) => KeyPackage): Uint8Array {
  const keyPackage = keyPackageDecoder(bytes, 0)?.[0];
  if (keyPackage === undefined) throw new Error('no key package');
  return encode(keyPackageEncoder, change(keyPackage));
}

const flipped = (bytes: Uint8Array) => bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte));

test('a fresh key package of the expected device passes', async () => {
  const bob = await person('bob');
  for (const lastResort of [false, true]) {
    const { publicBytes, ref } = await generateKeyPackage(bob, { lastResort });
    const owner = await verifyKeyPackage(publicBytes, ownerOf(bob));
    expect(owner).toMatchObject({ address: bob.address, deviceId: bob.deviceId });
    expect(ref).toMatch(/^[0-9a-f]{128}$/);
    expect(publicBytes.length).toBeLessThan(8_192);
  }
});

test('each lies within its lifetime', async () => {
  const bob = await person('bob');
  const now = Date.now();
  const { publicBytes } = await generateKeyPackage(bob, { now });
  const at = (time: number) => verifyKeyPackage(publicBytes, ownerOf(bob), time);
  await expect(at(now + 89 * day)).resolves.toBeDefined();
  await expect(at(now + 91 * day)).rejects.toMatchObject({ code: 'key_package_refused' });
  await expect(at(now - 2 * day)).rejects.toMatchObject({ code: 'key_package_refused' });
});

test("another account's, another device's and another key's package is refused", async () => {
  const bob = await person('bob');
  const phone = await secondDevice(bob);
  const impostor = await person('bob');
  const mallory = await person('mallory');
  const refused = { code: 'key_package_refused' };
  for (const other of [phone, impostor, mallory]) {
    const { publicBytes } = await generateKeyPackage(other);
    await expect(verifyKeyPackage(publicBytes, ownerOf(bob))).rejects.toMatchObject(refused);
  }
  const { address, accountKey } = ownerOf(bob);
  const { publicBytes } = await generateKeyPackage(phone);
  await expect(verifyKeyPackage(publicBytes, { address, accountKey })).resolves.toBeDefined();
});

test("a certificate made by another account's key is refused", async () => {
  const bob = await person('bob');
  const mallory = await person('mallory');
  // Mallory's device says it is Bob's, with Bob's public key, and Mallory's certificate.
  const { publicBytes } = await generateKeyPackage({
    ...mallory,
    address: bob.address,
    accountKey: bob.accountKey,
  });
  const { address, accountKey } = ownerOf(bob);
  await expect(verifyKeyPackage(publicBytes, { address, accountKey })).rejects.toMatchObject({
    code: 'credential_refused',
  });
});

test('a wrong signature on package or leaf is refused, before anything is added', async () => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const { publicBytes } = await generateKeyPackage(bob);
  const refused = { code: 'key_package_refused' };
  const badPackage = altered(publicBytes, (keyPackage) => ({
    ...keyPackage,
    signature: flipped(keyPackage.signature),
  }));
  await expect(verifyKeyPackage(badPackage, ownerOf(bob))).rejects.toMatchObject(refused);
  const badInit = altered(publicBytes, (keyPackage) => ({
    ...keyPackage,
    initKey: flipped(keyPackage.initKey),
  }));
  await expect(verifyKeyPackage(badInit, ownerOf(bob))).rejects.toMatchObject(refused);
  const badLeaf = altered(publicBytes, (keyPackage) => ({
    ...keyPackage,
    leafNode: { ...keyPackage.leafNode, signature: flipped(keyPackage.leafNode.signature) },
  }));
  const trust = trustIn(alice, bob);
  const founding = {
    identity: alice,
    conversationId: newConversationId(),
    keyPackages: [badLeaf],
    trust,
  };
  await expect(createGroup(founding)).rejects.toMatchObject(refused);
});

test('a package of another suite is refused', async () => {
  const bob = await person('bob');
  const other = await getCiphersuiteImpl('MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519');
  const { publicPackage } = await generateKeyPackageWithKey({
    cipherSuite: other,
    credential: { credentialType: defaultCredentialTypes.basic, identity: encodeCredential(bob) },
    signatureKeyPair: { publicKey: bob.deviceKey.publicKey, signKey: bob.deviceKey.privateKey },
  });
  await expect(
    verifyKeyPackage(encode(keyPackageEncoder, publicPackage), ownerOf(bob)),
  ).rejects.toMatchObject({
    code: 'suite_unsupported',
  });
});

test('a life longer than the bound, and one key in two roles, are refused', async () => {
  const bob = await person('bob');
  const make = async (change: (keyPackage: KeyPackage) => KeyPackage) =>
    altered((await generateKeyPackage(bob)).publicBytes, change);
  const eternal = await make((keyPackage) => ({
    ...keyPackage,
    leafNode: { ...keyPackage.leafNode, lifetime: { notBefore: 0n, notAfter: 1n << 62n } },
  }));
  const oneKey = await make((keyPackage) => ({
    ...keyPackage,
    initKey: keyPackage.leafNode.hpkePublicKey,
  }));
  for (const bytes of [eternal, oneKey]) {
    await expect(verifyKeyPackage(bytes, ownerOf(bob))).rejects.toMatchObject({
      code: 'key_package_refused',
    });
  }
});

test('malformed bytes are refused', async () => {
  const bob = await person('bob');
  const { publicBytes } = await generateKeyPackage(bob);
  for (const bytes of [
    new Uint8Array(),
    publicBytes.subarray(1),
    Uint8Array.of(...publicBytes, 0),
    suite.rng.randomBytes(500),
  ]) {
    await expect(verifyKeyPackage(bytes, ownerOf(bob))).rejects.toMatchObject({
      code: 'malformed',
    });
  }
});

test('a Welcome opens with its own key package alone, and for its own conversation', async () => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const trust = trustIn(alice, bob);
  const conversationId = newConversationId();
  const package_ = await generateKeyPackage(bob);
  const { welcome } = await createGroup({
    identity: alice,
    conversationId,
    keyPackages: [package_.publicBytes],
    trust,
  });
  const joining = {
    identity: bob,
    conversationId,
    welcome,
    privateBytes: package_.privateBytes,
    trust,
  };
  const { privateBytes } = await generateKeyPackage(bob);
  await expect(joinByWelcome({ ...joining, privateBytes })).rejects.toMatchObject({
    code: 'welcome_unknown',
  });
  const elsewhere = { ...joining, conversationId: newConversationId() };
  await expect(joinByWelcome(elsewhere)).rejects.toMatchObject({ code: 'malformed' });
  await expect(joinByWelcome({ ...joining, trust: trustIn(bob) })).rejects.toMatchObject({
    code: 'credential_refused',
  });
  await expect(joinByWelcome({ ...joining, welcome: flipped(welcome) })).rejects.toMatchObject({
    code: 'malformed',
  });
  await expect(joinByWelcome(joining)).resolves.toBeDefined();
});
