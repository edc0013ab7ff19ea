/** Installs the npm packages when they are missing or older than the lock file. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../process/run.js';
import { SetupError } from './failure.js';
import { root } from './folders.js';

/** npm's own list of what is installed. */
const installedList = join(root, 'node_modules/.package-lock.json');

const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

/** Whether something that the lock file names is missing or of another version. Optional packages are for some
 * platforms only; links are our workspaces. Contents, not times: every `npm install` touches both files. */
export function packagesAreStale() {
  if (!existsSync(installedList)) return true;
  const installed = packagesOf(installedList);
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).some(
    ([path, { version, link, optional, devOptional }]) =>
      path.startsWith('node_modules/') &&
      !link &&
      !optional &&
      !devOptional &&
      installed[path]?.version !== version,
  );
}

/** What npm's failures mean, most telling first. */
const failures = [
  [
    /gyp ERR!.*(find Python|Python is not set)/s,
    'sqlite3 has to be compiled here and Python is missing: install python3, make and a C++ compiler, then try again.',
  ],
  [
    /gyp ERR!.*(not found: make|make.*ENOENT|g\+\+|command not found)/s,
    'sqlite3 has to be compiled here: install make and a C++ compiler (Debian: build-essential), then try again.',
  ],
  [
    /gyp ERR!.*(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|headers)/s,
    "sqlite3 has to be compiled here and Node's headers cannot be fetched: set npm_config_nodedir to the folder that has include/node.",
  ],
  [/gyp ERR!/, 'A package that has to be compiled did not compile; the lines above say why.'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/,
    'The package registry cannot be reached: connect to the network (or set `npm config set registry ...`) and try again.',
  ],
  [/E401|E403/, "The package registry refused us: check npm's registry and log-in settings."],
  [
    /EINTEGRITY/,
    'A package does not have the content that package-lock.json promises: nothing of it was run.',
  ],
  [/ENOSPC/, 'The disk is full.'],
  [/EACCES|EPERM/, 'npm may not write to node_modules: check who owns the folder.'],
];

const explain = (output) =>
  failures.find(([pattern]) => pattern.test(output))?.[1] ??
  'npm ci failed; the lines above say why.';

/** npm as it was called, or the one on the PATH. */
export const npmCommand = () =>
  process.env.npm_execpath?.endsWith('.js')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];

/** Installs what the lock file names, if it is not there yet. @throws SetupError with what to do. */
export async function installPackages(say) {
  if (!packagesAreStale()) return;
  say('Installing packages (the first time up to three minutes, as some are compiled)');
  const [program, ...args] = npmCommand();
  const { code, output, timedOut } = await run(
    program,
    [...args, 'ci', '--no-audit', '--no-fund'],
    {
      cwd: root,
      quiet: true,
      seconds: 900,
    },
  );
  if (code === 0) return;
  // A half-made tree would pass for a whole one the next time.
  rmSync(installedList, { force: true });
  process.stderr.write(output.slice(-6_000));
  throw new SetupError(
    timedOut ? 'npm ci took longer than 15 minutes and was ended.' : explain(output),
  );
}
