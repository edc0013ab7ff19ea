/** The folder of the embedded database: made, owned by the server's user alone, and writable. */
import { access, constants, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseError } from './errors.js';

/** Makes the folder when it is missing, and checks that the file in it can be written.
 * @throws DatabaseError `folder_unwritable` */
export async function makeWritable(folder: string, file: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK | constants.X_OK);
    await access(file, constants.R_OK | constants.W_OK).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  } catch (error) {
    const why = codeOf(error);
    throw new DatabaseError(
      'folder_unwritable',
      `cannot write to the data folder ${folder}${why === undefined ? '' : ` (${why})`}; set PARLEY_DATA to another`,
      { cause: error },
    );
  }
}

/** One level at a time: where a file system has no folders to give (`/proc`), Node's own recursion never ends. */
async function makeFolder(folder: string): Promise<void> {
  // Who talks with whom is in there: for the server's own user alone.
  const make = (): Promise<void> => mkdir(folder, { mode: 0o700 });
  try {
    await make();
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    const parent = dirname(folder);
    if (codeOf(error) !== 'ENOENT' || parent === folder) throw error;
    await makeFolder(parent);
    await make();
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
