/** Accounts and devices: keys, the account's certificate for a device, the proof of log-in. */
import { encode } from '../message-pack.js';
import { randomBytes, toBase64Url } from '../bytes.js';
import type { Address, DeviceId } from '../ids.js';
import type { DeviceIdentity, SigningKey } from '../mls/contract.js';
import { generateSigningKey, sign, verify } from './ed25519.js';

export const newDeviceId = (): DeviceId => toBase64Url(randomBytes(16)) as DeviceId;

export interface CertifiedDevice {
  address: Address;
  accountKey: Uint8Array;
  deviceId: DeviceId;
  signatureKey: Uint8Array;
}

/** What an account key signs; the array is MessagePack, so its parts cannot run into each other. */
const certificateContent = (device: CertifiedDevice): Uint8Array =>
  encode([
    'parley device certificate v1',
    device.address,
    device.accountKey,
    device.deviceId,
    device.signatureKey,
  ]);

export async function certifyDevice(
  accountKey: SigningKey,
  device: Omit<CertifiedDevice, 'accountKey'>,
): Promise<Uint8Array> {
  return sign(
    accountKey.privateKey,
    certificateContent({ ...device, accountKey: accountKey.publicKey }),
  );
}

/** Whether the account key vouches for this device key under this address and device id. */
export async function verifyCertificate(
  device: CertifiedDevice,
  certificate: Uint8Array,
): Promise<boolean> {
  return verify(device.accountKey, certificateContent(device), certificate);
}

/** A further device of an account whose key is at hand. */
export async function createDevice(
  address: Address,
  accountKey: SigningKey,
): Promise<DeviceIdentity> {
  const deviceKey = await generateSigningKey();
  const deviceId = newDeviceId();
  const certificate = await certifyDevice(accountKey, {
    address,
    deviceId,
    signatureKey: deviceKey.publicKey,
  });
  return { address, accountKey, deviceId, deviceKey, certificate };
}

/** A new account with its first device. */
export async function createAccountIdentity(address: Address): Promise<DeviceIdentity> {
  return createDevice(address, await generateSigningKey());
}

/** Signs a challenge for `accounts.claim`, `accounts.logIn` and `devices.register`.
 * The origin is what the server said it saw: it comes from the browser, not from the page. */
export async function proveDevice(
  identity: Pick<DeviceIdentity, 'deviceId' | 'deviceKey'>,
  challenge: { siteKey: string; origin: string; challenge: Uint8Array },
): Promise<{ challenge: Uint8Array; signature: Uint8Array }> {
  const { siteKey, origin, challenge: nonce } = challenge;
  const content = encode(['parley log-in v1', siteKey, origin, nonce, identity.deviceId]);
  return { challenge: nonce, signature: await sign(identity.deviceKey.privateKey, content) };
}
