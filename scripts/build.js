/** `npm run build`: server and widget, where their sources are newer than what was built. */
import { endAllWithUs } from './process/run.js';
import { main } from './setup/failure.js';
import { buildStale } from './setup/stale.js';

endAllWithUs();
await main(() => buildStale((line) => process.stdout.write(`${line}\n`)));
