/** Puts figures where people read them: README.md, docs/figures.json, docs/figures.svg. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { root } from '../setup/folders.js';
import { picture } from './picture.js';
import { markdownTable } from './table.js';

const begin = '<!-- figures: written by `npm run bench -- --write` -->';
const end = '<!-- end of figures -->';

/** One line on what was measured on. */
function machine() {
  const all = cpus();
  const model = (all[0]?.model ?? 'an unknown processor').replace(/\s+/g, ' ').trim();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${all.length} cores of ${model}, ${gigabytes} GB, ${process.platform}, Node ${process.versions.node}`;
}

/** New figures take the place of their part's old ones; parts that were not run keep theirs. */
export function merged(old, results) {
  const parts = new Map(old.map(({ part, figures }) => [part, figures]));
  for (const { part, figures } of results) parts.set(part, figures);
  return [...parts]
    .map(([part, figures]) => ({ part, figures }))
    .sort((one, other) => one.part.localeCompare(other.part));
}

/** The text between the two marks, replaced. @throws Error where the page has no marks. */
export function between(page, text) {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error('README.md has lost its marks for the figures');
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}

/** Besides what has a budget: how it fares under load, with a long history, after a restart. */
const alsoShown = [
  /^messages: send to delivered p50, 1,000 per second offered/,
  /^latency: (send to decrypted p50|decrypted per second), 1,000 per second offered/,
  /^growth-server: (send|pull of the newest page), 1,000,000 messages/,
  /^connections: .* after a restart/,
];
/** Of a history's lengths the longest says it all. */
const shorter = /^growth-browser: .*, 10,000 messages/;

/** What people are shown of all figures: what has a budget, and a handful that matter. */
export function readersFigures(figures) {
  return figures.filter(
    ({ name, budget }) =>
      (budget !== null && !shorter.test(name)) || alsoShown.some((pattern) => pattern.test(name)),
  );
}

/** What the page says: the picture, and one table. */
export function section(figures, on) {
  const shown = readersFigures(figures);
  return `![Throughput and latency beside floor and budget](docs/figures.svg)

Measured by \`npm run bench -- --write\`, the load generator, browsers, databases and Janus on the same cores:
${on}. The floor is the bare thing in the same run: a relay without storage and one fsync, bare AES-GCM, a bare
Janus call, a short history. These are ${shown.length} of the ${figures.length} figures in [docs/figures.json](docs/figures.json).

${markdownTable(shown)}`;
}

/** @param results `{ part, figures }` of the parts that were run. */
export async function writeFigures(results) {
  const docs = join(root, 'docs');
  await mkdir(docs, { recursive: true });
  const json = join(docs, 'figures.json');
  const old = JSON.parse(await readFile(json, 'utf8').catch(() => '{"parts":[]}'));
  const parts = merged(old.parts, results);
  const on = machine();
  await writeFile(json, `${JSON.stringify({ machine: on, parts }, null, 2)}\n`);
  const figures = parts.flatMap((part) => part.figures);
  await writeFile(join(docs, 'figures.svg'), picture(figures));
  const readme = join(root, 'README.md');
  await writeFile(readme, between(await readFile(readme, 'utf8'), section(figures, on)));
}
