/** webcrypto-liner over asmcrypto. A module of its own, so that only pages without WebCrypto load it. */

/** Installs `crypto.subtle`. The liner looks for its algorithms on the global scope when it is loaded.
 * @throws Error when it could not be put in place */
export async function install(): Promise<void> {
  const asmCrypto: unknown = await import('asmcrypto.js/asmcrypto.all.es8.js');
  Object.assign(globalThis, { asmCrypto });
  makeReplaceable('crypto');
  await import('webcrypto-liner/build/webcrypto-liner.shim.min.mjs');
  const { subtle } = crypto as { subtle?: SubtleCrypto };
  if (subtle === undefined) throw new Error('no software cryptography');
}

/** The liner assigns `self.crypto`. In a worker that is an accessor of a prototype, without a setter. */
function makeReplaceable(name: 'crypto'): void {
  const value: unknown = globalThis[name];
  for (let owner: object | null = globalThis; owner !== null;) {
    if (Object.hasOwn(owner, name)) {
      Object.defineProperty(owner, name, { value, writable: true, configurable: true });
      return;
    }
    owner = Object.getPrototypeOf(owner) as object | null;
  }
}
