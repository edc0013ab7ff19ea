/** Ed25519 (RFC 8032) over raw keys: the platform's where it has it, noble's where not. */
import { buffer, concat, fromBase64Url, randomBytes } from '../bytes.js';
import type { SigningKey } from '../mls/contract.js';

/** PKCS #8 wrapping of a raw private key (RFC 8410, section 7): `importKey` takes no raw ones. */
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
  0x70,
  4,
  0x22,
  4,
  0x20,
);

const software = () => import('./software-curves.js');

let native: Promise<boolean> | undefined;

/** Asks the platform once, by trying: there is no way to enumerate algorithms. */
function hasNative(): Promise<boolean> {
  native ??= (async () => {
    try {
      const key = await crypto.subtle.importKey(
        'pkcs8',
        buffer(concat(pkcs8Prefix, new Uint8Array(32))),
        'Ed25519',
        false,
        ['sign'],
      );
      await crypto.subtle.sign('Ed25519', key, new Uint8Array(1));
      return true;
    } catch {
      return false;
    }
  })();
  return native;
}

/** Keys that are used again and again, by the bytes that they came as: an import costs as much as a signature. Key
 * bytes are never changed in place; the entry goes with them. */
type Imported = WeakMap<Uint8Array, Promise<CryptoKey>>;
const signingKeys: Imported = new WeakMap();
const verifyingKeys: Imported = new WeakMap();

function imported(
  known: Imported,
  bytes: Uint8Array,
  load: () => Promise<CryptoKey>,
): Promise<CryptoKey> {
  const key = known.get(bytes) ?? load();
  known.set(bytes, key);
  return key;
}

export async function generateSigningKey(): Promise<SigningKey> {
  const privateKey = randomBytes(32);
  return { publicKey: await publicKeyOf(privateKey), privateKey };
}

async function publicKeyOf(privateKey: Uint8Array): Promise<Uint8Array> {
  if (!(await hasNative())) return (await software()).ed25519.getPublicKey(privateKey);
  const key = await crypto.subtle.importKey(
    'pkcs8',
    buffer(concat(pkcs8Prefix, privateKey)),
    'Ed25519',
    true,
    ['sign'],
  );
  const { x } = await crypto.subtle.exportKey('jwk', key);
  const publicKey = x === undefined ? null : fromBase64Url(x);
  if (publicKey === null) throw new TypeError('a key pair without its public half');
  return publicKey;
}

/** @param privateKey the 32-byte seed. */
export async function sign(privateKey: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
  if (!(await hasNative())) return (await software()).ed25519.sign(message, privateKey);
  const key = await imported(signingKeys, privateKey, () =>
    crypto.subtle.importKey('pkcs8', buffer(concat(pkcs8Prefix, privateKey)), 'Ed25519', false, [
      'sign',
    ]),
  );
  return new Uint8Array(await crypto.subtle.sign('Ed25519', key, buffer(message)));
}

/** `false` for anything wrong with signature or key; it never throws. */
export async function verify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    if (!(await hasNative())) {
      const { ed25519 } = await software();
      return ed25519.verify(signature, message, publicKey, { zip215: false });
    }
    const key = await imported(verifyingKeys, publicKey, () =>
      crypto.subtle.importKey('raw', buffer(publicKey), 'Ed25519', false, ['verify']),
    );
    return await crypto.subtle.verify('Ed25519', key, buffer(signature), buffer(message));
  } catch {
    return false;
  }
}
