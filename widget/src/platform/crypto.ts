/** WebCrypto as this page has it. Browsers leave `crypto.subtle` out of plain-http pages and of some in-app views;
 * there a site may allow a software implementation, which is loaded only then, and of which the person is warned. */
import type { Place } from './tabs/protocol.js';

/** How long the question whether the site allows it may take. */
const questionMs = 10_000;

/** Makes sure that `crypto.subtle` works in this worker or page.
 * @returns `refused` where it does not and the site does not allow the software, or could not be asked. */
export async function prepareCrypto(place: Place): Promise<'native' | 'software' | 'refused'> {
  const { subtle } = crypto as { subtle?: SubtleCrypto };
  if (subtle !== undefined) return 'native';
  if (!(await siteAllows(place).catch(() => false))) return 'refused';
  const { install } = await import('./software-crypto.js');
  return install().then(
    () => 'software',
    () => 'refused',
  );
}

/** Asked without the core: it cannot be loaded before there is cryptography. */
async function siteAllows({ server, site }: Place): Promise<boolean> {
  const response = await fetch(`${server}/trpc/sites.info`, {
    headers: { 'x-parley-site': site },
    credentials: 'omit',
    signal: AbortSignal.timeout(questionMs),
  });
  const answer = (await response.json()) as { result?: { data?: { insecureAllowed?: unknown } } };
  return answer.result?.data?.insecureAllowed === true;
}
