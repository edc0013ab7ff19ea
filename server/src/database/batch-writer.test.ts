import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeOnDatabases } from '../../test/databases.js';
import { ServerError } from '../errors.js';
import { createBatchWriter, type BatchWriterOptions } from './batch-writer.js';
import type { Database } from './contract.js';
import { execute, queryRows } from './query.js';

interface Note {
  id: number;
  refused?: boolean;
}

await describeOnDatabases('batch writer', (fixture) => {
  const stories = test.extend<{ database: Database }>({
    database: async ({}, use) => {
      const database = await fixture.open();
      await database.write((transaction) =>
        execute(database, 'CREATE TABLE notes (id INTEGER PRIMARY KEY)', { transaction }),
      );
      await use(database);
      await database.close();
    },
  });

  function makeWriter(database: Database, options: Partial<BatchWriterOptions<Note, number>> = {}) {
    const batches: number[] = [];
    const committed: number[] = [];
    const writer = createBatchWriter<Note, number>(database, {
      apply: async (items, transaction) => {
        batches.push(items.length);
        for (const { id } of items.filter((note) => !note.refused)) {
          const values = [id];
          await execute(database, 'INSERT INTO notes (id) VALUES ($1)', { values, transaction });
        }
        return items.map(({ id, refused }) =>
          refused ? { error: new ServerError('forbidden', 'refused') } : { result: id },
        );
      },
      committed: ({ id }) => committed.push(id),
      ...options,
    });
    return { writer, batches, committed };
  }

  const idsIn = async (database: Database) => {
    const rows = await queryRows<{ id: number }>(database, 'SELECT id FROM notes ORDER BY id');
    return rows.map(({ id }) => id);
  };

  stories('what comes at once is one transaction, told in its order', async ({ database }) => {
    const { writer, batches, committed } = makeWriter(database, { itemsMax: 4 });
    const answers = await Promise.all([5, 4, 3, 2, 1].map((id) => writer.add({ id })));
    expect(answers).toEqual([5, 4, 3, 2, 1]);
    expect(batches).toEqual([4, 1]);
    expect(committed).toEqual([5, 4, 3, 2, 1]);
  });

  stories('an item is told of only when others can read it', async ({ database }) => {
    const seen: Promise<number[]>[] = [];
    const { writer } = makeWriter(database, { committed: () => seen.push(idsIn(database)) });
    await Promise.all([1, 2].map((id) => writer.add({ id })));
    expect(await Promise.all(seen)).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  stories('a refused item fails alone', async ({ database }) => {
    const { writer, batches, committed } = makeWriter(database);
    const answers = await Promise.allSettled(
      [1, 2, 3].map((id) => writer.add({ id, refused: id === 2 })),
    );
    expect(answers[1]).toMatchObject({ reason: { code: 'forbidden' } });
    expect(batches).toEqual([3]);
    expect(committed).toEqual([1, 3]);
  });

  stories('an item that the database refuses fails alone, too', async ({ database }) => {
    const { writer } = makeWriter(database);
    await writer.add({ id: 2 });
    const answers = await Promise.allSettled([1, 2, 3].map((id) => writer.add({ id })));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await idsIn(database)).toEqual([1, 2, 3]);
  });

  stories(
    'a failure that is no item’s fault fails the batch without another try',
    async ({ database }) => {
      let tries = 0;
      const { writer } = makeWriter(database, {
        apply: () => {
          tries += 1;
          return Promise.reject(new Error('disk full'));
        },
      });
      const answers = await Promise.allSettled([1, 2].map((id) => writer.add({ id })));
      for (const answer of answers) {
        expect(answer).toMatchObject({ reason: { code: 'unavailable', retryAfterSeconds: 2 } });
      }
      expect(tries).toBe(1);
    },
  );

  stories('is bounded by items, and by bytes', async ({ database }) => {
    const few = makeWriter(database, { pendingMax: 2 }).writer;
    const answers = await Promise.allSettled([1, 2, 3].map((id) => few.add({ id })));
    expect(answers[2]).toMatchObject({ reason: { code: 'unavailable' } });
    const small = makeWriter(database, { pendingBytesMax: 30, bytesOf: ({ id }) => id }).writer;
    const sized = await Promise.allSettled([10, 20, 1].map((id) => small.add({ id })));
    expect(sized.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await expect(small.add({ id: 30 })).resolves.toBe(30);
    expect(await idsIn(database)).toEqual([1, 2, 10, 20, 30]);
  });

  stories('closing waits for what was taken and takes no more', async ({ database }) => {
    const { writer } = makeWriter(database, { itemsMax: 2 });
    const taken = [1, 2, 3, 4, 5].map((id) => writer.add({ id }));
    await wait(1);
    const closing = writer.close();
    await expect(writer.add({ id: 6 })).rejects.toMatchObject({ code: 'unavailable' });
    await closing;
    expect(await idsIn(database)).toEqual([1, 2, 3, 4, 5]);
    await expect(Promise.all(taken)).resolves.toHaveLength(5);
  });
});
