/** The library twice: as it is installed with our corrections, and as it was published. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { churn } from './churn.js';

export type Library = typeof import('ts-mls');

const root = fileURLToPath(new URL('../../../../../', import.meta.url));

/** Undoes `patches/ts-mls+*.patch` on a copy. The copy lies within node_modules, so that it finds its dependencies. */
export async function publishedLibrary(): Promise<{
  library: Library;
  /** The churn of `churn.ts`, with our whole MLS layer over this library. */
  churn: typeof churn;
  remove: () => Promise<void>;
}> {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'ts-mls-published-'));
  const copy = join(folder, 'node_modules/ts-mls');
  await cp(join(root, 'node_modules/ts-mls'), copy, { recursive: true });
  const patch = await readFile(join(root, 'patches/ts-mls+2.0.0-rc.10.patch'), 'utf8');
  for (const [file, hunks] of hunksByFile(patch)) {
    const path = join(folder, file);
    let text = await readFile(path, 'utf8');
    for (const { before, after } of hunks) {
      if (!text.includes(after))
        throw new Error(`the installed ${file} does not carry our corrections`);
      text = text.replace(after, () => before);
    }
    await writeFile(path, text);
  }
  const entry = join(copy, 'dist/src/index.js');
  const library = (await import(/* @vite-ignore */ entry)) as Library;
  const bundle = join(folder, 'churn.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./churn.ts', import.meta.url))],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'node',
    alias: { 'ts-mls': entry },
  });
  const bundled = (await import(/* @vite-ignore */ bundle)) as { churn: typeof churn };
  return { library, churn: bundled.churn, remove: () => rm(folder, { recursive: true }) };
}

interface Hunk {
  before: string;
  after: string;
}

/** Reads a unified diff. */
function hunksByFile(patch: string): Map<string, Hunk[]> {
  const files = new Map<string, Hunk[]>();
  for (const part of patch.split(/^diff --git /m).slice(1)) {
    const file = /^\+\+\+ b\/(.+)$/m.exec(part)?.[1];
    if (file === undefined) throw new Error('a patch without a file');
    const hunks = part.split(/^@@ .*@@.*\n/m).slice(1);
    files.set(
      file,
      hunks.map((hunk) => {
        const lines = hunk.split('\n').filter((line) => line !== '' && !line.startsWith('\\'));
        const side = (leftOut: string) =>
          lines
            .filter((line) => !line.startsWith(leftOut))
            .map((line) => `${line.slice(1)}\n`)
            .join('');
        return { before: side('+'), after: side('-') };
      }),
    );
  }
  return files;
}
