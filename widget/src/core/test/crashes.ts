/** The process dies at a write, and the same person comes back on what the disk holds. */
import { expect } from 'vitest';
import { fullRounds, randomOf, rounds, seedFor } from '../../../../scripts/rounds.js';
import { systemClock } from '../client/ports.js';
import type { ConversationRecord } from '../conversations/state.js';
import type { Clock, ClientPorts, ConversationId } from '../index.js';
import { createCrashingStore, type CrashPoint } from './crashing-store.js';
import { until, type Person } from './person.js';

/** No more than this for one point, however slow the machine: it hangs. How long all of them may take follows from it. */
const pointMs = 120_000;

/** The time limit of a test that takes every point: more than any operation has, and each has its own. */
export const everyPointMs = 2_000 * pointMs;

/** Every crash point of a flow: runs it with a crash at the first write, the second, ... until none is left.
 * @param from the first point of each kind to take; where nothing is written so often, the very first.
 * @param step from one to the next.
 * @throws Error that names the point at which something did not hold.
 * @returns how many were taken. */
export async function everyCrashPoint(
  run: (point: CrashPoint) => Promise<{ crashed: boolean }>,
  { from = 1, step = 1 }: { from?: number; step?: number } = {},
): Promise<number> {
  const startedAt = Date.now();
  const countFrom = async (first: number, when: CrashPoint['when']): Promise<number> => {
    for (let count = 0; ; count += 1) {
      const atCommit = first + count * step;
      const { crashed } = await within(
        run({ atCommit, when }),
        `${when} write ${String(atCommit)}`,
      );
      if (!crashed) return count;
    }
  };
  let points = 0;
  for (const when of ['before', 'after'] as const) {
    const count = await countFrom(from, when);
    // What writes less often than that is not let off.
    points += count > 0 || from === 1 ? count : await countFrom(1, when);
  }
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  if (fullRounds) {
    const { currentTestName = '' } = expect.getState();
    process.stdout.write(`${String(points)} crash points in ${seconds} s: ${currentTestName}\n`);
  }
  return points;
}

async function within<Result>(work: Promise<Result>, point: string): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error('it hangs'));
    }, pointMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (cause) {
    throw new Error(`a crash ${point}: ${String(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** The crash points for this run: all of them in the full round, else every fourth from where the seed says. */
export function crashRounds(name: string): { seed: number; points: typeof everyCrashPoint } {
  const seed = seedFor(name);
  const random = randomOf(seed);
  const step = rounds({ short: 4, full: 1 });
  return {
    seed,
    points: (run) =>
      everyCrashPoint(run, { from: 1 + Math.floor(random() * Math.min(step, 3)), step }),
  };
}

/** Pauses between two attempts are not waited for. */
export const hasty: Clock = {
  ...systemClock,
  sleep: (pauseMs, signal) => systemClock.sleep(Math.min(pauseMs, 300), signal),
};

/** A clock that is so far ahead. */
export const ahead = (ms: number): Clock => ({ ...systemClock, now: () => Date.now() + ms });

export const isOnline = ({ client }: Person): boolean => client.snapshot.connection === 'online';

export const recordOf = async (
  person: Person,
  id: ConversationId,
): Promise<ConversationRecord | undefined> =>
  (await person.store.get('conversations', [id])) as ConversationRecord | undefined;

export const noticesOf = async (person: Person, id: ConversationId): Promise<string[]> =>
  (await person.history(id)).flatMap(({ body }) => (body.type === 'notice' ? [body.notice] : []));

let greetings = 0;

/** One word each way, and nothing twice. */
export async function goOn(one: Person, other: Person, id: ConversationId): Promise<void> {
  greetings += 1;
  const words = [`still here ${String(greetings)}`, `so am I ${String(greetings)}`] as const;
  await one.say(id, words[0]);
  await until(
    'the other hears',
    async () => (await other.texts(id).catch((): string[] => [])).includes(words[0]),
    40_000,
  );
  await other.say(id, words[1]);
  await until('this one hears', async () => (await one.texts(id)).includes(words[1]), 40_000);
  for (const person of [one, other]) {
    const texts = await person.texts(id);
    expect(new Set(texts).size).toBe(texts.length);
  }
}

/** Runs somebody's actions on a disk that fails at the point, then comes back on what the disk holds.
 * @param at the point, and ports other than the person's. */
export async function crashAndReturn<Result>(
  person: Person,
  at: CrashPoint & Partial<ClientPorts>,
  act: (doomed: Person) => Promise<Result>,
): Promise<{ crashed: boolean; returned: Person; result: Result | undefined }> {
  const { atCommit, when, ...ports } = at;
  const point = { atCommit, when };
  await person.client.close();
  const store = createCrashingStore(ports.store ?? person.store, point);
  const doomed = await person.reload({ ...ports, store }).catch(() => null);
  const acted = doomed === null ? undefined : act(doomed).catch(() => undefined);
  const result = await Promise.race([acted, store.crashed.then(() => undefined)]);
  await doomed?.client.close();
  const crashed = store.commits >= point.atCommit;
  const returned = await person.reload({ store: person.store, ...ports });
  return { crashed, result, returned };
}

/** Waits until both see the same, all of it stored and nothing of it unreadable. @returns the texts. */
export async function agree(one: Person, other: Person, id: ConversationId): Promise<string[]> {
  const settled = async (): Promise<boolean> => {
    const [ones, others] = await Promise.all([one.history(id), other.history(id)]);
    const plain = (history: typeof ones) =>
      JSON.stringify(
        history.flatMap((row) => (row.body.type === 'text' ? [[row.id, row.body.text]] : [])),
      );
    return (
      ones.every(({ status }) => status === 'stored') &&
      [...ones, ...others].every(({ body }) => body.type !== 'undecryptable') &&
      plain(ones) === plain(others)
    );
  };
  await until('both see the same', settled, 40_000);
  return one.texts(id);
}
