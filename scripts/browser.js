/** Finds a Chromium on this machine and says how to start it. For tests; the product needs none. */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
];

const knownPlaces = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The browser's path: `CHROMIUM`, then the PATH, then the usual places; `null` where there is none. */
export function findChromium(environment = process.env) {
  if (environment.CHROMIUM) return existsSync(environment.CHROMIUM) ? environment.CHROMIUM : null;
  const folders = (environment.PATH ?? '').split(delimiter).filter(Boolean);
  for (const name of names)
    for (const folder of folders) {
      const path = join(folder, name);
      if (isExecutable(path)) return path;
    }
  return knownPlaces.find(isExecutable) ?? null;
}

/** Arguments that keep a browser quiet and, as root (where its sandbox cannot start), startable. */
export function chromiumArguments() {
  const quiet = [
    '--no-first-run',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  const isRoot = process.getuid?.() === 0;
  return isRoot ? [...quiet, '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] : quiet;
}
