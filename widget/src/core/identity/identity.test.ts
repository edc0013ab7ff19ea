import { decode, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../bytes.js';
import type { Address } from '../ids.js';
import {
  accountHue,
  createAccountIdentity,
  createDevice,
  decodeCredential,
  domainOf,
  encodeCredential,
  generateSigningKey,
  isAddress,
  newDeviceId,
  parseAddress,
  parseHandle,
  proveDevice,
  safetyNumber,
  shownAddress,
  sign,
  verify,
  verifyCertificate,
  verifyCredential,
} from './index.js';

const mira = '@mira@shop.example' as Address;

describe('handles', () => {
  test.each([
    ['mira', 'mira'],
    ['@mira', 'mira'],
    [' @Mira_7 ', 'mira_7'],
    ['a_1', 'a_1'],
    ['a'.repeat(30), 'a'.repeat(30)],
  ])('%j is %s', (typed, handle) => {
    expect(parseHandle(typed)).toBe(handle);
  });

  test.each([
    '',
    'ab',
    '@ab',
    'a'.repeat(31),
    'mi ra',
    'mira!',
    'mira.k',
    'míra',
    'mirа',
    'ＭＩＲＡ',
    '\u212aate',
    '@@mira',
  ])('%j is none', (typed) => {
    expect(parseHandle(typed)).toBeNull();
  });
});

describe('addresses', () => {
  test.each([
    ['@mira', '@mira@home.example'],
    ['mira', '@mira@home.example'],
    ['@Mira@Shop.Example', '@mira@shop.example'],
    [' mira@bazaar.localhost ', '@mira@bazaar.localhost'],
    ['@mira@localhost', '@mira@localhost'],
  ])('%j is %s', (typed, address) => {
    expect(parseAddress(typed, 'home.example')).toBe(address);
  });

  test.each([
    '@', '@mira@', '@mi@shop.example', '@mira@shop example', '@mira@-shop.example', '@mira@shop..example', '@mira@.example',
    '@mira@shöp.example', '@mira@shop.example@x', `@mira@${'a'.repeat(64)}.example`, '@mira@shop.example:80',
    '@mira@shop.example/', '@mira\u202e@shop.example',
  ])('%j is none', (typed) => {
    expect(parseAddress(typed, 'home.example')).toBeNull();
  }); // prettier-ignore

  test('only the canonical form is an address', () => {
    expect(isAddress(mira)).toBe(true);
    for (const other of [
      'mira@shop.example',
      '@Mira@shop.example',
      ' @mira@shop.example',
      '@mira',
      '',
      null,
      7,
    ]) {
      expect(isAddress(other)).toBe(false);
    }
  });

  test('at home the handle is enough', () => {
    expect(shownAddress(mira, 'shop.example')).toBe('@mira');
    expect(shownAddress(mira, 'other.example')).toBe('@mira@shop.example');
    expect(shownAddress(mira, 'p.example')).toBe('@mira@shop.example');
    expect(domainOf(mira)).toBe('shop.example');
  });

  test('whatever is typed gives an address or nothing, and an address stays as it is', () => {
    fc.assert(
      fc.property(fc.string(), (typed) => {
        const address = parseAddress(typed, 'home.example');
        if (address !== null) expect(parseAddress(address, 'other.example')).toBe(address);
      }),
    );
  });
});

describe('devices', () => {
  test("the account's certificate holds for exactly this device", async () => {
    const identity = await createAccountIdentity(mira);
    const { address, accountKey, deviceId, deviceKey, certificate } = identity;
    const device = {
      address,
      accountKey: accountKey.publicKey,
      deviceId,
      signatureKey: deviceKey.publicKey,
    };
    expect(await verifyCertificate(device, certificate)).toBe(true);
    const changes = [
      { address: '@mari@shop.example' as Address },
      { accountKey: (await generateSigningKey()).publicKey },
      { deviceId: newDeviceId() },
      { signatureKey: (await generateSigningKey()).publicKey },
    ];
    for (const change of changes)
      expect(await verifyCertificate({ ...device, ...change }, certificate)).toBe(false);
    expect(await verifyCertificate(device, certificate.subarray(1))).toBe(false);
  });

  test('the certificate signs what the wire contract says', async () => {
    const { address, accountKey, deviceId, deviceKey, certificate } =
      await createAccountIdentity(mira);
    const content = [
      'parley device certificate v1',
      address,
      accountKey.publicKey,
      deviceId,
      deviceKey.publicKey,
    ];
    expect(await verify(accountKey.publicKey, encode(content), certificate)).toBe(true);
  });

  test('a second device has keys of its own and the same account', async () => {
    const first = await createAccountIdentity(mira);
    const second = await createDevice(mira, first.accountKey);
    expect(second.deviceId).not.toBe(first.deviceId);
    expect(second.deviceKey.publicKey).not.toEqual(first.deviceKey.publicKey);
    expect(second.accountKey).toEqual(first.accountKey);
  });

  test('the proof of log-in binds site, origin, challenge and device', async () => {
    const identity = await createAccountIdentity(mira);
    const challenge = randomBytes(32);
    const proof = await proveDevice(identity, {
      siteKey: 'pk_site',
      origin: 'https://shop.example',
      challenge,
    });
    const content = [
      'parley log-in v1',
      'pk_site',
      'https://shop.example',
      challenge,
      identity.deviceId,
    ];
    expect(await verify(identity.deviceKey.publicKey, encode(content), proof.signature)).toBe(true);
    expect(proof.challenge).toEqual(challenge);
    const elsewhere = [
      'parley log-in v1',
      'pk_site',
      'https://evil.example',
      challenge,
      identity.deviceId,
    ];
    expect(await verify(identity.deviceKey.publicKey, encode(elsewhere), proof.signature)).toBe(
      false,
    );
  });

  test('signatures of another length or key are refused without a throw', async () => {
    const { publicKey, privateKey } = await generateSigningKey();
    const message = randomBytes(10);
    const signature = await sign(privateKey, message);
    expect(await verify(publicKey, message, signature)).toBe(true);
    expect(await verify(publicKey.subarray(1), message, signature)).toBe(false);
    expect(await verify(publicKey, message, new Uint8Array(64))).toBe(false);
    expect(await verify(publicKey, message, new Uint8Array())).toBe(false);
  });
});

describe('credentials', () => {
  test('come back, and hold for their signature key alone', async () => {
    const identity = await createAccountIdentity(mira);
    const credential = decodeCredential(encodeCredential(identity));
    if (credential === null) throw new Error('does not decode');
    expect(credential).toMatchObject({ address: mira, deviceId: identity.deviceId });
    expect(await verifyCredential(credential, identity.deviceKey.publicKey)).toBe(true);
    expect(await verifyCredential(credential, (await generateSigningKey()).publicKey)).toBe(false);
  });

  test('have one form: anything else is none', async () => {
    const bytes = encodeCredential(await createAccountIdentity(mira));
    const parts = decode(bytes) as unknown[];
    const others = [
      parts.slice(0, 4),
      [...parts, 1],
      parts.with(0, 'parley credential v2'),
      parts.with(1, '@Mira@shop.example'),
      parts.with(2, new Uint8Array(31)),
      parts.with(3, 'short'),
      parts.with(4, new Uint8Array(65)),
      Object.fromEntries(parts.entries()),
      'text',
    ];
    for (const other of others) expect(decodeCredential(encode(other))).toBeNull();
    expect(decodeCredential(bytes.subarray(1))).toBeNull();
    expect(decodeCredential(Uint8Array.of(...bytes, 0))).toBeNull();
    expect(decodeCredential(new Uint8Array(2_000))).toBeNull();
    // The same array in a longer encoding: array 16 instead of a fixed array.
    expect(decodeCredential(Uint8Array.of(0xdc, 0, 5, ...bytes.subarray(1)))).toBeNull();
  });

  test('a few bytes that announce long lists are refused before anything is made for them', () => {
    // Array 32 of 33,554,431 elements, a hundred deep: 256 MB each, if a decoder believes it.
    const lists = Array.from({ length: 100 }, () => [0xdd, 0x01, 0xff, 0xff, 0xff]).flat();
    const before = process.memoryUsage().rss;
    expect(decodeCredential(Uint8Array.from(lists))).toBeNull();
    expect(decodeCredential(Uint8Array.of(0x95, ...lists))).toBeNull();
    expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  });

  test('random bytes are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => decodeCredential(bytes) === null),
    );
  });
});

describe('safety numbers', () => {
  const account = (address: string, byte: number) => ({
    address: address as Address,
    accountKey: new Uint8Array(32).fill(byte),
  });
  const alice = account('@alice@shop.example', 1);
  const bob = account('@bob@shop.example', 2);

  test('are 12 groups of 5 digits, equal on both sides', () => {
    const number = safetyNumber(alice, bob);
    expect(number).toHaveLength(12);
    for (const group of number) expect(group).toMatch(/^\d{5}$/);
    expect(safetyNumber(bob, alice)).toEqual(number);
  });

  test('change with a key, and with an address', () => {
    const number = safetyNumber(alice, bob);
    expect(safetyNumber(alice, { ...bob, accountKey: new Uint8Array(32).fill(3) })).not.toEqual(
      number,
    );
    expect(safetyNumber(alice, { ...bob, address: '@bob@other.example' as Address })).not.toEqual(
      number,
    );
  });

  test('stay what they are: people compare across versions', () => {
    expect(safetyNumber(alice, bob).join(' ')).toMatchInlineSnapshot(
      `"45306 18162 80005 19584 51843 02830 79099 98315 86859 14572 82557 52211"`,
    );
  });

  test('each half is its own account alone, so a change shows on whose side it is', () => {
    const halves = (number: string[]) => [number.slice(0, 6).join(), number.slice(6).join()];
    const before = halves(safetyNumber(alice, bob));
    const after = halves(safetyNumber(alice, account('@bob@shop.example', 3)));
    expect(before.filter((half) => after.includes(half))).toHaveLength(1);
  });
});

test('a hue is between 0 and 359 and comes from the key', () => {
  const hues = Array.from({ length: 50 }, (_, byte) => accountHue(new Uint8Array(32).fill(byte)));
  for (const hue of hues) expect(Number.isInteger(hue) && hue >= 0 && hue < 360).toBe(true);
  expect(new Set(hues).size).toBeGreaterThan(30);
});
