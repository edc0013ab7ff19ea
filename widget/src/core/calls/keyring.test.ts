import { expect, test } from 'vitest';
import { randomBytes, toBase64Url } from '../bytes.js';
import type { CallId, DeviceId } from '../ids.js';
import { commit, exporter, open, type Group } from '../mls/index.js';
import { pair } from '../mls/test/people.js';
import { CallCipher, newPublication } from '../sframe/index.js';
import { Keyring, type CallGroup } from './keyring.js';
import { safetyCode, safetyCodeNames } from './safety-code.js';

const newCallId = () => toBase64Url(randomBytes(16)) as CallId;
const callGroup = (group: Group): CallGroup => ({
  epoch: group.epoch,
  ownLeafIndex: group.ownLeafIndex,
  members: group.members,
  exporter: (use) => exporter(group, use),
});

async function keyringOf(group: Group, callId: CallId): Promise<Keyring> {
  const keyring = new Keyring(callId);
  await keyring.take(callGroup(group));
  return keyring;
}

const cipherOf = (keyring: Keyring): CallCipher => {
  const cipher = new CallCipher();
  cipher.setKeys(keyring.keys());
  return cipher;
};

test('two members of a group hear each other, through a change of epoch', async () => {
  const { alice, trust, aliceGroup, bobGroup } = await pair();
  const callId = newCallId();
  const [atAlice, atBob] = [await keyringOf(aliceGroup, callId), await keyringOf(bobGroup, callId)];
  const said = { device: alice.deviceId, salt: atAlice.salt };
  const [sending, receiving] = [cipherOf(atAlice), cipherOf(atBob)];
  const microphone = newPublication('audio');
  const passes = async () => {
    const frame = randomBytes(80);
    const sealed = await sending.seal(microphone, frame);
    if (sealed === null) throw new Error('not sealed');
    return (await receiving.open('audio', sealed, alice.deviceId)) !== null;
  };
  // Nobody opens what is under a salt that was not said.
  expect(await passes()).toBe(false);
  atBob.learn([said]);
  receiving.setKeys(atBob.keys());
  expect(await passes()).toBe(true);

  const update = await commit(aliceGroup, { trust });
  expect(await atAlice.take(callGroup(update.group))).toBe(true);
  sending.setKeys(atAlice.keys());
  // The other has not applied the commit yet: frames still leave under the old epoch.
  expect(await passes()).toBe(true);
  const applied = await open(bobGroup, update.commit, trust);
  await atBob.take(callGroup(applied.group));
  receiving.setKeys(atBob.keys());
  atAlice.switchToNewest();
  sending.setKeys(atAlice.keys());
  expect(await passes()).toBe(true);
  for (const keyring of [atAlice, atBob]) keyring.dropOld();
  expect(atBob.keys().epochs).toHaveLength(1);
  receiving.setKeys(atBob.keys());
  expect(await passes()).toBe(true);
});

test('two calls in one epoch have nothing in common', async () => {
  const { aliceGroup } = await pair();
  const [one, two] = [
    await keyringOf(aliceGroup, newCallId()),
    await keyringOf(aliceGroup, newCallId()),
  ];
  expect(one.keys().epochs[0]?.baseKey).not.toEqual(two.keys().epochs[0]?.baseKey);
  expect(await one.safetyCode()).not.toEqual(await two.safetyCode());
});

test('two epochs in quick succession leave something to send with', async () => {
  const { trust, aliceGroup } = await pair();
  const keyring = await keyringOf(aliceGroup, newCallId());
  let group = aliceGroup;
  for (let count = 0; count < 3; count += 1) {
    ({ group } = await commit(group, { trust }));
    await keyring.take(callGroup(group));
    expect(keyring.keys().epochs.filter(({ send }) => send)).toHaveLength(1);
  }
  keyring.switchToNewest();
  expect(keyring.keys().epochs.find(({ send }) => send)?.epoch).toBe(group.epoch);
  expect(await keyring.take(callGroup(group))).toBe(false);
});

test('what a device said counts for that device alone, the latest of it, and never for one’s own', async () => {
  const { alice, bob, aliceGroup } = await pair();
  const keyring = await keyringOf(aliceGroup, newCallId());
  const own = keyring.salt;
  const [first, second] = [newCallId(), newCallId()];
  const saltsOf = () =>
    keyring.keys().senders.map(({ device, salt }) => [device, salt && toBase64Url(salt)]);
  expect(saltsOf()).toEqual([
    [alice.deviceId, own],
    [bob.deviceId, undefined],
  ]);
  for (const salt of [first, second]) {
    keyring.learn([
      { device: bob.deviceId, salt },
      { device: alice.deviceId, salt },
      { device: newCallId() as string as DeviceId, salt },
    ]);
    expect(saltsOf()).toEqual([
      [alice.deviceId, own],
      [bob.deviceId, salt],
    ]);
  }
});

test('a leaf beyond what key ids hold cannot call', async () => {
  const { aliceGroup } = await pair();
  const keyring = new Keyring(newCallId());
  await expect(keyring.take({ ...callGroup(aliceGroup), ownLeafIndex: 512 })).rejects.toThrow(
    RangeError,
  );
});

test('the safety code is the same on both ends, and made of 64 different signs', async () => {
  const { aliceGroup, bobGroup } = await pair();
  const callId = newCallId();
  const code = await (await keyringOf(aliceGroup, callId)).safetyCode();
  expect(code).toHaveLength(4);
  expect(await (await keyringOf(bobGroup, callId)).safetyCode()).toEqual(code);
  expect(new Set(safetyCodeNames).size).toBe(64);
  expect(
    safetyCode(Uint8Array.from({ length: 64 }, (_, index) => index)).map(({ name }) => name),
  ).toEqual(safetyCodeNames);
  expect(
    new Set(
      safetyCode(Uint8Array.from({ length: 64 }, (_, index) => index)).map(({ emoji }) => emoji),
    ).size,
  ).toBe(64);
});
