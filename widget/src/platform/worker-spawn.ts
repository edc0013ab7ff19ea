/** Starts workers for modules of another origin: a blob whose only line imports the real module.
 *
 * A script can start workers from its page's origin and from blobs only, and ours comes from the server. The import
 * inside needs CORS on the server and `script-src SERVER` in the page, the blob needs `worker-src blob: SERVER`. */

/** The part of Trusted Types that is used; TypeScript's DOM does not know them yet. */
interface ScriptUrlPolicy {
  createScriptURL(url: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: ScriptUrlPolicy): ScriptUrlPolicy;
}

/** Addresses that this module made itself: the policy lets nothing else through. */
const ours = new Set<string>();
let policy: ScriptUrlPolicy | null = null;

const rules: ScriptUrlPolicy = {
  createScriptURL(url) {
    if (!ours.has(url)) throw new TypeError('parley: not a worker of ours');
    return url;
  },
};

function trusted(url: string): string {
  ours.add(url);
  policy ??=
    (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('parley', rules) ??
    rules;
  return policy.createScriptURL(url);
}

/** @param url address of a module on the server that this script came from.
 * @throws DOMException where the page refuses workers; or the worker's `error` event says so. */
export function spawnModuleWorker(url: string, name: string): Worker {
  if (new URL(url).origin !== new URL(import.meta.url).origin)
    throw new TypeError('parley: foreign worker');
  if (new URL(url).origin === location.origin)
    return new Worker(trusted(url), { type: 'module', name });
  const blob = new Blob([`import "${new URL(url).href}";`], { type: 'text/javascript' });
  const address = URL.createObjectURL(blob);
  try {
    return new Worker(trusted(address), { type: 'module', name });
  } finally {
    ours.delete(address);
    // The worker has fetched it by then; until then the address must live.
    setTimeout(() => {
      URL.revokeObjectURL(address);
    }, 60_000);
  }
}
