/** Finds PostgreSQL's programs: on the PATH, or where Debian and Homebrew keep them. */
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const versionsIn = (folder) => {
  try {
    return readdirSync(folder).map((version) => join(folder, version, 'bin'));
  } catch {
    return [];
  }
};

/** The folder of `initdb` and `postgres`, newest version first; `null` where there is none. */
export function findPostgres(path = process.env.PATH ?? '') {
  const folders = [
    ...path.split(delimiter),
    ...versionsIn('/usr/lib/postgresql').sort().reverse(),
    '/opt/homebrew/bin',
    '/usr/local/bin',
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null;
}
