/** The bare cryptography below each operation of MLS. */
import { buffer, randomBytes } from '../../src/core/bytes.js';
import { generateSigningKey, sign, verify } from '../../src/core/identity/ed25519.js';
import * as xWing from '../../src/core/mls/crypto/x-wing.js';

/** Each does its work once. */
export interface BareCryptography {
  /** One signature and one AES-256-GCM encryption of so many bytes. */
  seal(): Promise<unknown>;
  /** The other way round. */
  open(): Promise<unknown>;
  verify(): Promise<unknown>;
  encapsulate(): Promise<unknown>;
  decapsulate(): Promise<unknown>;
}

/** @param messageBytes what is signed and encrypted, padding included. */
export async function bareCryptography(messageBytes: number): Promise<BareCryptography> {
  const plaintext = buffer(randomBytes(messageBytes));
  const signing = await generateSigningKey();
  const signature = await sign(signing.privateKey, plaintext);
  const aes = await crypto.subtle.importKey('raw', buffer(randomBytes(32)), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);
  const parameters = { name: 'AES-GCM', iv: buffer(randomBytes(12)) };
  const ciphertext = await crypto.subtle.encrypt(parameters, aes, plaintext);
  const seed = randomBytes(xWing.seedBytes);
  const publicKey = await xWing.publicKeyOf(seed);
  const encapsulated = await xWing.encapsulate(publicKey);
  return {
    seal: async () => {
      await sign(signing.privateKey, plaintext);
      await crypto.subtle.encrypt(parameters, aes, plaintext);
    },
    open: async () => {
      await crypto.subtle.decrypt(parameters, aes, ciphertext);
      await verify(signing.publicKey, plaintext, signature);
    },
    verify: () => verify(signing.publicKey, plaintext, signature),
    encapsulate: () => xWing.encapsulate(publicKey),
    decapsulate: () => xWing.decapsulate(seed, encapsulated.ciphertext),
  };
}
