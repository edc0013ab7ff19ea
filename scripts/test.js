/** `npm test`: everything, on a fresh machine as well. Its last line is the sum. */
import { existsSync } from 'node:fs';
import { findChromium } from './browser.js';
import { endAllWithUs } from './process/run.js';
import { Steps } from './process/steps.js';
import { canInstall, installDebianPackages, onPath } from './setup/debian.js';
import { main } from './setup/failure.js';
import { root } from './setup/folders.js';
import { checkNodeVersion } from './setup/node-version.js';
import { installPackages } from './setup/packages.js';
import { findPostgres } from './setup/postgres.js';
import { verify } from './verify.js';

const say = (line) => process.stdout.write(`${line}\n`);

/** What the tests use beside npm's packages, and what is not tested without it. */
const wanted = [
  {
    name: 'Chromium',
    found: () => findChromium() !== null,
    packages: ['chromium', 'fonts-noto-core'],
    without: 'stories, browser tests and end-to-end specs are skipped',
  },
  {
    name: 'Janus',
    found: () => onPath('janus'),
    packages: ['janus'],
    without: 'tests of calls are skipped',
  },
  {
    name: 'PostgreSQL',
    found: () => findPostgres() !== null,
    packages: ['postgresql'],
    without: 'the server is tested on SQLite only',
  },
  {
    name: 'ip (iproute2)',
    found: () => process.platform !== 'linux' || onPath('ip'),
    packages: ['iproute2'],
    without: 'calls are tested without a network of their own',
  },
];

/** Compilers for the one package that may have to be compiled. */
const compilers = { found: () => onPath('make') && onPath('g++') && onPath('python3') };

async function provide() {
  const missing = wanted.filter((thing) => !thing.found());
  const packages = missing.flatMap((thing) => thing.packages);
  if (!compilers.found()) packages.push('build-essential', 'python3');
  if (packages.length > 0 && canInstall()) await installDebianPackages(packages, say);
  for (const thing of missing)
    if (!thing.found()) say(`${thing.name} is not here and cannot be installed: ${thing.without}.`);
}

endAllWithUs();
await main(async () => {
  process.chdir(root);
  checkNodeVersion();
  await provide();
  await installPackages(say);
  const steps = new Steps();
  await verify(steps);
  const built = await steps.check('build', ['scripts/build.js'], 400);
  if (existsSync('scripts/size.js') && built) await steps.check('size', ['scripts/size.js'], 120);
  if (findChromium() === null) {
    steps.skip('stories', 'No Chromium here.');
    steps.skip('end-to-end', 'No Chromium here.');
  } else {
    await steps.tests('stories', ['storybook'], { seconds: 400, retry: 1 });
    await steps.tests('end-to-end', ['e2e'], { seconds: 1_800, retry: 1, namespace: true });
  }
  steps.finish();
});
