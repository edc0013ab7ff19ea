/** A dynamic import that fails for want of a network works the next time it is asked for.
 *
 * Browsers of before the middle of 2026 keep a module that could not be fetched as failed for as long as the page lives
 * (whatwg/html issue 6768). So whatever a module needs is fetched before it is imported: an import then finds it
 * in the browser's cache, all at once instead of one after the other. */
import { posix } from 'node:path';
import type { Plugin } from 'vite';

type Importer = (
  path: string,
  needs: readonly string[],
  load: () => Promise<unknown>,
) => Promise<unknown>;

/** Stands in every built module that imports others later: by its text, so it may use nothing from around it.
 * @param base the module's own address */
export function createImporter(base: string): Importer {
  const modules = new Map<string, Promise<unknown>>();

  const arrive = async (paths: readonly string[]): Promise<void> => {
    // What a page has put in the place of `fetch` may say no to everything, or nothing at all.
    if (!/\[native code\]/.test(String(fetch))) {
      if (!navigator.onLine) throw new TypeError('offline');
      return;
    }
    const arrived = async (path: string): Promise<void> => {
      const response = await fetch(new URL(path, base));
      if (!response.ok) throw new TypeError(`${path}: ${String(response.status)}`);
      await response.arrayBuffer();
    };
    await Promise.all(paths.map(arrived));
  };

  const begin = async (
    path: string,
    needs: readonly string[],
    load: () => Promise<unknown>,
  ): Promise<unknown> => {
    try {
      await arrive([path, ...needs]);
      return await load();
    } catch (error) {
      modules.delete(path);
      throw error;
    }
  };

  return (path, needs, load) => {
    const module = modules.get(path) ?? begin(path, needs, load);
    modules.set(path, module);
    return module;
  };
}

/** Has every dynamic import of the build go through `createImporter`. */
export function fetchedImports(): Plugin {
  return {
    name: 'parley-fetched-imports',
    apply: 'build',
    renderChunk(code, chunk, ...[, { chunks }]) {
      if (chunk.dynamicImports.length === 0) return null;
      const here = posix.dirname(chunk.fileName);
      const address = (file: string): string => `./${posix.relative(here, file)}`;
      // What the module itself needs is there already.
      const present = closure(chunks, chunk.fileName);
      const calls = new Map(
        chunk.dynamicImports.map((target) => {
          const needs = [...closure(chunks, target)].filter(
            (file) => file !== target && !present.has(file),
          );
          const list = JSON.stringify(needs.map(address));
          const path = JSON.stringify(address(target));
          return [`import(${path})`, `importFetched(${path},${list},()=>import(${path}))`];
        }),
      );
      let rest = code;
      for (const [plain, fetched] of calls) {
        if (!rest.includes(plain)) throw new Error(`${chunk.fileName} has no ${plain}`);
        rest = rest.replaceAll(plain, fetched);
      }
      const importer = `const importFetched=(${createImporter.toString()})(import.meta.url);`;
      return { code: `${importer}\n${rest}`, map: null };
    },
  };
}

/** A chunk and all that it imports at once. */
function closure(
  chunks: Readonly<Record<string, { imports: readonly string[] }>>,
  file: string,
  found = new Set<string>(),
): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const next of chunks[file]?.imports ?? []) closure(chunks, next, found);
  return found;
}
