/** Installs and builds what is older than its sources, and nothing else. */
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../process/run.js';
import { SetupError } from './failure.js';
import { root } from './folders.js';
import { installPackages } from './packages.js';

/** What is built, of what, and how. The mark's time is that of the build's beginning. */
const parts = [
  {
    name: 'server',
    output: 'server/dist/main.js',
    sources: ['server/src', 'server/tsconfig.json', 'tsconfig.base.json', 'package-lock.json'],
    command: ['node_modules/typescript/bin/tsc', '-b', 'server'],
  },
  {
    name: 'widget',
    output: 'widget/dist/page/parley.js',
    sources: [
      'widget/src',
      'widget/build',
      'widget/package.json',
      'widget/vite.config.ts',
      'package-lock.json',
      'patches',
    ],
    command: ['node_modules/vite/bin/vite.js', 'build', 'widget'],
  },
];

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce(
    (time, name) => Math.max(time, newest(join(path, name))),
    stat.mtimeMs,
  );
}

const markOf = (part) => join(root, 'node_modules/.cache/parley', `${part.name}.built`);

const isStale = (part) => {
  const mark = markOf(part);
  if (!existsSync(join(root, part.output)) || !existsSync(mark)) return true;
  const built = statSync(mark).mtimeMs;
  return part.sources.some((source) => newest(join(root, source)) > built);
};

/** Installs the packages where the lock file is newer, builds server and widget where their sources are.
 * @throws SetupError with what to do, or when one does not build. */
export async function buildStale(say) {
  await installPackages(say);
  for (const part of parts.filter(isStale)) {
    say(`Building the ${part.name}`);
    const start = new Date();
    const { code, output } = await run(process.execPath, part.command, {
      cwd: root,
      quiet: true,
      seconds: 300,
      env: { NO_COLOR: '1' },
    });
    if (code !== 0) {
      process.stderr.write(output.slice(-6_000));
      throw new SetupError(`The ${part.name} does not build; the lines above say why.`);
    }
    mkdirSync(dirname(markOf(part)), { recursive: true });
    writeFileSync(markOf(part), start.toISOString());
    utimesSync(markOf(part), start, start);
  }
}
