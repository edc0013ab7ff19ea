/** Ed25519 signatures by raw keys. Source: RFC 8032. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';

/** DER of SubjectPublicKeyInfo for Ed25519 up to the key itself. Source: RFC 8410, section 4. */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex');

/** Checks an Ed25519 signature. `false` also for a key that is none. */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  let key: KeyObject;
  try {
    key = createPublicKey({
      key: Buffer.concat([ed25519Prefix, publicKey]),
      format: 'der',
      type: 'spki',
    });
  } catch {
    return false;
  }
  return verify(null, message, key, signature);
}
