/** webcrypto-liner over asmcrypto. A module of its own, so that only pages without WebCrypto load it. */

/** Installs `crypto.subtle`. The liner looks for its algorithms on the global scope when it is loaded. */
export async function install(): Promise<void> {
  const asmCrypto: unknown = await import('asmcrypto.js/asmcrypto.all.es8.js');
  Object.assign(globalThis, { asmCrypto });
  await import('webcrypto-liner/build/webcrypto-liner.shim.min.mjs');
}
