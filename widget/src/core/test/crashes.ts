/** The process dies at a write, and the same person comes back on what the disk holds. */
import type { ClientPorts, ConversationId } from '../index.js';
import { createCrashingStore, type CrashPoint } from './crashing-store.js';
import { until, type Person } from './person.js';

/** Every crash point of a flow: runs it with a crash at the first write, the second, ... until none is left.
 * @param from the first point of each kind to take, and how many to pass over from one to the next.
 * @returns how many were taken. */
export async function everyCrashPoint(
  run: (point: CrashPoint) => Promise<{ crashed: boolean }>,
  { from = 1, step = 1 }: { from?: number; step?: number } = {},
): Promise<number> {
  let points = 0;
  for (const when of ['before', 'after'] as const) {
    for (let atCommit = from; ; atCommit += step) {
      const { crashed } = await run({ atCommit, when });
      if (!crashed) break;
      points += 1;
    }
  }
  return points;
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
