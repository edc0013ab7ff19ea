/** What a migration is: one file in `migrations/`, listed in `migrations/list.ts`. */
import type { QueryInterface, Sequelize } from 'sequelize';
import type { MigrationParams } from 'umzug';

/** What a migration works with. Both dialects run the same file; `dialect` is for what they cannot share. */
export interface MigrationContext {
  queryInterface: QueryInterface;
  sequelize: Sequelize;
  dialect: 'sqlite' | 'postgres';
}

/** A step of the schema. Its name is for ever: the database remembers it. */
export interface Migration {
  /** `NNNN-what`, as the file is called. */
  name: string;
  up: (parameters: MigrationParams<MigrationContext>) => Promise<void>;
  down: (parameters: MigrationParams<MigrationContext>) => Promise<void>;
}
