/** Somebody with keys, as the client would make them: signs up, logs in, adds devices, makes key packages. */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { encode } from '@msgpack/msgpack';
import { deviceIdSchema, addressSchema, type Address, type DeviceId } from '../src/ids.js';
import type { Device, SessionGrant } from '../src/wire.js';
import type { Site } from '../src/sites/service.js';
import type { TestConnection } from './client.js';

export interface Key {
  publicKey: Uint8Array;
  /** 32 bytes, as MLS libraries take it. */
  seed: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface TestDevice extends Device {
  key: Key;
}

/** An account key and an address, not necessarily known to any server. */
export interface Person {
  site: Site;
  handle: string;
  address: Address;
  accountKey: Key;
}

export function makeKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = (key: KeyObject, type: 'spki' | 'pkcs8'): Uint8Array => {
    const der = key.export({ format: 'der', type } as { format: 'der'; type: 'spki' });
    return new Uint8Array(der.subarray(-32));
  };
  return {
    publicKey: raw(publicKey, 'spki'),
    seed: raw(privateKey, 'pkcs8'),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

export function makeId(): string {
  return randomBytes(16).toString('base64url');
}

export function makePerson(site: Site, handle: string): Person {
  const address = addressSchema.parse(`@${handle.toLowerCase()}@${site.domain}`);
  return { site, handle, address, accountKey: makeKey() };
}

/** A device with a certificate of the person's account key. */
export function makeDevice(
  person: Person,
  { key = makeKey(), id = deviceIdSchema.parse(makeId()) }: { key?: Key; id?: DeviceId } = {},
): TestDevice {
  const statement = encode([
    'parley device certificate v1',
    person.address,
    person.accountKey.publicKey,
    id,
    key.publicKey,
  ]);
  return { id, key, signatureKey: key.publicKey, certificate: person.accountKey.sign(statement) };
}

/** The public part of a device. */
export function cardOf({ id, signatureKey, certificate }: TestDevice): Device {
  return { id, signatureKey, certificate };
}

export interface Proof {
  challenge: Uint8Array;
  signature: Uint8Array;
}

/** Asks for a challenge and signs it as the device does. */
export async function prove(connection: TestConnection, device: TestDevice): Promise<Proof> {
  const { challenge, origin } = await connection.api.accounts.challenge.mutate();
  return {
    challenge,
    signature: signProof(device, { siteKey: connection.page.siteKey, origin, challenge }),
  };
}

export function signProof(
  device: TestDevice,
  place: { siteKey: string; origin: string; challenge: Uint8Array },
): Uint8Array {
  const { siteKey, origin, challenge } = place;
  return device.key.sign(encode(['parley log-in v1', siteKey, origin, challenge, device.id]));
}

export interface SignedIn {
  person: Person;
  device: TestDevice;
  session: SessionGrant;
  connection: TestConnection;
}

/** Claims the handle on the connection, which is signed in from then on. */
export async function signUp(
  connection: TestConnection,
  site: Site,
  handle: string,
): Promise<SignedIn> {
  const person = makePerson(site, handle);
  const device = makeDevice(person);
  const session = await connection.api.accounts.claim.mutate({
    handle,
    accountKey: person.accountKey.publicKey,
    device: cardOf(device),
    proof: await prove(connection, device),
  });
  return { person, device, session, connection };
}

/** Adds a further device of the person on the connection, which is signed in from then on. */
export async function addDevice(connection: TestConnection, person: Person): Promise<SignedIn> {
  const device = makeDevice(person);
  const session = await connection.api.devices.register.mutate({
    address: person.address,
    device: cardOf(device),
    proof: await prove(connection, device),
  });
  return { person, device, session, connection };
}

/** Signs a connection in with a device that is known. */
export async function logIn(
  connection: TestConnection,
  person: Person,
  device: TestDevice,
): Promise<SignedIn> {
  const session = await connection.api.accounts.logIn.mutate({
    deviceId: device.id,
    proof: await prove(connection, device),
  });
  return { person, device, session, connection };
}
