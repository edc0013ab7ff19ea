/** A row of checks with one sum: each step counts as one, a step of tests counts each of its tests. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { insideNamespace } from '../namespace.js';
import { run } from './run.js';

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(0)} s`;

/** Collects results. `totals` is what the last line says; `failures` names what failed. */
export class Steps {
  totals = { passed: 0, failed: 0, skipped: 0 };
  failures = [];
  /** Those that the random tests printed, to replay them. */
  seeds = [];
  /** A few lines for each test that failed, or passed only when tried again. */
  troubles = [];

  #add(name, { passed, failed, skipped }, since) {
    this.totals.passed += passed;
    this.totals.failed += failed;
    this.totals.skipped += skipped;
    if (failed > 0) this.failures.push(name);
    const sign = failed > 0 ? 'FAILED' : 'ok';
    const count = passed + failed + skipped > 1 ? `, ${passed} passed, ${failed} failed` : '';
    process.stdout.write(`-- ${name}: ${sign} (${seconds(since)}${count})\n`);
  }

  /** Something that cannot be done here, said plainly. */
  skip(name, reason) {
    this.totals.skipped += 1;
    process.stdout.write(`-- ${name}: skipped. ${reason}\n`);
  }

  /** A check that is right or wrong as a whole; its output is shown when it is wrong. */
  async check(name, args, limit) {
    const since = Date.now();
    const { code, output, timedOut } = await run(process.execPath, args, {
      quiet: true,
      seconds: limit,
    });
    const ok = code === 0;
    if (!ok) process.stdout.write(output.slice(-20_000));
    if (timedOut) process.stdout.write(`${name} took longer than ${limit} s and was ended.\n`);
    this.#add(name, { passed: Number(ok), failed: Number(!ok), skipped: 0 }, since);
    return ok;
  }

  /** Vitest projects; every test counts, and so does a run that broke off.
   * @param options `seconds` is the limit; `namespace` runs them in a network of their own, where that can be;
   * `filters` are parts of paths, `env` is added to the environment; `workers` files run at a time; a test that
   * fails is tried again up to `retry` times, and named at the end even if it passed then. */
  async tests(
    name,
    projects,
    { seconds: limit, namespace = false, filters = [], env: more = {}, workers = 1, retry },
  ) {
    const since = Date.now();
    const folder = mkdtempSync(join(tmpdir(), 'parley-results-'));
    const report = join(folder, 'report.json');
    const vitest = [
      process.execPath,
      'node_modules/vitest/vitest.mjs',
      'run',
      ...filters,
      ...projects.flatMap((project) => ['--project', project]),
      `--maxWorkers=${workers}`,
      ...(retry === undefined ? [] : [`--retry=${retry}`]),
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ];
    const { command, env } = namespace ? insideNamespace(vitest) : { command: vitest, env: {} };
    const [program, ...args] = command;
    const { code, output, timedOut } = await run(program, args, {
      seconds: limit,
      env: { ...more, ...env },
    });
    this.seeds.push(...[...output.matchAll(/^.*PARLEY_SEED=\d+/gm)].map(([seed]) => seed));
    if (timedOut) process.stdout.write(`${name} took longer than ${limit} s and was ended.\n`);
    const { counts, troubles } = readReport(report);
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    this.troubles.push(...troubles);
    rmSync(folder, { recursive: true, force: true });
    this.#add(name, counts, since);
  }

  /** Prints the seeds once more, what failed, and the one last line; sets the exit code. */
  finish() {
    const { passed, failed, skipped } = this.totals;
    for (const line of [...this.seeds, ...this.troubles]) process.stdout.write(`${line}\n`);
    if (failed > 0) process.stdout.write(`Failed: ${this.failures.join(', ')}\n`);
    const tail = skipped > 0 ? `, ${skipped} skipped` : '';
    process.stdout.write(`${passed} passed, ${failed} failed${tail}\n`);
    process.exitCode = failed > 0 ? 1 : 0;
  }
}

/** What a JSON report of Vitest says. A file that failed without any failed test (it did not load) counts as one. */
function readReport(path) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { counts: { passed: 0, failed: 1, skipped: 0 }, troubles: [] };
  }
  const broken = report.testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    counts: {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken.length,
      skipped: report.numPendingTests + report.numTodoTests,
    },
    troubles: [
      ...broken.map((file) =>
        trouble('Broken', file, { fullName: '', failureMessages: [file.message] }),
      ),
      ...report.testResults.flatMap((file) =>
        file.assertionResults
          .filter((test) => test.failureMessages.length > 0)
          .map((test) =>
            trouble(test.status === 'failed' ? 'Failed' : 'Passed when tried again', file, test),
          ),
      ),
    ],
  };
}

/** One test's trouble: where it is, and the beginning of each error, so that the end of a log is enough to go on. */
function trouble(what, file, test) {
  const errors = test.failureMessages.map((text) =>
    text
      .split('\n')
      .filter((line) => !line.includes('node_modules'))
      .slice(0, 12)
      .join('\n    '),
  );
  return [`${what}: ${relative('', file.name)} > ${test.fullName}`, ...errors].join('\n    ');
}
