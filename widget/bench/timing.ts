/** Times of small things, in rounds, so that a pause of the machine spoils one round and not the figure. */

/** The middle one; of an even number the upper. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** How often and how long. */
export interface Rounds {
  rounds: number;
  /** Times in one round. */
  times: number;
}

/** Runs each task in turn, round by round, so that all see the same machine.
 * @returns microseconds of one time, the median of the rounds, by the tasks' names. The first round warms up. */
export async function microseconds<Name extends string>(
  { rounds, times }: Rounds,
  tasks: Record<Name, () => Promise<unknown>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(tasks) as Name[];
  const taken = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1)
    for (const name of names) {
      const since = performance.now();
      for (let time = 0; time < times; time += 1) await tasks[name]();
      if (round > 0) taken.get(name)?.push(((performance.now() - since) / times) * 1_000);
    }
  return Object.fromEntries(names.map((name) => [name, median(taken.get(name) ?? [])])) as Record<
    Name,
    number
  >;
}
