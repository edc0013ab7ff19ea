/** The key of rooms on a Janus that has no secret: kept in the data folder, so that a later run can clean up. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const keyBytes = 32;

/** Reads the key, or makes one that only this user can read. @throws what the file system does */
export async function storedRoomKey(folder: string): Promise<Uint8Array> {
  const path = join(folder, 'janus-rooms.key');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = randomBytes(keyBytes);
  // Exclusive: of two that start at once, both take what the first has written.
  const isOurs = await writeFile(path, fresh, { flag: 'wx', mode: 0o600 }).then(
    () => true,
    () => false,
  );
  if (isOurs) return fresh;
  const stored = await readFile(path);
  if (stored.length === keyBytes) return stored;
  // Cut short by a crash: rooms of that run cannot be cleaned up, those from now on can.
  await writeFile(path, fresh, { mode: 0o600 });
  return fresh;
}
