/** Every test of the repository, as projects: `npx vitest run --project core`, or a path. */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArguments, findChromium } from './scripts/browser.js';
import { heardByIceEar, openIceEar } from './scripts/ice-ear.js';

const server = {
  test: {
    name: 'server',
    root: './server',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
  },
};

/** The headless client: Node has all that it needs. */
const core = {
  test: {
    name: 'core',
    root: './widget',
    include: ['src/{core,workers}/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/*.browser.test.ts'],
    environment: 'node',
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
};

/** What needs a page: elements, controllers, the browser's ports. */
const page = {
  oxc: { decorator: { legacy: true } },
  test: {
    name: 'page',
    root: './widget',
    include: [
      'src/{elements,controllers,loader,platform,locales}/**/*.test.ts',
      'src/**/*.browser.test.ts',
    ],
    testTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath: findChromium() ?? undefined,
          args: [
            ...chromiumArguments(),
            '--use-fake-device-for-media-stream',
            '--use-fake-ui-for-media-stream',
            '--autoplay-policy=no-user-gesture-required',
            '--disable-features=WebRtcHideLocalIpsWithMdns',
            '--allow-loopback-in-peer-connection',
          ],
        },
      }),
      instances: [{ browser: 'chromium' }],
      commands: { openIceEar, heardByIceEar },
    },
  },
};

/** Stories as tests: the design system's own project, beside its stories. It indexes every story when it is
 * loaded, so only runs that may want it do. */
const others = process.argv.includes('--project') && !process.argv.includes('storybook');
const storybook = others ? [] : ['storybook/vitest.config.ts'];

/** The whole product in real processes. One file at a time: each has browsers, a server and a Janus of its own. */
const endToEnd = {
  test: {
    name: 'e2e',
    root: './e2e',
    include: ['specs/**/*.spec.ts'],
    environment: 'node',
    pool: 'forks',
    fileParallelism: false,
    // Media over real sockets on a busy machine: one more try tells a late frame from a lost one. The report names both.
    retry: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
};

export default defineConfig({
  test: { projects: [server, core, page, ...storybook, endToEnd] },
});
