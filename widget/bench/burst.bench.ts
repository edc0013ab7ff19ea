/** How many messages a second of one person reach the other's screen: each is encrypted, stored, sent, confirmed, opened
 * and stored there, in order. */
import { open, claim, until, type Person } from '../src/core/test/person.js';
import { startServer } from '../src/core/test/server-process.js';
import type { BenchPart } from '../../scripts/bench/figure.js';
import type { ConversationId } from '../src/core/index.js';

/** Messages that wait to be said at a time: as many as somebody pastes who cannot stop. */
const waitingMax = 50;

/** Says so many, never more than some ahead. */
async function write(from: Person, conversation: ConversationId, count: number): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const text = `burst ${String(next)}`;
      next += 1;
      await from.say(conversation, text);
    }
  };
  await Promise.all(Array.from({ length: waitingMax }, lane));
}

/** Messages a second, from the first word to the last one's arrival. */
async function timeBurst(count: number): Promise<number> {
  const server = await startServer();
  const anna = await claim('anna', { server, site: server.bazaar });
  const boris = await claim('boris', { server, site: server.garden });
  try {
    const conversation = await open(anna, boris);
    const known = (): boolean => boris.client.snapshot.conversations.length === 1;
    await until('the conversation is known', known, 60_000);
    const last = `burst ${String(count - 1)}`;
    const startedAt = performance.now();
    const seen = new Promise<void>((resolve) => {
      boris.client.subscribe((event) => {
        if (event.type !== 'arrived' || event.message.body.type !== 'text') return;
        if (event.message.body.text === last) resolve();
      }, AbortSignal.timeout(600_000));
    });
    await Promise.all([write(anna, conversation, count), seen]);
    return count / ((performance.now() - startedAt) / 1000);
  } finally {
    await Promise.all([anna.client.close(), boris.client.close()]);
    await server.dispose();
  }
}

/** Measures, cleans up, and answers its figure. */
export const run: BenchPart = async ({ quick, say }) => {
  say('one person writes without pause');
  const value = Number((await timeBurst(quick ? 50 : 2_000)).toPrecision(3));
  return [
    {
      name: 'burst: messages of one person shown per second, Node, SQLite',
      value,
      unit: '1/s',
      floor: null,
      budget: null,
    },
  ];
};
