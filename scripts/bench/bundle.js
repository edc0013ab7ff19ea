/** One module of a bench's file and all that it imports from here, its packages left outside. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../setup/folders.js';

/** Below the root's node_modules, so that the packages of a bundle resolve. */
const bundles = join(root, 'node_modules/.cache/parley-bench');

/** Keeps what a module says of its own place true after it has moved into a bundle. */
const places = {
  name: 'places',
  setup(bundler) {
    bundler.onLoad({ filter: /\.[jt]s$/ }, async ({ path }) => {
      if (path.includes('/node_modules/')) return null;
      const text = await readFile(path, 'utf8');
      const place = {
        dirname: dirname(path),
        filename: path,
        url: pathToFileURL(path).href,
      };
      return {
        contents: text.replace(/\bimport\.meta\.(dirname|filename|url)\b/g, (_all, what) =>
          JSON.stringify(place[what]),
        ),
        loader: path.endsWith('.ts') ? 'ts' : 'js',
      };
    });
  },
};

/** @param name of the module that is made.
 * @returns its path, and what it exports.
 * @throws Error with the bundler's messages. */
export async function bundleModule(file, name) {
  await mkdir(bundles, { recursive: true });
  const path = join(bundles, `${name}.mjs`);
  // Not before the packages are there.
  const { build } = await import('esbuild');
  const { metafile } = await build({
    entryPoints: [file],
    outfile: path,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    metafile: true,
    logLevel: 'silent',
    plugins: [places],
  });
  return { path, exports: metafile.outputs[relative(root, path)]?.exports ?? [] };
}
