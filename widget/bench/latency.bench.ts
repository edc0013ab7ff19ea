/** From one person's send to the other's client having the text, decrypted and stored: MLS, storage before sending, the
 * server with its disk, opening and storage before showing; beside a bare relay's hop and one fsync. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { BenchPart, Figure } from '../../scripts/bench/figure.js';
import { timeFsyncs } from '../../scripts/bench/fsync.js';
import { startPostgres } from '../../server/test/postgres.js';
import { startServer } from '../src/core/test/server-process.js';
import { Pairs, type Load, type Offered, type Talked } from './latency/pairs.js';
import { median } from './timing.js';

const sizes = {
  full: { pairs: 100, alone: 500, together: 20, offeredMs: 5_000 },
  quick: { pairs: 3, alone: 5, together: 2, offeredMs: 20 },
};
type Size = (typeof sizes)['full'];
const perSecond = 1_000;

interface Measured {
  alone: Talked;
  together: Talked;
  offered: Offered;
}

async function measure(server: Load['server'], size: Size): Promise<Measured> {
  const pairs = await Pairs.join({ pairs: size.pairs, server });
  try {
    await pairs.talk({ pairs: 1, times: Math.ceil(size.alone / 4), pauseMs: 5 });
    return {
      alone: await pairs.talk({ pairs: 1, times: size.alone, pauseMs: 5 }),
      together: await pairs.talk({ pairs: size.pairs, times: size.together, pauseMs: 0 }),
      offered: await pairs.offer({ perSecond, ms: size.offeredMs }),
    };
  } finally {
    await pairs.end();
  }
}

async function measureRelay(size: Size): Promise<Measured> {
  const script = resolve(import.meta.dirname, '../../server/bench/relay.js');
  const relay = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(createInterface({ input: relay.stdout }), 'line')) as [string];
    const { port } = JSON.parse(line) as { port: number };
    return await measure({ relayPort: port }, size);
  } finally {
    relay.kill('SIGKILL');
  }
}

async function measureServer(environment: Record<string, string>, size: Size): Promise<Measured> {
  const server = await startServer(environment);
  try {
    return await measure(server, size);
  } finally {
    await server.dispose();
  }
}

const rounded = (value: number): number => Number(value.toPrecision(3));

/** Where the time of one message goes. @param floor of what lies between the clients, as of the whole. */
const sharesOf = (
  { sealing, opening, p50 }: Talked,
  floor: number,
): [what: string, value: number, floor: number | null][] => [
  ['sealing and storing at the sender', sealing, null],
  ['on the way, the server and its disk', Math.max(0, p50 - sealing - opening), floor],
  ['opening and storing at the receiver', opening, null],
];

function figuresOf(
  kind: string,
  measured: Measured,
  { relay, fsyncMs }: { relay: Measured; fsyncMs: number },
): Figure[] {
  const figure = (
    what: string,
    [value, floor]: readonly [number, number | null],
    rest: { unit: string; budget?: number },
  ): Figure => ({
    name: `latency: ${what}, ${kind}`,
    value: rounded(value),
    unit: rest.unit,
    floor: floor === null ? null : rounded(floor),
    budget: rest.budget === undefined ? null : rounded(rest.budget),
  });
  const times = (name: keyof Measured, what: string): Figure[] =>
    (['p50', 'p99'] as const).map((which) => {
      const floor = relay[name][which] + fsyncMs;
      const budget = name === 'alone' && which === 'p50' ? { budget: 3 * floor } : {};
      const both = [measured[name][which], floor] as const;
      return figure(`send to decrypted ${which}, ${what}`, both, { unit: 'ms', ...budget });
    });
  const of = (name: 'perSecond' | 'cpuMs') =>
    [measured.offered[name], relay.offered[name]] as const;
  return [
    ...times('alone', '1 pair'),
    ...sharesOf(measured.alone, relay.alone.p50 + fsyncMs).map(([what, ...both]) =>
      figure(`of that p50, ${what}`, both, { unit: 'ms' }),
    ),
    ...times('together', '100 pairs, each with a message under way'),
    ...times('offered', '1,000 per second offered'),
    figure('decrypted per second, 1,000 per second offered', of('perSecond'), { unit: '1/s' }),
    figure('processor time of the two clients for a message', of('cpuMs'), { unit: 'ms' }),
  ];
}

export const run: BenchPart = async ({ quick, say }) => {
  const size = quick ? sizes.quick : sizes.full;
  say('a bare relay, and one fsync');
  const floor = { relay: await measureRelay(size), fsyncMs: median(await timeFsyncs()) };
  say(`SQLite, ${size.pairs} pairs with MLS`);
  const figures = figuresOf('SQLite', await measureServer({}, size), floor);
  const postgres = await startPostgres();
  if ('missing' in postgres) {
    say(`PostgreSQL skipped: ${postgres.missing}`);
    return figures;
  }
  say(`PostgreSQL, ${size.pairs} pairs with MLS`);
  try {
    const environment = { DATABASE_URL: await postgres.freshDatabaseUrl() };
    return [...figures, ...figuresOf('PostgreSQL', await measureServer(environment, size), floor)];
  } finally {
    await postgres.stop();
  }
};
