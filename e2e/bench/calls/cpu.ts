/** Processor time of processes and all their children, from Linux's /proc. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Ticks a second, the same on every Linux that Node runs on. */
const ticks = 100;

/** What each of these process trees used in so long, in percent of one core. */
export async function cpuOf(pids: readonly number[], milliseconds: number): Promise<number[]> {
  const before = await used(pids);
  const began = performance.now();
  await delay(milliseconds);
  const after = await used(pids);
  const seconds = (performance.now() - began) / 1000;
  return after.map((now, index) => ((now - (before[index] ?? 0)) / ticks / seconds) * 100);
}

/** The browser that has this profile open. */
export async function browserPid(profile: string): Promise<number> {
  return Number(/-(\d+)$/.exec(await readlink(join(profile, 'SingletonLock')))?.[1]);
}

async function used(pids: readonly number[]): Promise<number[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = new Map<number, { parent: number; spent: number }>();
  for (const name of names) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // The name in parentheses may hold anything; what follows counts from the state, field 3.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent = 0] = fields;
    all.set(Number(name), { parent, spent: (fields[11] ?? 0) + (fields[12] ?? 0) });
  }
  const within = (pid: number, root: number): boolean => {
    const process = all.get(pid);
    return pid === root || (process !== undefined && pid > 1 && within(process.parent, root));
  };
  return pids.map((root) =>
    [...all].reduce((sum, [pid, { spent }]) => (within(pid, root) ? sum + spent : sum), 0),
  );
}
