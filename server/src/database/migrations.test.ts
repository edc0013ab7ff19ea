import { join } from 'node:path';
import { Sequelize } from 'sequelize';
import { expect, test } from 'vitest';
import { describeOnDatabases } from '../../test/databases.js';
import { migrate } from './migrations.js';
import { migrations } from './migrations/list.js';
import type { Migration } from './migration.js';

await describeOnDatabases('migrations', (fixture) => {
  /** A single connection to an empty database, as `migrate` wants it. */
  const stories = test.extend<{ sequelize: Sequelize }>({
    sequelize: async ({}, use) => {
      const { dataFolder, databaseUrl } = await fixture.place();
      const sequelize =
        databaseUrl === undefined
          ? new Sequelize({
              dialect: 'sqlite',
              storage: join(dataFolder, 'test.sqlite'),
              logging: false,
            })
          : new Sequelize(databaseUrl, { logging: false, pool: { max: 1 } });
      await use(sequelize);
      await sequelize.close();
    },
  });
  const { dialect } = fixture;
  const tablesOf = (sequelize: Sequelize) => sequelize.getQueryInterface().showAllTables();

  stories('are applied once, in their order', async ({ sequelize }) => {
    const order: string[] = [];
    const step = (name: string): Migration => ({
      name,
      up: async () => {
        order.push(name);
      },
      down: () => Promise.resolve(),
    });
    await migrate({ sequelize, dialect }, [step('0001-a'), step('0002-b')]);
    await migrate({ sequelize, dialect }, [step('0001-a'), step('0002-b'), step('0003-c')]);
    expect(order).toEqual(['0001-a', '0002-b', '0003-c']);
  });

  stories('leave no trace when one of them fails', async ({ sequelize }) => {
    const broken: Migration = {
      name: '9999-broken',
      up: async ({ context }) => {
        await context.sequelize.query('CREATE TABLE half (id INTEGER)');
        throw new Error('broken');
      },
      down: () => Promise.resolve(),
    };
    const failing = migrate({ sequelize, dialect }, [...migrations, broken]);
    await expect(failing).rejects.toMatchObject({ code: 'migration_failed' });
    expect(await tablesOf(sequelize)).toEqual([]);
    await migrate({ sequelize, dialect });
    expect(await tablesOf(sequelize)).toContain('conversations');
  });

  stories('can be taken back', async ({ sequelize }) => {
    await migrate({ sequelize, dialect });
    const context = { queryInterface: sequelize.getQueryInterface(), sequelize, dialect };
    for (const { name, down } of [...migrations].reverse()) await down({ name, context });
    expect(await tablesOf(sequelize)).toEqual(['schema_migrations']);
  });

  stories('run once when two nodes start together', async ({ sequelize }) => {
    if (dialect === 'sqlite') return; // One process owns a SQLite file.
    const { databaseUrl = '' } = await fixture.place();
    const nodes = [1, 2].map(
      () => new Sequelize(databaseUrl, { logging: false, pool: { max: 1 } }),
    );
    await Promise.all(nodes.map((node) => migrate({ sequelize: node, dialect })));
    await Promise.all(nodes.map((node) => node.close()));
    expect(await tablesOf(sequelize)).toEqual([]);
  });
});
