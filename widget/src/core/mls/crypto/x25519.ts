/** X25519 (RFC 7748) over raw keys: the platform's where it has it, noble's where not. */
import { buffer, concat } from '../../bytes.js';

/** PKCS #8 wrapping of a raw private key (RFC 8410, section 7). */
const pkcs8Prefix = Uint8Array.of(
  0x30,
  0x2e,
  2,
  1,
  0,
  0x30,
  5,
  6,
  3,
  0x2b,
  0x65,
  0x6e,
  4,
  0x22,
  4,
  0x20,
);
const basePoint = Uint8Array.of(9, ...new Uint8Array(31));

const software = () => import('../../identity/software-curves.js');

let native: Promise<boolean> | undefined;

/** Asks the platform once, by trying. */
function hasNative(): Promise<boolean> {
  native ??= nativeSecret(basePoint, basePoint).then(
    () => true,
    () => false,
  );
  return native;
}

async function nativeSecret(privateKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array> {
  const { subtle } = crypto;
  const [own, other] = await Promise.all([
    subtle.importKey('pkcs8', buffer(concat(pkcs8Prefix, privateKey)), 'X25519', false, [
      'deriveBits',
    ]),
    subtle.importKey('raw', buffer(publicKey), 'X25519', false, []),
  ]);
  return new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: other }, own, 256));
}

/** @throws for a public key of low order, whose secret would be zero. */
export async function sharedSecret(
  privateKey: Uint8Array,
  publicKey: Uint8Array,
): Promise<Uint8Array> {
  return (await hasNative())
    ? nativeSecret(privateKey, publicKey)
    : (await software()).x25519.getSharedSecret(privateKey, publicKey);
}

export async function publicKeyOf(privateKey: Uint8Array): Promise<Uint8Array> {
  return (await hasNative())
    ? nativeSecret(privateKey, basePoint)
    : (await software()).x25519.getPublicKey(privateKey);
}
