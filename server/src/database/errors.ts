/** Why the database could not be opened: for the operator, before any client is served. */

export type DatabaseErrorCode =
  | 'folder_unwritable' // the data folder cannot be made or written
  | 'file_malformed' // the file in the data folder is not a database, or a damaged one
  | 'locked' // another program holds the file's lock
  | 'connect_failed' // no database answers at the URL, or it refuses us
  | 'schema_newer' // a newer Parley has migrated this database already
  | 'migration_failed';

/** One clear line for the operator; never holds a password. */
export class DatabaseError extends Error {
  constructor(
    readonly code: DatabaseErrorCode,
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
    this.name = 'DatabaseError';
  }
}
