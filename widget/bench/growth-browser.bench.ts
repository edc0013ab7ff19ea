/** A conversation of 100, 10,000 and 100,000 messages in Chromium's IndexedDB: nothing may grow with history. */
import { join } from 'node:path';
import type { BenchPart, Figure } from '../../scripts/bench/figure.js';
import { startServer } from '../src/core/test/server-process.js';
import { runInChromium } from './chromium/worker-run.js';
import type { GrowthInput, GrowthTimes } from './growth/measure.js';

const what: Record<Exclude<keyof GrowthTimes, 'messages'>, string> = {
  open: 'open, with the newest page',
  send: 'send one, until it is stored',
  pull: 'pull and store one of many',
  scroll: 'scroll back one page',
  oldest: 'read the oldest page',
};

/** A figure of a long history that is more than so many times that of the shortest has grown with it. */
const growthMax = 2;

function figuresOf(times: readonly GrowthTimes[]): Figure[] {
  const [shortest, ...others] = times;
  if (shortest === undefined) return [];
  return (Object.keys(what) as (keyof typeof what)[]).flatMap((name) =>
    [shortest, ...others].map((one) => ({
      name: `growth-browser: ${what[name]}, ${one.messages.toLocaleString('en')} messages`,
      value: one[name],
      unit: 'ms',
      floor: one === shortest ? null : shortest[name],
      budget: one === shortest ? null : growthMax * shortest[name],
    })),
  );
}

/** Measures, and answers the figures. */
export const run: BenchPart = async ({ quick, say }) => {
  const sizes = quick ? [100, 1_000] : [100, 10_000, 100_000];
  say(`${sizes.join(', ')} messages`);
  const server = await startServer();
  try {
    const { key: siteKey, origin } = server.bazaar;
    const input: GrowthInput = {
      serverUrl: server.url,
      siteKey,
      origin,
      sizes,
      times: quick ? 5 : 25,
    };
    const script = join(import.meta.dirname, 'growth/growth.page.ts');
    return figuresOf(await runInChromium<GrowthTimes[]>(script, input, origin));
  } finally {
    await server.dispose();
  }
};
