/** SFrame: microseconds a frame in Chromium's worker and in Node, against bare AES-GCM; bytes added. */
import { join } from 'node:path';
import type { BenchPart, Figure } from '../../scripts/bench/figure.js';
import { runInChromium } from './chromium/worker-run.js';
import { measureSframe, type SframeTimes } from './sframe/measure.js';

const overheadBudgetBytes = 22;
const sealBudgetUs = 30;

function figuresOf(times: readonly SframeTimes[], place: string): Figure[] {
  return times.flatMap(({ frameBytes, seal, open, bareSeal, bareOpen }) => {
    const size = `${frameBytes.toLocaleString('en')} B`;
    const isBudgeted = place === 'Chromium worker' && frameBytes === 1_200;
    return [
      {
        name: `sframe: encrypt a frame of ${size}, ${place}`,
        value: seal,
        unit: 'us',
        floor: bareSeal,
        budget: isBudgeted ? sealBudgetUs : null,
      },
      {
        name: `sframe: decrypt a frame of ${size}, ${place}`,
        value: open,
        unit: 'us',
        floor: bareOpen,
        budget: null,
      },
    ];
  });
}

/** Measures, and answers the figures. */
export const run: BenchPart = async ({ quick, say }) => {
  const rounds = quick ? { rounds: 3, times: 200 } : { rounds: 15, times: 2_000 };
  say('in a Chromium worker');
  const script = join(import.meta.dirname, 'sframe/sframe.page.ts');
  const inChromium = await runInChromium<SframeTimes[]>(script, rounds);
  say('in Node');
  const inNode = await measureSframe(rounds);
  const added = Math.max(...inChromium.map((one) => one.added));
  return [
    ...figuresOf(inChromium, 'Chromium worker'),
    ...figuresOf(inNode, 'Node'),
    {
      name: 'sframe: bytes added to a frame',
      value: added,
      unit: 'B',
      floor: null,
      budget: overheadBudgetBytes,
    },
  ];
};
