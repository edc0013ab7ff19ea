/** The stories as tests, in the system's Chromium: each is drawn, played, and searched for accessibility faults. */
import { fileURLToPath } from 'node:url';
import { storybookTest } from '@storybook/addon-vitest/vitest-plugin';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArguments, findChromium } from '../scripts/browser.js';

const executablePath = findChromium();

export default defineConfig({
  plugins: [storybookTest({ configDir: fileURLToPath(new URL('.storybook', import.meta.url)) })],
  // Found while tests run, a dependency would reload the page under them.
  optimizeDeps: { include: ['lucide', 'lit', 'lit/decorators.js'] },
  test: {
    name: 'storybook',
    testTimeout: 60_000,
    // One page after another: two cores are shared with the browser itself.
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      viewport: { width: 500, height: 700 },
      provider: playwright({
        // What moves is half transparent, and measured as such.
        contextOptions: { reducedMotion: 'reduce' },
        launchOptions: {
          ...(executablePath ? { executablePath } : {}),
          args: [
            ...chromiumArguments(),
            '--use-fake-device-for-media-stream',
            '--use-fake-ui-for-media-stream',
          ],
        },
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
