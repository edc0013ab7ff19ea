/** The identity bytes of an MLS basic credential: who a leaf says it is, with the account's word for it. */
import { decode, encode } from '../message-pack.js';
import { equalBytes } from '../bytes.js';
import type { DeviceId } from '../ids.js';
import type { DeviceIdentity, Member } from '../mls/contract.js';
import { isAddress } from './address.js';
import { verifyCertificate } from './device.js';

const format = 'parley credential v1';
const credentialBytesMax = 1024;

export interface Credential extends Omit<Member, 'leafIndex'> {
  certificate: Uint8Array;
}

export function encodeCredential(identity: DeviceIdentity): Uint8Array {
  const { address, accountKey, deviceId, certificate } = identity;
  return encode([format, address, accountKey.publicKey, deviceId, certificate]);
}

/** `null`: not a credential of this format. Nothing is verified here. */
export function decodeCredential(bytes: Uint8Array): Credential | null {
  if (bytes.length > credentialBytesMax) return null;
  let parts: unknown;
  try {
    parts = decode(bytes);
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 5) return null;
  const [name, address, accountKey, deviceId, certificate] = parts as unknown[];
  if (name !== format || !isAddress(address) || !isDeviceId(deviceId)) return null;
  if (!isBytes(accountKey, 32) || !isBytes(certificate, 64)) return null;
  const credential = {
    address,
    accountKey: accountKey.slice(),
    deviceId,
    certificate: certificate.slice(),
  };
  // One credential has one encoding: otherwise equal members could differ in bytes.
  return equalBytes(encode([format, address, accountKey, deviceId, certificate]), bytes)
    ? credential
    : null;
}

/** Whether the chain from account key to this signature key holds. The pin is the caller's business. */
export async function verifyCredential(
  credential: Credential,
  signatureKey: Uint8Array,
): Promise<boolean> {
  const { address, accountKey, deviceId, certificate } = credential;
  return verifyCertificate({ address, accountKey, deviceId, signatureKey }, certificate);
}

const isBytes = (value: unknown, length: number): value is Uint8Array =>
  value instanceof Uint8Array && value.length === length;
const isDeviceId = (value: unknown): value is DeviceId =>
  typeof value === 'string' && /^[A-Za-z0-9_-]{21}[AQgw]$/.test(value);
