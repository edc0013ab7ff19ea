/** The parts of the bench: found, bundled, run. */
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { insideNamespace } from '../namespace.js';
import { run } from '../process/run.js';
import { root } from '../setup/folders.js';
import { bundleModule } from './bundle.js';

const suffix = '.bench.ts';
/** Seconds that a part may take: a few minutes and patience with a slow machine. */
const limits = { full: 1_200, quick: 120 };

/** Every part of the repository, by name. */
export function findParts() {
  return ['server', 'widget', 'e2e']
    .map((workspace) => join(root, workspace, 'bench'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith(suffix))
        .map((file) => ({ name: file.slice(0, -suffix.length), file: join(folder, file) })),
    )
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** Makes one module of a part.
 * @returns its path, and whether it wants a network of its own (`export const namespace = true`).
 * @throws Error with the bundler's messages. */
export async function bundlePart({ name, file }) {
  const { path, exports } = await bundleModule(file, name);
  if (!exports.includes('run')) throw new Error(`${relative(root, file)} exports no "run"`);
  return { path, namespace: exports.includes('namespace') };
}

/** Runs a bundled part in a process of its own, its output on stderr.
 * @throws Error when it fails, takes too long or answers no figures. */
export async function runPart({ path, namespace }, { report, quick }) {
  const plain = [
    process.execPath,
    '--expose-gc',
    '--enable-source-maps',
    join(import.meta.dirname, 'child.js'),
    path,
    report,
    ...(quick ? ['--quick'] : []),
  ];
  const { command, env } = namespace ? insideNamespace(plain) : { command: plain, env: {} };
  const [program, ...args] = command;
  const seconds = quick ? limits.quick : limits.full;
  const { code, timedOut } = await run(program, args, {
    cwd: root,
    seconds,
    env,
    show: process.stderr,
  });
  if (timedOut) throw new Error(`It took longer than ${seconds} s and was ended.`);
  if (code !== 0) throw new Error(`It ended with code ${code}.`);
  return checked(JSON.parse(await readFile(report, 'utf8')));
}

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

/** @throws Error for what is no list of figures. */
function checked(figures) {
  if (!Array.isArray(figures) || figures.length === 0) throw new Error('It answered no figures.');
  for (const { name, value, unit, floor, budget } of figures) {
    const right =
      typeof name === 'string' &&
      typeof unit === 'string' &&
      isNumber(value) &&
      [floor, budget].every((one) => one === null || isNumber(one));
    if (!right) throw new Error(`It answered a figure that is none: ${name}`);
  }
  return figures;
}
