/** Key packages (RFC 9420, section 10): made by a device for others to add it with, checked by whoever adds it. */
import { decode as decodePack, encode as encodePack } from '../message-pack.js';
import {
  defaultCredentialTypes,
  encode,
  generateKeyPackageWithKey,
  keyPackageDecoder,
  keyPackageEncoder,
  leafNodeSources,
  makeCustomExtension,
  makeKeyPackageRef,
  privateKeyPackageDecoder,
  privateKeyPackageEncoder,
  type KeyPackage,
  type PrivateKeyPackage,
} from 'ts-mls';
import { concat, equalBytes, toHex, utf8 } from '../bytes.js';
import type { Address, DeviceId } from '../ids.js';
import {
  decodeCredential,
  encodeCredential,
  verifyCredential,
  type Credential,
} from '../identity/credential.js';
import type { DeviceIdentity, KeyPackagePair } from './contract.js';
import { suite, suiteNumber } from './crypto/suite.js';
import { isPublicKey } from './crypto/x-wing.js';
import { MlsError } from './errors.js';
import { mlsVersion, vector } from './framing.js';
import { checkLeaf } from './nodes.js';

/** Seconds. A one-time package is used or replaced within weeks; the last resort must outlast a long absence. */
const oneTimeLifetime = 90 * 24 * 3600;
const lastResortLifetime = 365 * 24 * 3600;
/** Clocks differ: valid from a day ago, and never longer than the last resort's life. */
const clockTolerance = 24 * 3600;
const lifetimeMax = BigInt(lastResortLifetime + 2 * clockTolerance);

/** `last_resort`, number 0x000a of the MLS extensions draft (draft-ietf-mls-extensions, section 3.6). */
const lastResortExtension = 0x000a;

export interface KeyPackageOptions {
  /** May be used more than once, when no others are left. */
  lastResort?: boolean;
  /** Milliseconds since 1970. */
  now?: number;
}

/** Makes a key package of this device with fresh keys. */
export async function generateKeyPackage(
  identity: DeviceIdentity,
  { lastResort = false, now = Date.now() }: KeyPackageOptions = {},
): Promise<KeyPackagePair> {
  const seconds = Math.floor(now / 1000);
  const { publicPackage, privatePackage } = await generateKeyPackageWithKey({
    cipherSuite: suite,
    credential: {
      credentialType: defaultCredentialTypes.basic,
      identity: encodeCredential(identity),
    },
    signatureKeyPair: {
      publicKey: identity.deviceKey.publicKey,
      signKey: identity.deviceKey.privateKey,
    },
    // Without GREASE: every leaf says the same, so it neither tells devices apart nor costs bytes.
    capabilities: {
      versions: [mlsVersion],
      ciphersuites: [suiteNumber],
      extensions: [lastResortExtension],
      proposals: [],
      credentials: [defaultCredentialTypes.basic],
    },
    lifetime: {
      notBefore: BigInt(seconds - clockTolerance),
      notAfter: BigInt(seconds + (lastResort ? lastResortLifetime : oneTimeLifetime)),
    },
    extensions: lastResort
      ? [
          makeCustomExtension({
            extensionType: lastResortExtension,
            extensionData: new Uint8Array(),
          }),
        ]
      : [],
  });
  const publicBytes = encode(keyPackageEncoder, publicPackage);
  const privateBytes = encodePack([publicBytes, encode(privateKeyPackageEncoder, privatePackage)]);
  return { ref: await keyPackageRef(publicPackage), publicBytes, privateBytes };
}

/** RFC 9420 KeyPackageRef, hex. */
export const keyPackageRef = async (keyPackage: KeyPackage): Promise<string> =>
  toHex(await makeKeyPackageRef(keyPackage, suite.hash));

/** What `generateKeyPackage` gave as `privateBytes`. @throws MlsError `malformed` */
export function decodeKeyPackagePair(privateBytes: Uint8Array): {
  publicPackage: KeyPackage;
  privatePackage: PrivateKeyPackage;
} {
  const parts = decodePack(privateBytes);
  const [publicBytes, secretBytes] = Array.isArray(parts) ? (parts as unknown[]) : [];
  if (!(publicBytes instanceof Uint8Array) || !(secretBytes instanceof Uint8Array))
    throw new MlsError('malformed');
  const privatePackage = privateKeyPackageDecoder(secretBytes.slice(), 0)?.[0];
  if (privatePackage === undefined) throw new MlsError('malformed');
  return { publicPackage: decodeKeyPackage(publicBytes), privatePackage };
}

/** @throws MlsError `malformed`: not one whole KeyPackage. */
export function decodeKeyPackage(bytes: Uint8Array): KeyPackage {
  let decoded: [KeyPackage, number] | undefined;
  try {
    decoded = keyPackageDecoder(bytes.slice(), 0);
  } catch (cause) {
    throw new MlsError('malformed', { cause });
  }
  if (decoded === undefined || decoded[1] !== bytes.length) throw new MlsError('malformed');
  return decoded[0];
}

export interface KeyPackageOwner {
  address: Address;
  /** The pinned one. */
  accountKey: Uint8Array;
  /** When a certain device's package was asked for. */
  deviceId?: DeviceId;
}

/** Checks a key package that the server handed out, before this device adds its owner anywhere.
 * @param now milliseconds since 1970.
 * @throws MlsError `malformed`, `suite_unsupported`, `key_package_refused` (signature, lifetime, form or owner),
 * `credential_refused` (the account does not vouch for the device, or its leaf is one that nobody can live with).
 * Source: RFC 9420, sections 7.3 and 10.1. */
export async function verifyKeyPackage(
  bytes: Uint8Array,
  owner: KeyPackageOwner,
  now: number = Date.now(),
): Promise<Credential> {
  const keyPackage = decodeKeyPackage(bytes);
  const { leafNode } = keyPackage;
  if (keyPackage.cipherSuite !== suiteNumber) throw new MlsError('suite_unsupported');

  const credential =
    'identity' in leafNode.credential ? decodeCredential(leafNode.credential.identity) : null;
  if (credential === null || !isOwnedBy(credential, owner))
    throw new MlsError('key_package_refused');
  if (!(await verifyCredential(credential, leafNode.signaturePublicKey)))
    throw new MlsError('credential_refused');
  if (!isAlive(keyPackage, now) || !isComplete(keyPackage))
    throw new MlsError('key_package_refused');
  if (!(await isSigned(keyPackage)) || !(await isPublicKey(keyPackage.initKey)))
    throw new MlsError('key_package_refused');
  await checkLeaf(leafNode);
  return credential;
}

const isOwnedBy = (credential: Credential, owner: KeyPackageOwner): boolean =>
  credential.address === owner.address &&
  equalBytes(credential.accountKey, owner.accountKey) &&
  (owner.deviceId === undefined || credential.deviceId === owner.deviceId);

function isAlive({ leafNode }: KeyPackage, now: number): boolean {
  const seconds = BigInt(Math.floor(now / 1000));
  const { notBefore, notAfter } = leafNode.lifetime;
  return notBefore <= seconds && seconds <= notAfter && notAfter - notBefore <= lifetimeMax;
}

/** Version and source come from the wire, whatever the decoder's types promise. */
function isComplete({ version, leafNode, initKey }: KeyPackage): boolean {
  const { capabilities } = leafNode;
  return (
    (version as number) === mlsVersion &&
    (leafNode.leafNodeSource as number) === leafNodeSources.key_package &&
    capabilities.versions.includes(mlsVersion) &&
    capabilities.ciphersuites.includes(suiteNumber) &&
    capabilities.credentials.includes(defaultCredentialTypes.basic) &&
    leafNode.extensions.every(({ extensionType }) =>
      capabilities.extensions.includes(extensionType),
    ) &&
    !equalBytes(initKey, leafNode.hpkePublicKey)
  );
}

/** The package's own signature; the leaf's is checked by the library when the package is added.
 * SignWithLabel, RFC 9420, section 5.1.2. */
async function isSigned(keyPackage: KeyPackage): Promise<boolean> {
  const encoded = encode(keyPackageEncoder, keyPackage);
  const signed = encoded.subarray(0, encoded.length - vector(keyPackage.signature).length);
  const content = concat(vector(utf8('MLS 1.0 KeyPackageTBS')), vector(signed));
  return suite.signature.verify(
    keyPackage.leafNode.signaturePublicKey,
    content,
    keyPackage.signature,
  );
}
