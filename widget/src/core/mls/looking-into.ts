/** A way to see what the library decrypts before it works on it: of some of that it tells too late, of some nothing. */
import type { CiphersuiteImpl } from 'ts-mls';

/** The same suite, which shows what it makes of one ciphertext.
 * @param ciphertext known by its identity, not by its bytes.
 * @param look may throw: then the library gets nothing, and its caller that error. */
export function lookingInto(
  suite: CiphersuiteImpl,
  ciphertext: Uint8Array,
  look: (plaintext: Uint8Array) => void | Promise<void>,
): CiphersuiteImpl {
  const { decryptAead } = suite.hpke;
  const looking: typeof decryptAead = async (...input) => {
    const plaintext = await decryptAead(...input);
    if (input[3] === ciphertext) await look(plaintext);
    return plaintext;
  };
  return { ...suite, hpke: { ...suite.hpke, decryptAead: looking } };
}
