/** `npm run bench [-- PART...] [--json] [--quick] [--write]`: every figure beside its floor and its budget.
 *
 * A part is `{server,widget,e2e}/bench/NAME.bench.ts` (see bench/figure.d.ts), run in a process of its own.
 * `--json` prints one array of figures and nothing else on stdout; `--quick` only shows that the parts work;
 * `--write` puts the figures into README.md, docs/figures.json and docs/figures.svg. A part that fails is named,
 * the others go on, and the exit code is 1. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundlePart, findParts, runPart } from './bench/parts.js';
import { terminalTable } from './bench/table.js';
import { writeFigures } from './bench/write.js';
import { endAllWithUs } from './process/run.js';
import { main, SetupError } from './setup/failure.js';
import { buildStale } from './setup/stale.js';

const options = new Set(process.argv.slice(2).filter((argument) => argument.startsWith('--')));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const quick = options.has('--quick');
const say = (line) => process.stderr.write(`${line}\n`);

function chosenParts() {
  const unknown = [...options].find((one) => !['--json', '--quick', '--write'].includes(one));
  if (unknown !== undefined) throw new SetupError(`bench knows no ${unknown}`);
  if (quick && options.has('--write'))
    throw new SetupError('Quick figures mean nothing: run without --quick to write them.');
  const parts = findParts();
  const missing = names.find((name) => !parts.some((part) => part.name === name));
  if (missing !== undefined)
    throw new SetupError(
      `There is no part ${missing}: ${parts.map(({ name }) => name).join(', ')}`,
    );
  return names.length === 0 ? parts : parts.filter(({ name }) => names.includes(name));
}

/** Runs the parts one after the other: two at a time would measure each other. */
async function measure(parts) {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const results = [];
  const failed = [];
  try {
    for (const part of parts) {
      say(`-- ${part.name}`);
      try {
        const bundle = await bundlePart(part);
        const figures = await runPart(bundle, {
          report: join(folder, `${part.name}.json`),
          quick,
        });
        results.push({ part: part.name, figures });
      } catch (error) {
        failed.push(part.name);
        say(`-- ${part.name}: FAILED. ${error.message}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { results, failed };
}

await main(async () => {
  const parts = chosenParts();
  endAllWithUs();
  await buildStale(say);
  const { results, failed } = await measure(parts);
  const figures = results.flatMap((result) => result.figures);
  if (options.has('--json')) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else process.stdout.write(terminalTable(figures));
  if (options.has('--write')) await writeFigures(results);
  if (failed.length === 0) return;
  say(`Failed: ${failed.join(', ')}`);
  process.exitCode = 1;
});
