/** `npm run verify`: format, lint, types, arrows, dead code, unit tests. Fast, and complete for one's own work. */
import { findChromium } from './browser.js';
import { endAllWithUs } from './process/run.js';
import { Steps } from './process/steps.js';
import { checkNodeVersion } from './setup/node-version.js';

const tool = (path) => `node_modules/${path}`;

/** Runs the checks and adds them to `steps`. */
export async function verify(steps) {
  const folders = ['server/{src,bench}', 'widget/{src,bench}', 'storybook', 'e2e'];
  await steps.check('format', [tool('prettier/bin/prettier.cjs'), '--check', '.'], 120);
  await steps.check('types', [tool('typescript/bin/tsc'), '-b'], 300);
  await steps.check('lint', [tool('eslint/bin/eslint.js'), '.', '--max-warnings', '0'], 600);
  await steps.check(
    'arrows',
    [
      tool('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      'scripts/arrows.cjs',
      ...folders,
    ],
    120,
  );
  await steps.check('dead code', [tool('knip/bin/knip.js')], 180);
  await steps.tests('unit tests', ['server', 'core'], { seconds: 1_200, workers: 2, retry: 1 });
  if (findChromium() === null)
    steps.skip('unit tests in a browser', 'No Chromium here: install one, or name it in CHROMIUM.');
  else await steps.tests('unit tests in a browser', ['page'], { seconds: 300, retry: 1 });
}

if (process.argv[1] === import.meta.filename) {
  checkNodeVersion();
  endAllWithUs();
  const steps = new Steps();
  await verify(steps);
  steps.finish();
}
