/** MLS with X-Wing in Chromium and Node: times and bytes at 2, 8, 32 and 128 leaves. */
import { join } from 'node:path';
import type { BenchPart, Figure } from '../../scripts/bench/figure.js';
import { runInChromium } from './chromium/worker-run.js';
import { measureMls, type MlsInput, type MlsResult, type MlsTimes } from './mls/measure.js';

const operations: Record<keyof MlsTimes, string> = {
  send: 'encrypt a message',
  receive: 'open a message',
  create: 'create a group',
  join: 'join by Welcome',
  commit: 'commit',
  openCommit: 'open a commit',
};
const sizes: Record<keyof MlsResult['bytes'], string> = {
  message: 'bytes of a message',
  commit: 'bytes of a commit on a fresh tree',
  welcome: 'bytes of the Welcome for all',
  perMessage: 'group state written per message',
  perEpoch: 'group state written per epoch',
};

const timesOf = ({ leaves, times, floors }: MlsResult, place: string): Figure[] =>
  (Object.keys(operations) as (keyof MlsTimes)[]).map((operation) => ({
    name: `mls: ${operations[operation]}, ${String(leaves)} leaves, ${place}`,
    value: times[operation],
    unit: 'ms',
    floor: floors[operation],
    budget: null,
  }));

const bytesOf = ({ leaves, bytes }: MlsResult): Figure[] =>
  (Object.keys(sizes) as (keyof MlsResult['bytes'])[]).map((what) => ({
    name: `mls: ${sizes[what]}, ${String(leaves)} leaves`,
    value: bytes[what],
    unit: 'B',
    floor: null,
    budget: null,
  }));

/** Large groups take long to make: fewer rounds of them. */
const inputs = (quick: boolean): MlsInput[] =>
  (quick ? [2, 8] : [2, 8, 32, 128]).map((leaves) => ({
    leaves,
    rounds: quick ? 2 : leaves > 32 ? 4 : 9,
    messages: quick ? 20 : 100,
  }));

/** Measures, and answers the figures. */
export const run: BenchPart = async ({ quick, say }) => {
  const script = join(import.meta.dirname, 'mls/mls.page.ts');
  const figures: Figure[] = [];
  for (const input of inputs(quick)) {
    say(`${String(input.leaves)} leaves`);
    const inChromium = await runInChromium<MlsResult>(script, input);
    const inNode = await measureMls(input);
    figures.push(
      ...timesOf(inChromium, 'Chromium'),
      ...timesOf(inNode, 'Node'),
      ...bytesOf(inNode),
    );
  }
  return figures;
};
