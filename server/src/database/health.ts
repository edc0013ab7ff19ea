/** How the database fares: remembers why it last refused a write, tells the log once, and finds out when it is over. */
import type { Logger } from 'pino';
import type { Database } from './contract.js';
import { faultOf, type DatabaseFault } from './faults.js';
import { execute, queryRows } from './query.js';

/** What operators are told. */
export type DatabaseState = 'ok' | 'down' | DatabaseFault;

export interface DatabaseHealth {
  /** Asks it, and after a refused write tries one: at most one look at a time, and within a deadline. */
  check(): Promise<DatabaseState>;
}

/** A load balancer asks every few seconds and waits no longer. */
const deadlineMs = 2_000;

/** @returns the same database, watched. */
export function watchDatabase(
  database: Database,
  logger: Logger,
): { database: Database; health: DatabaseHealth } {
  let fault: DatabaseFault | null = null;
  let looking: Promise<DatabaseState> | undefined;

  function note(next: DatabaseFault | null, error?: unknown): void {
    if (next === fault) return;
    fault = next;
    if (next === null) logger.info('the database takes writes again');
    else logger.error({ fault: next, err: error }, 'the database refuses writes');
  }

  async function noted<Result>(write: Promise<Result>): Promise<Result> {
    try {
      const result = await write;
      note(null);
      return result;
    } catch (error) {
      const found = faultOf(error);
      if (found !== null) note(found, error);
      throw error;
    }
  }
  const watched: Database = {
    ...database,
    write: (job) => noted(database.write(job)),
    writeStatement: (statement) => noted(database.writeStatement(statement)),
  };

  async function look(): Promise<DatabaseState> {
    try {
      await queryRows(database, 'SELECT 1 AS one');
      if (fault !== null) await watched.write((transaction) => tryWriting(database, transaction));
      return 'ok';
    } catch (error) {
      return fault ?? faultOf(error) ?? 'down';
    }
  }

  return {
    database: watched,
    health: {
      check() {
        looking ??= look().finally(() => (looking = undefined));
        return Promise.race([looking, deadline(() => fault ?? 'down')]);
      },
    },
  };
}

/** The smallest thing that is really written: the names of the migrations over themselves. */
function tryWriting(
  database: Database,
  transaction: Parameters<Parameters<Database['write']>[0]>[0],
): Promise<void> {
  return execute(database, 'UPDATE schema_migrations SET name = name', { transaction });
}

function deadline(state: () => DatabaseState): Promise<DatabaseState> {
  return new Promise((resolve) => {
    setTimeout(() => {
      resolve(state());
    }, deadlineMs).unref();
  });
}
