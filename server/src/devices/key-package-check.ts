/** Whether a key package may be published: of our suite, in time, of this very device, and rightly signed.
 * Clients check all of it again; refusing here keeps mistakes from reaching them at all. */
import { decode } from '@msgpack/msgpack';
import type { Device } from '../accounts/contract.js';
import { verifyEd25519 } from '../ed25519.js';
import { ServerError } from '../errors.js';
import type { Address } from '../ids.js';
import { decodeKeyPackage, KeyPackageError, signContent, type KeyPackage } from './key-package.js';

/** MLS_256_XWING_AES256GCM_SHA512_Ed25519, as `ts-mls` numbers it (a private-use value). */
const suitesAccepted: ReadonlySet<number> = new Set([61_453]);

/** Clocks of devices may be this far off. */
const clockSkewSeconds = 24 * 3600;

/** Whose key packages they have to be. */
export interface KeyPackageOwner {
  readonly address: Address;
  readonly accountKey: Uint8Array;
  readonly device: Device;
}

/** @returns when the package ends, in milliseconds since 1970.
 * @throws ServerError `key_package_invalid`, `signature_invalid` */
export function checkKeyPackage(bytes: Uint8Array, owner: KeyPackageOwner): number {
  const keyPackage = decodeOrRefuse(bytes);
  if (!suitesAccepted.has(keyPackage.suite)) throw refused('suite');
  const now = Date.now() / 1000;
  if (keyPackage.notAfter <= now) throw refused('expired');
  if (keyPackage.notBefore > now + clockSkewSeconds) throw refused('not valid yet');
  if (!equal(keyPackage.signatureKey, owner.device.signatureKey))
    throw refused('key of another device');
  if (!namesOwner(keyPackage.credential, owner))
    throw refused('credential of another account or device');
  const { signatureKey } = owner.device;
  const leaf = signContent('LeafNodeTBS', keyPackage.leafNodeTbs);
  const whole = signContent('KeyPackageTBS', keyPackage.keyPackageTbs);
  const signed =
    verifyEd25519(signatureKey, leaf, keyPackage.leafNodeSignature) &&
    verifyEd25519(signatureKey, whole, keyPackage.keyPackageSignature);
  if (!signed) throw new ServerError('signature_invalid', 'key package');
  return Math.min(keyPackage.notAfter * 1000, Number.MAX_SAFE_INTEGER);
}

function decodeOrRefuse(bytes: Uint8Array): KeyPackage {
  try {
    return decodeKeyPackage(bytes);
  } catch (error) {
    if (error instanceof KeyPackageError) throw refused('malformed');
    throw error;
  }
}

/** The credential is `["parley credential v1", address, accountKey, deviceId, certificate]`. */
function namesOwner(
  credential: Uint8Array,
  { address, accountKey, device }: KeyPackageOwner,
): boolean {
  let fields: unknown;
  try {
    fields = decode(credential, {
      maxArrayLength: 5,
      maxStrLength: 300,
      maxBinLength: 64,
      maxMapLength: 0,
    });
  } catch {
    return false;
  }
  if (!Array.isArray(fields) || fields.length !== 5) return false;
  const [version, name, key, id, certificate] = fields as unknown[];
  return (
    version === 'parley credential v1' &&
    name === address &&
    id === device.id &&
    equal(key, accountKey) &&
    equal(certificate, device.certificate)
  );
}

function equal(left: unknown, right: Uint8Array): boolean {
  return left instanceof Uint8Array && Buffer.compare(left, right) === 0;
}

function refused(why: string): ServerError {
  return new ServerError('key_package_invalid', `key package: ${why}`);
}
