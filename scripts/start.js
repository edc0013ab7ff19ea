/** `npm start`: installs what is missing, builds what is stale, and runs Parley with two demo sites. */
import { startDemo } from './demo/start-demo.js';
import { main } from './setup/failure.js';
import { root } from './setup/folders.js';
import { provideJanus } from './setup/janus.js';
import { checkNodeVersion } from './setup/node-version.js';
import { buildStale } from './setup/stale.js';

const say = (line) => process.stdout.write(`${line}\n`);

await main(async () => {
  checkNodeVersion();
  process.chdir(root);
  await buildStale(say);
  await provideJanus(say);
  await startDemo(say);
});
