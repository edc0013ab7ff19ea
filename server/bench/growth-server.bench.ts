/** One conversation's cost on the server as it grows: sending, pulling the newest page, heads and acknowledging must
 * cost the same after a million messages as after a hundred. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchPart, Figure } from '../../scripts/bench/figure.js';
import { createDatabase } from '../src/database/connection.js';
import type { Database } from '../src/database/contract.js';
import type { Caller } from '../src/conversations/ports.js';
import type { ConversationId } from '../src/ids.js';
import { message, seq, World } from '../test/conversation-world.js';
import { startPostgres } from '../test/postgres.js';
import { insertRows } from './scene.js';

const sizes = { full: [100, 10_000, 1_000_000], quick: [100, 2_000] };
const page = 200;
/** Small, since what is in a message makes none of the paths longer, and a million have to be written first. */
const ciphertext = randomBytes(64);

/** A conversation with a history. */
interface Grown {
  world: World;
  anna: Caller;
  boris: Caller;
  conversationId: ConversationId;
  head: number;
}

/** Stores messages as if they had been sent one by one. */
async function grow(database: Database, count: number): Promise<Grown> {
  const world = new World(database, { purgeDelayMs: 600_000 });
  const { alice: anna, bob: boris, conversationId } = await world.pair();
  const columns =
    'conversation_id seq kind id sender_device epoch ciphertext digest stored_at'.split(' ');
  const digest = randomBytes(32);
  for (let start = 0; start < count; start += 50_000) {
    const length = Math.min(50_000, count - start);
    const rows = Array.from({ length }, (_, index) => {
      const place = start + index + 1;
      const id = `${String(place).padStart(21, '0')}A`;
      return [conversationId, place, 0, id, anna.deviceId, 1, ciphertext, digest, place];
    });
    await insertRows(database, { table: 'envelopes', columns }, rows);
  }
  await database.write(async (transaction) => {
    await database.sequelize.query('UPDATE conversations SET head = $1 WHERE id = $2', {
      bind: [count, conversationId],
      transaction,
    });
  });
  return { world, anna, boris, conversationId, head: count };
}

type Act = (index: number) => Promise<unknown>;

/** What is done to a conversation, by name. */
function actsOf({ world, anna, boris, conversationId, head: stored }: Grown): Record<string, Act> {
  const { conversations } = world;
  let head = stored;
  let acknowledged = stored - 1;
  return {
    send: async () => {
      head = (await conversations.send(anna, message(conversationId, 'x'.repeat(400)))).seq;
    },
    'pull of the newest page': () =>
      conversations.pull(boris, {
        conversationId,
        after: seq(Math.max(0, head - page)),
        limit: page,
      }),
    heads: () => conversations.heads(anna, {}),
    acknowledge: () => {
      acknowledged += 1;
      return conversations.acknowledge(boris, {
        upTo: [{ conversationId, seq: seq(Math.min(acknowledged, head)) }],
      });
    },
  };
}

/** Microseconds of the middle one of so many, of each: in turn, so that whatever else the machine does meets all. */
async function middles(times: number, acts: readonly Act[]): Promise<number[]> {
  const taken = acts.map((): number[] => []);
  for (let index = 0; index < times; index += 1) {
    for (const [which, act] of acts.entries()) {
      const startedAt = performance.now();
      await act(index);
      taken[which]?.push((performance.now() - startedAt) * 1_000);
    }
  }
  return taken.map(
    (all) => all.sort((left, right) => left - right)[Math.floor(times / 2)] ?? Number.NaN,
  );
}

async function measureSizes(
  open: () => Promise<Database>,
  { counts, times, kind }: { counts: readonly number[]; times: number; kind: string },
): Promise<Figure[]> {
  const grown: Grown[] = [];
  for (const count of counts) grown.push(await grow(await open(), count));
  const acts = grown.map(actsOf);
  const figures: Figure[] = [];
  for (const what of Object.keys(acts[0] ?? {})) {
    const same = acts.flatMap((act) => act[what] ?? []);
    // The first ones warm caches up.
    await middles(Math.ceil(times / 4), same);
    const costs = await middles(times, same);
    const rounded = costs.map((cost) => Number(cost.toPrecision(3)));
    rounded.forEach((value, index) => {
      // The floor is the same with the shortest history: what is above it has grown.
      const floor = index === 0 ? null : (rounded[0] ?? null);
      const name = `growth-server: ${what}, ${(counts[index] ?? 0).toLocaleString('en')} messages, ${kind}`;
      figures.push({ name, value, unit: 'us', floor, budget: null });
    });
  }
  for (const { world } of grown) await world.close();
  return figures;
}

export const run: BenchPart = async ({ quick, say }) => {
  const counts = quick ? sizes.quick : sizes.full;
  const times = quick ? 20 : 200;
  const root = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  say('SQLite');
  const sqlite = async (): Promise<Database> =>
    createDatabase({ dataFolder: await mkdtemp(join(root, 'data-')) });
  const figures = await measureSizes(sqlite, { counts, times, kind: 'SQLite' });
  await rm(root, { recursive: true, force: true });
  const postgres = await startPostgres();
  if ('missing' in postgres) {
    say(`PostgreSQL skipped: ${postgres.missing}`);
    return figures;
  }
  say('PostgreSQL');
  try {
    const open = async (): Promise<Database> =>
      createDatabase({ dataFolder: root, databaseUrl: await postgres.freshDatabaseUrl() });
    return [...figures, ...(await measureSizes(open, { counts, times, kind: 'PostgreSQL' }))];
  } finally {
    await postgres.stop();
  }
};
