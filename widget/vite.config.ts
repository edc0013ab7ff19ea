/** Builds what the server serves: `parley.js`, and hashed modules that it loads when they are wanted. */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** `import url from './x.ts?entry'`: the address of a module that is an entry of its own, for a worker.
 *
 * It stays in the same graph as everything else, so that the page's fall-back and the worker share their chunks. */
function entryUrl(): Plugin {
  const suffix = '?entry';
  return {
    name: 'parley-entry-url',
    apply: 'build',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!source.endsWith(suffix)) return null;
      const found = await this.resolve(source.slice(0, -suffix.length), importer);
      return found === null ? null : found.id + suffix;
    },
    load(id) {
      if (!id.endsWith(suffix)) return null;
      const module = id.slice(0, -suffix.length);
      const name = module.replace(/^.*\/|\.ts$/g, '');
      const reference = this.emitFile({ type: 'chunk', id: module, name });
      return `export default import.meta.ROLLUP_FILE_URL_${reference};`;
    },
  };
}

/** White space between tags and around text means nothing in our templates: 1 space does. */
function minifyTemplates(): Plugin {
  return {
    name: 'parley-minify-templates',
    apply: 'build',
    transform(code, id) {
      if (!/\/widget\/src\/(elements|loader)\/.*\.ts$/.test(id) || /\.test\.ts$/.test(id))
        return null;
      if (!/(html|css|svg|\/\* css \*\/ )`/.test(code)) return null;
      return { code: code.replace(/\n\s+/g, '\n'), map: null };
    },
  };
}

/** Names, versions and licence texts of every package whose code is in the bundle. */
function licences(): Plugin {
  return {
    name: 'parley-licences',
    apply: 'build',
    async generateBundle(_options, bundle) {
      const folders = new Set<string>();
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue;
        for (const id of output.moduleIds) {
          const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replace(/^\0+/, ''));
          if (match?.[1] !== undefined) folders.add(match[1]);
        }
      }
      const notices = await Promise.all([...folders].sort().map(notice));
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: notices.join('\n\n') });
    },
  };
}

async function notice(folder: string): Promise<string> {
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  const heading = `${String(about['name'])} ${String(about['version'])} (${String(about['license'])})`;
  for (const name of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license']) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => null);
    if (text !== null) return `${heading}\n\n${text.trim()}\n`;
  }
  return heading;
}

/** `.br` and `.gz` beside every file, for the server to send as they are. */
function compressed(): Plugin {
  return {
    name: 'parley-compressed',
    apply: 'build',
    async writeBundle(options, bundle) {
      const folder = options.dir ?? '';
      for (const name of Object.keys(bundle)) {
        const bytes = await readFile(join(folder, name));
        await writeFile(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
        await writeFile(join(folder, `${name}.br`), brotliCompressSync(bytes));
      }
    },
  };
}

const source = join(dirname(import.meta.filename), 'src');

export default defineConfig({
  root: dirname(import.meta.filename),
  base: './',
  publicDir: false,
  plugins: [entryUrl(), minifyTemplates(), licences(), compressed()],
  oxc: { decorator: { legacy: true } },
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    target: ['chrome120', 'firefox121', 'safari17.4'],
    modulePreload: false,
    manifest: 'manifest.json',
    reportCompressedSize: false,
    // As a library: pages and workers load modules natively, without a preload helper that wants a document.
    lib: { entry: { parley: join(source, 'loader/parley.ts') }, formats: ['es'] },
    rolldownOptions: {
      output: {
        minify: true,
        format: 'es',
        entryFileNames: (chunk) =>
          chunk.name === 'parley' ? 'parley.js' : 'modules/[name]-[hash].js',
        chunkFileNames: 'modules/[name]-[hash].js',
        assetFileNames: 'modules/[name]-[hash][extname]',
      },
    },
  },
});
