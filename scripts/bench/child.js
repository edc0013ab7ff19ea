/** The process of one part: `node child.js BUNDLE REPORT [--quick]`. The figures go into the report, so that
 * whatever a part's own children print does no harm. */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const [bundle, report] = process.argv.slice(2);
const quick = process.argv.includes('--quick');

const { run } = await import(pathToFileURL(bundle).href);
const figures = await run({ quick, say: (line) => process.stdout.write(`   ${line}\n`) });
const plain = figures.map(({ name, value, unit, floor, budget }) => ({
  name,
  value,
  unit,
  floor,
  budget,
}));
await writeFile(report, JSON.stringify(plain));
// A handle that a part forgot must not hold up the next one.
process.exit(0);
