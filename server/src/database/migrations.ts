/** Brings a database to the schema of this code: all missing migrations in one transaction, or none. */
import type { Logger } from 'pino';
import { QueryTypes, type Sequelize } from 'sequelize';
import { SequelizeStorage, Umzug } from 'umzug';
import { DatabaseError } from './errors.js';
import { faultOf } from './faults.js';
import type { Migration, MigrationContext } from './migration.js';
import { migrations } from './migrations/list.js';

/** Any number will do, so long as every node of a cluster takes the same. */
const advisoryLock = 7_265_539;

/** Applies what is missing. `sequelize` must hold a single connection, so that one transaction spans everything.
 * @throws DatabaseError `schema_newer`, `migration_failed`; the driver's error while another program holds the lock */
export async function migrate(
  options: { sequelize: Sequelize; dialect: 'sqlite' | 'postgres'; logger?: Logger | undefined },
  list: readonly Migration[] = migrations,
): Promise<void> {
  const { sequelize, dialect, logger } = options;
  const storage = new SequelizeStorage({
    sequelize,
    tableName: 'schema_migrations',
    modelName: 'SchemaMigration',
  });
  const umzug = new Umzug<MigrationContext>({
    migrations: list.map(({ name, up, down }) => ({ name, up, down })),
    context: { queryInterface: sequelize.getQueryInterface(), sequelize, dialect },
    storage,
    logger: undefined,
  });
  try {
    await begin(sequelize, dialect);
    refuseNewer(await storage.executed(), list);
    const applied = await umzug.up();
    await sequelize.query('COMMIT');
    for (const { name } of applied) logger?.info({ migration: name }, 'migrated the database');
  } catch (error) {
    await sequelize.query('ROLLBACK').catch(() => undefined);
    if (error instanceof DatabaseError || faultOf(error) === 'locked') throw error;
    throw new DatabaseError(
      'migration_failed',
      'the database could not be migrated; nothing was changed',
      {
        cause: error,
      },
    );
  }
}

async function begin(sequelize: Sequelize, dialect: 'sqlite' | 'postgres'): Promise<void> {
  if (dialect === 'sqlite') {
    await sequelize.query('BEGIN IMMEDIATE');
    return;
  }
  // Several nodes may start at once: the second waits here and then finds nothing to do.
  await sequelize.query('BEGIN');
  await sequelize.query(`SELECT pg_advisory_xact_lock(${String(advisoryLock)})`, {
    type: QueryTypes.SELECT,
  });
}

/** An older Parley would not know how to write what a newer one made: better not to start. */
function refuseNewer(executed: readonly string[], list: readonly Migration[]): void {
  const known = new Set(list.map(({ name }) => name));
  const foreign = executed.filter((name) => !known.has(name));
  if (foreign.length === 0) return;
  throw new DatabaseError(
    'schema_newer',
    `the database was migrated by a newer version (${foreign.join(', ')}); install that version or restore a backup`,
  );
}
