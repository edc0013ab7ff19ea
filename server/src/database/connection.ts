/** Opens the one database that the configuration names, migrated and ready. */
import type { Logger } from 'pino';
import type { Database } from './contract.js';
import { openPostgres } from './postgres.js';
import { openSqlite } from './sqlite.js';

export interface DatabaseOptions {
  /** Holds `parley.sqlite`; made when missing. Not used with a `databaseUrl`. */
  dataFolder: string;
  /** `postgres://user:password@host:port/name`. Without it: SQLite in the data folder. */
  databaseUrl?: string | undefined;
  /** How many writes may wait before further ones are refused; 10,000 by default. */
  pendingWritesMax?: number | undefined;
  logger?: Logger | undefined;
}

/** Opens the database and applies the migrations that it lacks, all of them or none.
 * @throws DatabaseError `folder_unwritable`, `file_malformed`, `locked`, `connect_failed`, `schema_newer`, `migration_failed` */
export async function createDatabase(options: DatabaseOptions): Promise<Database> {
  const { dataFolder, databaseUrl, logger, pendingWritesMax = 10_000 } = options;
  return databaseUrl === undefined
    ? openSqlite({ dataFolder, pendingWritesMax, logger })
    : openPostgres({ databaseUrl, pendingWritesMax, logger });
}
