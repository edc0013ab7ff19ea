/** Messages through the whole server, each on disk before it is acknowledged, beside a bare relay without storage. */
import { setTimeout as wait } from 'node:timers/promises';
import type { BenchPart, Figure } from '../../scripts/bench/figure.js';
import { timeFsyncs } from '../../scripts/bench/fsync.js';
import { startPostgres } from '../test/postgres.js';
import { MeasuredProcess } from './measured-process.js';
import { Scene } from './scene.js';
import { newTally, Talker, type Tally } from './talker.js';

const pairCount = 100;
/** Messages of one device that wait for their acknowledgement when the server is to be saturated. */
const underWay = 8;
const offeredPerSecond = 1_000;
const settleMsMax = 60_000;

interface Load {
  tally: Tally;
  talkers: Talker[];
  process: MeasuredProcess;
  close: () => Promise<void>;
}

/** Milliseconds. */
interface Latency {
  p50: number;
  p99: number;
}

interface Measured {
  perSecond: number;
  cpuUsPerMessage: number;
  /** On the way at saturation: what waits for the disk included. */
  alone: Latency;
  together: Latency;
  offered: Latency;
}

function percentiles(latencies: number[]): Latency {
  const sorted = latencies.sort((left, right) => left - right);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

async function serverLoad(databaseUrl: string | undefined): Promise<Load> {
  const scene = await Scene.open({ pairs: pairCount, databaseUrl });
  const tally = newTally();
  const { siteKey, pairs } = scene.population;
  const talkers: Talker[] = [];
  for (const [index, pair] of pairs.entries()) {
    const at = { port: scene.port, siteKey, tally };
    talkers.push(await Talker.join({ ...at, index: 2 * index }, pair));
    talkers.push(await Talker.join({ ...at, index: 2 * index + 1 }, pair));
  }
  introduce(talkers);
  return { tally, talkers, process: scene.process, close: () => scene.close() };
}

async function relayLoad(): Promise<Load> {
  const process = MeasuredProcess.start('server/bench/relay.js');
  const { port } = await process.line<{ port: number }>(() => true);
  const tally = newTally();
  const talkers: Talker[] = [];
  for (let index = 0; index < 2 * pairCount; index += 1)
    talkers.push(await Talker.joinRelay({ port, index, tally }));
  introduce(talkers);
  return { tally, talkers, process, close: () => process.stop('SIGKILL') };
}

function introduce(talkers: readonly Talker[]): void {
  talkers.forEach((talker, index) => {
    talker.peer = talkers[index ^ 1] ?? null;
  });
}

/** Waits until all that was sent is acknowledged and delivered, so that no phase is charged with another's.
 * @throws Error when that does not come to pass */
async function settled(tally: Tally): Promise<void> {
  const end = performance.now() + settleMsMax;
  while (tally.acknowledged + tally.refused < tally.sent || tally.delivered < tally.acknowledged) {
    if (performance.now() > end) throw new Error('messages were lost, or the load is far too much');
    await wait(5);
  }
  if (tally.refused > 0) throw new Error(`${tally.refused} messages were refused`);
}

/** Each of the talkers keeps so many messages under way for so long; then what is under way comes in. */
async function keepBusy(
  { tally, talkers }: Load,
  { ms, each }: { ms: number; each: number },
): Promise<void> {
  tally.onAcknowledged = (talker) => talker.send();
  for (const talker of talkers) for (let count = 0; count < each; count += 1) talker.send();
  await wait(ms);
  tally.onAcknowledged = () => undefined;
  await settled(tally);
}

async function timed(tally: Tally, work: () => Promise<void>): Promise<Latency> {
  const latencies: number[] = [];
  tally.latencies = latencies;
  await work();
  tally.latencies = null;
  return percentiles(latencies);
}

/** One pair that writes to and fro, a message at a time. */
function pingPong({ tally, talkers: [one] }: Load, ms: number): Promise<Latency> {
  return timed(tally, async () => {
    const end = performance.now() + ms;
    await new Promise<void>((resolve) => {
      tally.onDelivered = (talker) => {
        if (performance.now() < end) setTimeout(() => talker.send(), 2);
        else resolve();
      };
      one?.send();
    });
    tally.onDelivered = () => undefined;
    await settled(tally);
  });
}

/** Messages at a steady rate, whatever becomes of them. */
function offer({ tally, talkers }: Load, ms: number): Promise<Latency> {
  return timed(tally, async () => {
    const start = performance.now();
    const total = (ms / 1_000) * offeredPerSecond;
    for (let sent = 0; sent < total;) {
      const due = Math.min(total, ((performance.now() - start) / 1_000) * offeredPerSecond);
      for (; sent < due; sent += 1) talkers[(sent * 7) % talkers.length]?.send();
      await wait(1);
    }
    await settled(tally);
  });
}

async function measure(load: Load, quick: boolean): Promise<Measured> {
  const ms = quick ? 300 : 5_000;
  await keepBusy(load, { ms: quick ? 300 : 2_000, each: 2 });
  const alone = await pingPong(load, ms);
  const together = await timed(load.tally, () => keepBusy(load, { ms, each: 1 }));
  const offered = await offer(load, ms);
  const before = await load.process.read();
  const [count, startedAt] = [load.tally.acknowledged, performance.now()];
  await keepBusy(load, { ms, each: underWay });
  const messages = load.tally.acknowledged - count;
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = await load.process.read();
  await load.close();
  return {
    perSecond: messages / seconds,
    cpuUsPerMessage: (after.cpuUs - before.cpuUs) / messages,
    alone,
    together,
    offered,
  };
}

const rounded = (value: number): number => Number(value.toPrecision(4));

function figuresOf(
  kind: string,
  measured: Measured,
  { relay, fsync }: { relay: Measured; fsync: number },
): Figure[] {
  const figure = (
    what: string,
    [value, floor]: [number, number],
    rest: Pick<Figure, 'unit'> & { budget?: number },
  ): Figure => ({
    name: `messages: ${what}, ${kind}`,
    value: rounded(value),
    floor: rounded(floor),
    unit: rest.unit,
    budget: rest.budget === undefined ? null : rounded(rest.budget),
  });
  const latencies = (what: string, name: 'alone' | 'together' | 'offered'): Figure[] => {
    const { p50, p99 } = measured[name];
    const bare = { p50: relay[name].p50 + fsync, p99: relay[name].p99 + fsync };
    const budget = name === 'alone' ? { budget: 3 * bare.p50 } : {};
    return [
      figure(`send to delivered p50, ${what}`, [p50, bare.p50], { unit: 'ms', ...budget }),
      figure(`send to delivered p99, ${what}`, [p99, bare.p99], { unit: 'ms' }),
    ];
  };
  const rates: [number, number] = [measured.perSecond, relay.perSecond];
  const costs: [number, number] = [measured.cpuUsPerMessage, relay.cpuUsPerMessage];
  // The sender's and the receiver's device hear of each message.
  const each: [number, number] = [costs[0] / 2, costs[1]];
  return [
    figure('acknowledged per second, 100 pairs', rates, { unit: '1/s', budget: 6_000 }),
    figure('server CPU per message', costs, { unit: 'us' }),
    figure('server CPU per delivery', each, { unit: 'us' }),
    ...latencies('1 pair', 'alone'),
    ...latencies('100 pairs, each with a message under way', 'together'),
    ...latencies('1,000 per second offered', 'offered'),
  ];
}

export const run: BenchPart = async ({ quick, say }) => {
  say('a bare relay, and one fsync');
  const floor = {
    relay: await measure(await relayLoad(), quick),
    fsync: percentiles(await timeFsyncs()).p50,
  };
  say('SQLite');
  const figures = figuresOf('SQLite', await measure(await serverLoad(undefined), quick), floor);
  const postgres = await startPostgres();
  if ('missing' in postgres) {
    say(`PostgreSQL skipped: ${postgres.missing}`);
    return figures;
  }
  say('PostgreSQL');
  try {
    const load = await serverLoad(await postgres.freshDatabaseUrl());
    return [...figures, ...figuresOf('PostgreSQL', await measure(load, quick), floor)];
  } finally {
    await postgres.stop();
  }
};
