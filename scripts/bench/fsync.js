/** What every acknowledged message waits for at least: a page appended to a file, and on disk. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const times = 100;
const pageBytes = 4_096;

/** Milliseconds of each of 100 appends. */
export async function timeFsyncs() {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const file = await open(join(folder, 'log'), 'w');
  const took = [];
  for (let count = 0; count < times; count += 1) {
    const startedAt = performance.now();
    await file.write(Buffer.alloc(pageBytes, count));
    await file.datasync();
    took.push(performance.now() - startedAt);
  }
  await file.close();
  await rm(folder, { recursive: true });
  return took;
}
