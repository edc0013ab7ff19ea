import { XWing } from '@hpke/hybridkem-x-wing';
import { defaultCryptoProvider, type CiphersuiteImpl } from 'ts-mls';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { randomBytes, utf8 } from '../../bytes.js';
import { suite, suiteNumber } from './suite.js';
import * as xWing from './x-wing.js';

let library: CiphersuiteImpl;
beforeAll(async () => {
  library = await defaultCryptoProvider.getCiphersuiteImpl(suiteNumber);
});

const info = utf8('info');
const aad = utf8('aad');
const plaintext = utf8('plaintext');

test('hashes, MACs and key derivations are those of the library', async () => {
  for (const length of [0, 1, 63, 64, 111, 112, 128, 129, 5_000]) {
    const data = randomBytes(length);
    const key = randomBytes(64);
    expect(await suite.hash.digest(data)).toEqual(await library.hash.digest(data));
    const mac = await suite.hash.mac(key, data);
    expect(mac).toEqual(await library.hash.mac(key, data));
    expect(await suite.hash.verifyMac(key, mac, data)).toBe(true);
    expect(
      await suite.hash.verifyMac(
        key,
        mac.map((byte) => byte ^ 1),
        data,
      ),
    ).toBe(false);
    expect(await suite.kdf.extract(key, data)).toEqual(await library.kdf.extract(key, data));
    expect(await suite.kdf.expand(key, data, 100)).toEqual(
      await library.kdf.expand(key, data, 100),
    );
  }
  expect(suite.kdf.size).toBe(library.kdf.size);
  expect(suite.hpke.keyLength).toBe(library.hpke.keyLength);
  expect(suite.hpke.nonceLength).toBe(library.hpke.nonceLength);
});

test('signatures verify across', async () => {
  const { publicKey, signKey } = await suite.signature.keygen();
  expect(await suite.signature.sign(signKey, plaintext)).toEqual(
    await library.signature.sign(signKey, plaintext),
  );
  const signature = await suite.signature.sign(signKey, plaintext);
  expect(await library.signature.verify(publicKey, plaintext, signature)).toBe(true);
  expect(await suite.signature.verify(publicKey, aad, signature)).toBe(false);
  expect(await suite.signature.verify(new Uint8Array(32), plaintext, signature)).toBe(false);
  expect(await suite.signature.verify(publicKey.subarray(1), plaintext, signature)).toBe(false);
});

describe.each([
  ['ours to the library', () => [suite, library] as const],
  ['the library to ours', () => [library, suite] as const],
])('HPKE from %s', (_name, pick) => {
  test('seals and opens', async () => {
    const [sender, receiver] = pick();
    const { privateKey, publicKey } = await receiver.hpke.generateKeyPair();
    const atSender = await sender.hpke.importPublicKey(
      await receiver.hpke.exportPublicKey(publicKey),
    );
    const { ct, enc } = await sender.hpke.seal(atSender, plaintext, info, aad);
    expect(await receiver.hpke.open(privateKey, enc, ct, info, aad)).toEqual(plaintext);
    const flipped = (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1);
    const broken = [
      () => receiver.hpke.open(privateKey, enc, flipped(ct), info, aad),
      () => receiver.hpke.open(privateKey, flipped(enc), ct, info, aad),
      () => receiver.hpke.open(privateKey, enc.subarray(1), ct, info, aad),
      () => receiver.hpke.open(privateKey, enc, ct, aad, aad),
    ];
    for (const attempt of broken) await expect(attempt()).rejects.toThrow();
  });

  test('derives the same key pair and exports the same secret', async () => {
    const [sender, receiver] = pick();
    const seed = randomBytes(64);
    const pair = await receiver.hpke.deriveKeyPair(seed);
    const same = await sender.hpke.deriveKeyPair(seed);
    expect(await sender.hpke.exportPublicKey(same.publicKey)).toEqual(
      await receiver.hpke.exportPublicKey(pair.publicKey),
    );
    expect(await sender.hpke.exportPrivateKey(same.privateKey)).toEqual(
      await receiver.hpke.exportPrivateKey(pair.privateKey),
    );
    const { enc, secret } = await sender.hpke.exportSecret(
      same.publicKey,
      aad,
      64,
      new Uint8Array(),
    );
    expect(
      await receiver.hpke.importSecret(pair.privateKey, aad, enc, 64, new Uint8Array()),
    ).toEqual(secret);
  });
});

test('keys of another length are refused', async () => {
  await expect(
    suite.hpke.importPublicKey(new Uint8Array(xWing.publicKeyBytes - 1)),
  ).rejects.toThrow();
  await expect(suite.hpke.importPrivateKey(new Uint8Array(33))).rejects.toThrow();
});

test('X-Wing agrees with the independent implementation of hpke-js', async () => {
  const kem = new XWing();
  const seed = randomBytes(32);
  const pair = await kem.generateKeyPairDerand(seed.slice());
  expect(new Uint8Array(await kem.serializePublicKey(pair.publicKey))).toEqual(
    await xWing.publicKeyOf(seed),
  );
  const theirs = await kem.encap({ recipientPublicKey: pair.publicKey });
  expect(await xWing.decapsulate(seed, new Uint8Array(theirs.enc))).toEqual(
    new Uint8Array(theirs.sharedSecret),
  );
  expect(kem.encSize).toBe(xWing.ciphertextBytes);
});

test('without native Ed25519 and X25519 the results are the same', async () => {
  const { publicKey, signKey } = await suite.signature.keygen();
  const natively = await suite.signature.sign(signKey, plaintext);
  const seed = randomBytes(32);
  const publicX = await xWing.publicKeyOf(seed);

  const importKey = vi
    .spyOn(crypto.subtle, 'importKey')
    .mockRejectedValue(new Error('not supported'));
  try {
    vi.resetModules();
    const ed25519 = await import('../../identity/ed25519.js');
    const software = await import('./x-wing.js');
    expect(await ed25519.sign(signKey, plaintext)).toEqual(natively);
    expect(await ed25519.verify(publicKey, plaintext, natively)).toBe(true);
    expect(await ed25519.verify(publicKey, aad, natively)).toBe(false);
    expect(await software.publicKeyOf(seed)).toEqual(publicX);
    const { sharedSecret, ciphertext } = await software.encapsulate(publicX);
    importKey.mockRestore();
    expect(await xWing.decapsulate(seed, ciphertext)).toEqual(sharedSecret);
  } finally {
    importKey.mockRestore();
  }
});
