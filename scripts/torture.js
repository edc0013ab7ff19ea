/** `npm run torture [-- NAME...]`: every random test with its full counts, or those whose path holds a name.
 *
 * Random tests stand in folders called `torture`; `npm test` runs them in short rounds. A seed that a run
 * printed replays it: `PARLEY_SEED=123 npm run torture -- killed-server`. */
import { findChromium } from './browser.js';
import { endAllWithUs } from './process/run.js';
import { Steps } from './process/steps.js';
import { main } from './setup/failure.js';
import { buildStale } from './setup/stale.js';

const say = (line) => process.stdout.write(`${line}\n`);
const names = process.argv.slice(2);
const filters = names.length > 0 ? names : ['torture/'];
const env = { PARLEY_TORTURE: 'full' };

endAllWithUs();
await main(async () => {
  await buildStale(say);
  const steps = new Steps();
  await steps.tests('server and client', ['server', 'core'], { seconds: 7_200, filters, env });
  if (findChromium() === null) steps.skip('browsers', 'No Chromium here.');
  else await steps.tests('browsers', ['e2e'], { seconds: 7_200, filters, env, namespace: true });
  steps.finish();
});
