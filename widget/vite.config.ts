/** Builds what the server serves: `parley.js`, and hashed modules that it loads when they are wanted. */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';
import { fetchedImports } from './build/importer.js';

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

/** Takes comments and white space out of the styles and templates in our own modules: minifiers leave literals alone. */
function minifyTemplates(): Plugin {
  return {
    name: 'parley-minify-templates',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/widget\/src\/(elements|loader)\/.*\.ts$/.test(id)) return null;
      return { code: mapLiterals(code), map: null };
    },
  };
}

const css = (text: string): string =>
  text
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,>]) ?/g, '$1')
    .replace(/: /g, ':')
    .replace(/;}/g, '}')
    .replace(/([ (,:-])0\.(?=\d)/g, '$1.');
// A run of white space with a line break in it is layout of the source, between tags or attributes.
const html = (text: string): string =>
  text
    .replace(/<!--[^]*?-->/g, '')
    .replace(/\s*\n\s*(>?)/g, (_run, end: string, at: number) =>
      text[at - 1] === '>' || end === '>' ? end : ' ',
    );

/** Applies `css` or `html` to the texts of tagged literals, and leaves the expressions between them as they are. */
function mapLiterals(code: string): string {
  const start = /(?:\b(css|html|svg)|\/\* (css) \*\/ )`/g;
  let result = '';
  let from = 0;
  for (let match = start.exec(code); match !== null; match = start.exec(code)) {
    const minify = (match[1] ?? match[2]) === 'css' ? css : html;
    const open = start.lastIndex;
    const { text, end } = literal(code, open, minify);
    result += code.slice(from, open) + text;
    from = end;
    start.lastIndex = end;
  }
  return result + code.slice(from);
}

function literal(
  code: string,
  open: number,
  minify: (text: string) => string,
): { text: string; end: number } {
  let text = '';
  let at = open;
  for (let from = open; ;) {
    if (code[at] === '`') return { text: text + minify(code.slice(from, at)), end: at };
    if (code[at] === '\\') at += 2;
    else if (code.startsWith('${', at)) {
      const end = closing(code, at + 2);
      text += minify(code.slice(from, at)) + '${' + mapLiterals(code.slice(at + 2, end)) + '}';
      at = from = end + 1;
    } else at += 1;
    if (at > code.length) throw new Error('a literal without an end');
  }
}

/** Where the expression ends that begins here. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at += 1) {
    const sign = code[at];
    if (sign === '`') at = literal(code, at + 1, (text) => text).end;
    else if (sign === "'" || sign === '"') at = code.indexOf(sign, at + 1);
    else if (sign === '{') depth += 1;
    else if (sign === '}' && depth-- === 0) return at;
  }
  throw new Error('an expression without an end');
}

/** The bundler's own helper lists what a module exports by `for in`, which meets whatever a page has added to
 * `Object.prototype`: by own keys it does not. */
function ownKeys(): Plugin {
  return {
    name: 'parley-own-keys',
    apply: 'build',
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle))
        if (output.type === 'chunk')
          output.code = output.code.replace(
            /for\(var (\w+) in (\w+)\)(?=\w+\(\w+,\1,\{get:)/g,
            'for(var $1 of Object.keys($2))',
          );
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
  plugins: [entryUrl(), minifyTemplates(), fetchedImports(), ownKeys(), licences(), compressed()],
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
        // Bundlers keep hints for other bundlers in libraries; licences are in a file of their own.
        comments: false,
        format: 'es',
        entryFileNames: (chunk) =>
          chunk.name === 'parley' ? 'parley.js' : 'modules/[name]-[hash].js',
        chunkFileNames: 'modules/[name]-[hash].js',
        assetFileNames: 'modules/[name]-[hash][extname]',
      },
    },
  },
});
