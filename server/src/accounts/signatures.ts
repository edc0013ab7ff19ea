/** What account and device keys sign. The formats are in `contract.ts`. */
import { encode } from '@msgpack/msgpack';
import type { Address, DeviceId, SiteKey } from '../ids.js';

/** What the account key signs for a device of its own. */
export function deviceCertificateStatement(options: {
  address: Address;
  accountKey: Uint8Array;
  deviceId: DeviceId;
  signatureKey: Uint8Array;
}): Uint8Array {
  const { address, accountKey, deviceId, signatureKey } = options;
  return encode(['parley device certificate v1', address, accountKey, deviceId, signatureKey]);
}

/** What the device key signs to prove itself to this server, for this page, once. */
export function logInStatement(options: {
  siteKey: SiteKey;
  origin: string;
  challenge: Uint8Array;
  deviceId: DeviceId;
}): Uint8Array {
  const { siteKey, origin, challenge, deviceId } = options;
  return encode(['parley log-in v1', siteKey, origin, challenge, deviceId]);
}
