/** `npm run size`: what visitors download, from the real module graph, against the budgets of the design.
 *
 * Fails above a budget. `--json` prints one array of `{ name, value, unit, floor, budget }` and nothing else;
 * `floor` is the least that was ever recorded, with `--record`, in size.floor.json. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = join(import.meta.dirname, '..');
const floors = join(import.meta.dirname, 'size.floor.json');

const loader = ['src/loader/parley.ts'];
/** What must be there before a message can be written and sent. */
const chat = ['src/main.ts', 'src/workers/engine.ts'];
/** What most people never load: other languages, and what stands in where a browser or network lacks something:
 * WebSockets, workers, WebCrypto or its Curve25519. */
const optional = [
  /^src\/locales\/(?!en\b)/,
  /^src\/core\/transport\/http\.ts/,
  /^src\/core\/identity\/software-curves/,
  /^src\/platform\/software-crypto/,
  /^src\/platform\/engine\/in-page/,
];

/** Files of these modules and of all that they import statically. */
function closure(manifest, names, found = new Set()) {
  for (const name of names) {
    const chunk = manifest[name];
    if (chunk === undefined) throw new Error(`${name} is not in the build`);
    if (found.has(chunk.file)) continue;
    found.add(chunk.file);
    closure(manifest, chunk.imports ?? [], found);
  }
  return found;
}

/** Everything that can be reached from these, dynamically too, but what is optional. */
function reach(manifest, names, found = new Set()) {
  for (const name of names) {
    if (found.has(name) || optional.some((pattern) => pattern.test(name))) continue;
    found.add(name);
    const { imports = [], dynamicImports = [] } = manifest[name];
    reach(manifest, [...imports, ...dynamicImports], found);
  }
  return found;
}

async function measure(folder) {
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  const bytes = async (files) => {
    const sizes = await Promise.all(
      [...files].map(
        async (file) => gzipSync(await readFile(join(folder, file)), { level: 9 }).length,
      ),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  const first = closure(manifest, loader);
  const ready = closure(manifest, chat);
  // Workers are entries that no import names.
  const entries = Object.keys(manifest).filter((name) => manifest[name].isEntry);
  const all = closure(manifest, reach(manifest, [...entries, ...loader, ...chat]));
  const beyond = (files) => [...files].filter((file) => !first.has(file));
  return [
    { name: 'loader', size: await bytes(first), budget: 5 },
    {
      name: 'chat ready to send, beyond the loader',
      size: await bytes(beyond(ready)),
      budget: 125,
    },
    { name: 'everything with calls', size: await bytes(all), budget: 150 },
  ];
}

const rounded = (bytes) => Math.round((bytes / 1024) * 100) / 100;

const folder = await mkdtemp(join(tmpdir(), 'parley-size-'));
try {
  await build({
    root: join(root, 'widget'),
    configFile: join(root, 'widget/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder },
  });
  const known = JSON.parse(await readFile(floors, 'utf8').catch(() => '{}'));
  const results = (await measure(folder)).map(({ name, size, budget }) => {
    const value = rounded(size);
    return { name, value, unit: 'KiB gzip', floor: Math.min(known[name] ?? value, value), budget };
  });
  if (process.argv.includes('--record')) {
    const recorded = Object.fromEntries(results.map(({ name, floor }) => [name, floor]));
    await writeFile(floors, `${JSON.stringify(recorded, null, 2)}\n`);
  }
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(results)}\n`);
  else
    for (const { name, value, floor, budget } of results) {
      const verdict = value > budget ? 'OVER' : 'ok  ';
      process.stdout.write(
        `${verdict} ${value.toFixed(2).padStart(7)} of ${String(budget).padStart(3)} KiB  ${name} (least so far ${floor.toFixed(2)})\n`,
      );
    }
  if (results.some(({ value, budget }) => value > budget)) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
