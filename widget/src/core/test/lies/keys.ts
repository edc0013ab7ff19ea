/** Lies about who somebody is: account keys, certificates, key packages. */
import { expect } from 'vitest';
import type { StoredIdentity } from '../../account/account.js';
import { certifyDevice, createDevice, generateSigningKey } from '../../identity/index.js';
import { generateKeyPackage, type DeviceIdentity } from '../../mls/index.js';
import type { Address, ConversationId } from '../../ids.js';
import type { AccountCard } from '../../transport/contract.js';
import { addressOf, open, until, type Person } from '../person.js';
import { hasTexts } from '../world.js';
import type { Proxy } from './proxy.js';
import type { Lie, Stage } from './stage.js';

const identityOf = async ({ store }: Person): Promise<DeviceIdentity> =>
  ((await store.get('meta', ['identity'])) as StoredIdentity).identity;

const cardOf = ({ address, accountKey, deviceId, deviceKey, certificate }: DeviceIdentity) => ({
  address,
  accountKey: accountKey.publicKey,
  devices: [{ id: deviceId, signatureKey: deviceKey.publicKey, certificate }],
});

/** Answers `accounts.lookUp` by a card that is made of the honest one. */
const cardLie = (change: (card: AccountCard) => unknown): Proxy['lies'] => ({
  answer: ({ path }, data) =>
    path === 'accounts.lookUp' && data !== null ? change(data as AccountCard) : data,
});

/** An account of the server's own making, in somebody's name. */
async function impostorOf(
  address: Address,
): Promise<{ identity: DeviceIdentity; lies: Proxy['lies'] }> {
  const identity = await createDevice(address, await generateSigningKey());
  const { publicBytes } = await generateKeyPackage(identity);
  const keyPackage = { deviceId: identity.deviceId, keyPackage: publicBytes };
  const lies: Proxy['lies'] = {
    instead: ({ path, input }) => {
      const asked = (input as { address?: string; peer?: string } | undefined) ?? {};
      if (path === 'accounts.lookUp' && asked.address === address)
        return { data: cardOf(identity) };
      if (path === 'devices.claimKeyPackages' && asked.address === address)
        return { data: [keyPackage] };
      if (path !== 'conversations.create') return undefined;
      const { conversationId } = input as { conversationId: ConversationId };
      return { data: { status: 'created', conversationId } };
    },
  };
  return { identity, lies };
}

const numberOf = async ({ client }: Person, conversationId: ConversationId): Promise<string> =>
  (await client.run<'safety_number'>({ type: 'safety_number', conversationId })).groups.join(' ');

/** Bo looks somebody up whom he never met, and is told that the answer does not hold. */
async function refusesCarol(stage: Stage, lieOf: (carol: Person) => Promise<Proxy['lies']>) {
  const carol = await stage.world.somebody('carol');
  const known = stage.bo.client.snapshot.conversations.length;
  stage.proxy.lies = await lieOf(carol);
  await expect(open(stage.bo, carol)).rejects.toMatchObject({
    problem: { code: 'key_unverifiable' },
  });
  expect(stage.bo.client.snapshot.conversations).toHaveLength(known);
  stage.proxy.lies = {};
  const conversation = await open(stage.bo, carol);
  await stage.bo.say(conversation, 'it is you');
  // She may not know of the conversation yet.
  await until('Carol hears', () => hasTexts(carol, conversation, ['it is you']));
}

const refused = { refused: 'key_unverifiable' } as const;

export const keyLies: Lie[] = [
  {
    name: 'another account stands in at the very first contact, whole and certified',
    sees: { safetyNumbers: 'differ' },
    async tell(stage) {
      const carol = await stage.world.somebody('carol');
      ({ lies: stage.proxy.lies } = await impostorOf(addressOf(carol)));
      const towardsCarol = await open(stage.bo, carol);
      await stage.bo.say(towardsCarol, 'is it you?');
      stage.proxy.lies = {};
      const towardsBo = await open(carol, stage.bo);
      const [seenByBo, seenByCarol] = [
        await numberOf(stage.bo, towardsCarol),
        await numberOf(carol, towardsBo),
      ];
      expect(seenByBo).not.toBe(seenByCarol);
      // Where nobody lies, they are equal.
      expect(await numberOf(stage.bo, stage.conversation)).toBe(
        await numberOf(stage.asha, stage.conversation),
      );
    },
  },
  {
    name: 'another account stands in later',
    sees: { keyChanged: true },
    async tell(stage) {
      ({ lies: stage.proxy.lies } = await impostorOf(addressOf(stage.asha)));
      await open(stage.bo, stage.asha);
      await until('it is shown', () =>
        stage.bo.client.snapshot.conversations.some(({ peer }) => peer.keyChanged),
      );
      await expect(stage.bo.say(stage.conversation, 'to whom?')).rejects.toMatchObject({
        problem: { code: 'key_changed' },
      });
    },
  },
  {
    name: 'another account stands in later, and takes it back',
    sees: { harmless: 'the pinned key goes on' },
    async tell(stage) {
      ({ lies: stage.proxy.lies } = await impostorOf(addressOf(stage.asha)));
      const isChanged = () =>
        stage.bo.client.snapshot.conversations.some(({ peer }) => peer.keyChanged);
      await open(stage.bo, stage.asha);
      await until('it is shown', isChanged);
      stage.proxy.lies = {};
      await open(stage.bo, stage.asha);
      await until('it is over', () => !isChanged());
    },
  },
  {
    name: 'an account key without the devices that it certified',
    sees: refused,
    tell: (stage) =>
      refusesCarol(stage, async () => {
        const { publicKey } = await generateSigningKey();
        return cardLie((card) => ({ ...card, accountKey: publicKey }));
      }),
  },
  {
    name: 'a certificate of another account',
    sees: refused,
    tell: (stage) =>
      refusesCarol(stage, async () => {
        const { devices } = cardOf(await identityOf(stage.asha));
        return cardLie((card) => ({ ...card, devices }));
      }),
  },
  {
    name: 'a certificate of the same handle at another site',
    sees: refused,
    tell: (stage) =>
      refusesCarol(stage, async (carol) => {
        const { accountKey, deviceId, deviceKey } = await identityOf(carol);
        const signatureKey = deviceKey.publicKey;
        const address = addressOf(carol).replace('bazaar', 'elsewhere') as Address;
        const device = { address, deviceId, signatureKey };
        const certificate = await certifyDevice(accountKey, device);
        return cardLie((card) => ({
          ...card,
          devices: [{ id: deviceId, signatureKey, certificate }],
        }));
      }),
  },
  {
    name: 'a certificate for another device',
    sees: refused,
    tell: (stage) =>
      refusesCarol(stage, async () => {
        const { publicKey } = await generateSigningKey();
        return cardLie((card) => ({
          ...card,
          devices: card.devices.map((device) => ({ ...device, signatureKey: publicKey })),
        }));
      }),
  },
  {
    name: 'somebody else’s account',
    sees: refused,
    tell: (stage) =>
      refusesCarol(stage, async () => {
        const card = cardOf(await identityOf(stage.asha));
        return cardLie(() => card);
      }),
  },
  {
    name: 'a key package of another account',
    sees: refused,
    tell: (stage) =>
      refusesCarol(stage, async () => {
        const { identity } = await impostorOf(addressOf(stage.asha));
        const { publicBytes: keyPackage } = await generateKeyPackage(identity);
        const { deviceId } = identity;
        return {
          answer: ({ path }, data) =>
            path === 'devices.claimKeyPackages' ? [{ deviceId, keyPackage }] : data,
        };
      }),
  },
  {
    name: 'a key package of a device that the account never certified',
    sees: refused,
    tell: (stage) =>
      refusesCarol(stage, async (carol) => {
        const honest = await identityOf(carol);
        const other = await createDevice(honest.address, await generateSigningKey());
        const forged = { ...other, accountKey: honest.accountKey };
        const { publicBytes: keyPackage } = await generateKeyPackage(forged);
        const { deviceId } = forged;
        return {
          answer: ({ path }, data) =>
            path === 'devices.claimKeyPackages' ? [{ deviceId, keyPackage }] : data,
        };
      }),
  },
];
