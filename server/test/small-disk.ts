/** A disk of a few megabytes that a test can fill: a tmpfs, where we are root on Linux. */
import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface SmallDisk {
  readonly folder: string;
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  makeRoom(): Promise<void>;
  remove(): Promise<void>;
}

/** Mounts one, or says why it cannot. */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk | { missing: string }> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return { missing: 'a small disk is mounted by root on Linux only' };
  const folder = await mkdtemp(join(tmpdir(), 'parley-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`, 'tmpfs', folder]);
  } catch {
    await rmdir(folder);
    return { missing: 'this machine lets nobody mount a tmpfs' };
  }
  const filler = join(folder, 'filler');
  return {
    folder,
    async fill() {
      const file = await open(filler, 'a');
      try {
        // Smaller and smaller, until not even a page of the database fits.
        for (const size of [65_536, 4_096, 512])
          while (await wasWritten(file.write(Buffer.alloc(size)))) continue;
      } finally {
        await file.close();
      }
    },
    makeRoom: () => rm(filler, { force: true }),
    async remove() {
      await run('umount', [folder]);
      await rmdir(folder);
    },
  };
}

async function wasWritten(write: Promise<{ bytesWritten: number }>): Promise<boolean> {
  try {
    return (await write).bytesWritten > 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}
