/** Measures acknowledged sends a second against the service in this process: 100 pairs, each device sending its next
 * message when the last one is on disk. A figure to look at, not a test.
 *
 * npx esbuild server/test/throughput.ts --bundle --platform=node --format=esm --packages=external \
 *   --outfile=server/dist/throughput.mjs && node server/dist/throughput.mjs
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase } from '../src/database/connection.js';
import { seqSchema } from '../src/ids.js';
import { message, World } from './conversation-world.js';
import { startPostgres } from './postgres.js';

const pairs = 100;
const secondsPerRun = 5;
/** What a short text becomes as MLS ciphertext. */
const ciphertext = 'x'.repeat(400);

interface Figures {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  cpuUserMicroseconds: number;
  cpuSystemMicroseconds: number;
}

/** @param acknowledging whether receivers acknowledge every tenth message, so that deletion takes its share. */
async function measure(world: World, acknowledging: boolean): Promise<Figures> {
  const people = await Promise.all(Array.from({ length: pairs }, () => world.pair()));
  const latencies: number[] = [];
  const before = process.cpuUsage();
  const end = performance.now() + secondsPerRun * 1_000;
  await Promise.all(
    people.flatMap(({ alice, bob, conversationId }) =>
      [alice, bob].map(async (sender) => {
        while (performance.now() < end) {
          const started = performance.now();
          const { seq } = await world.conversations.send(
            sender,
            message(conversationId, ciphertext),
          );
          latencies.push(performance.now() - started);
          if (!acknowledging || seq % 10 > 1) continue;
          const upTo = [{ conversationId, seq: seqSchema.parse(seq) }];
          await Promise.all(
            [alice, bob].map((by) => world.conversations.acknowledge(by, { upTo })),
          );
        }
      }),
    ),
  );
  const cpu = process.cpuUsage(before);
  latencies.sort((left, right) => left - right);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  return {
    perSecond: Math.round(latencies.length / secondsPerRun),
    p50Ms: Number(at(0.5).toFixed(1)),
    p99Ms: Number(at(0.99).toFixed(1)),
    cpuUserMicroseconds: Math.round(cpu.user / latencies.length),
    cpuSystemMicroseconds: Math.round(cpu.system / latencies.length),
  };
}

async function run(name: string, databaseUrl: string | undefined): Promise<void> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'parley-throughput-'));
  const world = new World(await createDatabase({ dataFolder, databaseUrl }), {
    purgeDelayMs: 5_000,
  });
  for (const acknowledging of [false, true]) {
    const figures = await measure(world, acknowledging);
    process.stdout.write(
      `${name}${acknowledging ? ', acknowledged' : ''}: ${JSON.stringify(figures)}\n`,
    );
  }
  await world.close();
  await rm(dataFolder, { recursive: true });
}

await run('SQLite', undefined);
const postgres = await startPostgres();
if ('missing' in postgres) {
  process.stdout.write(`PostgreSQL skipped: ${postgres.missing}\n`);
} else {
  await run('PostgreSQL', await postgres.freshDatabaseUrl());
  await postgres.stop();
}
