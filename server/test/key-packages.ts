/** Real key packages, made by the library that clients use. */
import { encode } from '@msgpack/msgpack';
import {
  ciphersuites,
  defaultCapabilities,
  defaultCredentialTypes,
  encode as encodeTls,
  generateKeyPackageWithKey,
  getCiphersuiteImpl,
  keyPackageEncoder,
  type CiphersuiteName,
} from 'ts-mls';
import type { Person, TestDevice } from './person.js';

export const ourSuite: CiphersuiteName = 'MLS_256_XWING_AES256GCM_SHA512_Ed25519';
export const ourSuiteNumber = ciphersuites[ourSuite];

export interface KeyPackageChanges {
  suite?: CiphersuiteName;
  /** Seconds since 1970. */
  notBefore?: number;
  notAfter?: number;
  /** Fields of the credential in place of the right ones. */
  credential?: Partial<Record<0 | 1 | 2 | 3 | 4, unknown>>;
}

/** A bare KeyPackage of the person's device, or one with something wrong about it. */
export async function makeKeyPackage(
  person: Person,
  device: TestDevice,
  changes: KeyPackageChanges = {},
): Promise<Uint8Array> {
  const now = Math.floor(Date.now() / 1000);
  const { suite = ourSuite, notBefore = now - 3600, notAfter = now + 30 * 24 * 3600 } = changes;
  const fields: unknown[] = [
    'parley credential v1',
    person.address,
    person.accountKey.publicKey,
    device.id,
    device.certificate,
  ];
  for (const [index, value] of Object.entries(changes.credential ?? {}))
    fields[Number(index)] = value;
  const { publicPackage } = await generateKeyPackageWithKey({
    credential: { credentialType: defaultCredentialTypes.basic, identity: encode(fields) },
    capabilities: defaultCapabilities(),
    lifetime: { notBefore: BigInt(notBefore), notAfter: BigInt(notAfter) },
    signatureKeyPair: { signKey: device.key.seed, publicKey: device.key.publicKey },
    cipherSuite: await getCiphersuiteImpl(suite),
  });
  return encodeTls(keyPackageEncoder, publicPackage);
}

export async function makeKeyPackages(
  person: Person,
  device: TestDevice,
  count: number,
): Promise<Uint8Array[]> {
  return Promise.all(Array.from({ length: count }, () => makeKeyPackage(person, device)));
}
