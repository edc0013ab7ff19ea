/** Deletes ciphertext that nobody needs any more: acknowledged by every device, or older than the site keeps it.
 *
 * The entries stay as empty places, so `seq` has no gaps and a late retry still finds its answer. */
import type { Transaction } from 'sequelize';
import type { Logger } from 'pino';
import type { Database } from '../database/contract.js';
import { queryRows } from '../database/query.js';
import { placeholders, runStatement } from '../database/statements.js';
import type { AccountId, ConversationId, DeviceId, SiteKey } from '../ids.js';
import type { ConversationDirectory } from './ports.js';

/** Conversations of one transaction: other writes wait for no more than that. */
const conversationsPerJobMax = 50;

/** Entries of one conversation that a transaction deletes from: a long history goes in several. */
const entriesPerJobMax = 5_000;

/** Transactions of one sweep: it goes on from there the next time. */
const jobsPerSweepMax = 20;

export interface PurgeDependencies {
  database: Database;
  directory: ConversationDirectory;
  logger?: Logger | undefined;
  /** Acknowledgements within this time are served together, since each time writes the same pages again; 5,000 ms by
   * default. */
  delayMs?: number | undefined;
}

/** Deletes soon after acknowledgements, and in a sweep what has outlived its site's retention. */
export class Purge {
  readonly #dependencies: PurgeDependencies;
  readonly #marked = new Set<ConversationId>();
  #sweptTo = '';
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #running: Promise<void> = Promise.resolve();

  constructor(dependencies: PurgeDependencies) {
    this.#dependencies = dependencies;
  }

  /** Looks at these conversations soon. What is forgotten by a crash is found by the next sweep. */
  mark(conversations: readonly ConversationId[]): void {
    if (this.#closed) return;
    for (const id of conversations) this.#marked.add(id);
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, this.#dependencies.delayMs ?? 5_000);
    this.#timer.unref();
  }

  /** Looks at the marked ones now. */
  flush(): Promise<void> {
    return this.#enqueue(async () => {
      while (this.#marked.size > 0) {
        const ids = [...this.#marked].slice(0, conversationsPerJobMax);
        for (const id of ids) this.#marked.delete(id);
        await this.#purge(ids, new Map());
      }
    });
  }

  /** Looks at conversations that still hold ciphertext, and at its age as well: 1,000 of them, and at the following
   * ones the next time. */
  sweep(now: number): Promise<void> {
    return this.#enqueue(async () => {
      const { database, directory } = this.#dependencies;
      const cutoffs = new Map<SiteKey, number>();
      for (let jobs = 0; jobs < jobsPerSweepMax; jobs += 1) {
        const rows = await queryRows<{ id: ConversationId; site_key: SiteKey }>(
          database,
          `SELECT id, site_key FROM conversations WHERE purged_to < head AND id > $1
           ORDER BY id LIMIT ${String(conversationsPerJobMax)}`,
          { values: [this.#sweptTo] },
        );
        for (const { site_key: site } of rows) {
          if (cutoffs.has(site)) continue;
          cutoffs.set(site, now - (await directory.siteRetention(site)) * 1_000);
        }
        const ids = rows.map(({ id }) => id);
        if (ids.length > 0) await this.#purge(ids, cutoffs);
        this.#sweptTo = ids.length < conversationsPerJobMax ? '' : (ids.at(-1) ?? '');
        if (this.#sweptTo === '') return;
      }
    });
  }

  /** Starts nothing more and waits for what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#marked.clear();
    await this.#running;
  }

  /** One after the other; a failure is logged, since the next sweep tries again. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#running = this.#running.then(work).catch((error: unknown) => {
      this.#dependencies.logger?.warn({ err: error }, 'ciphertext could not be deleted this time');
    });
    return this.#running;
  }

  async #purge(
    ids: readonly ConversationId[],
    cutoffs: ReadonlyMap<SiteKey, number>,
  ): Promise<void> {
    const { database } = this.#dependencies;
    const longer: ConversationId[] = [];
    await database.write(async (transaction) => {
      const conversations = await this.#readConversations(transaction, ids);
      const acknowledged = await this.#readAcknowledged(transaction, ids);
      for (const conversation of conversations) {
        const cutoff = cutoffs.get(conversation.site_key);
        const expired =
          cutoff === undefined
            ? 0
            : await readExpired(database, transaction, { conversation, cutoff });
        const due = Math.max(acknowledged.get(conversation.id) ?? 0, expired);
        const upTo = Math.min(due, conversation.purged_to + entriesPerJobMax);
        if (upTo <= conversation.purged_to) continue;
        await deleteCiphertext(database, transaction, { conversation, upTo });
        if (upTo < due) longer.push(conversation.id);
      }
    });
    if (longer.length > 0) this.mark(longer);
  }

  /** Locked on PostgreSQL: a device that joins meanwhile must not find deleted what it was to read. */
  async #readConversations(
    transaction: Transaction,
    ids: readonly ConversationId[],
  ): Promise<ConversationRow[]> {
    const { database } = this.#dependencies;
    return runStatement<ConversationRow>(
      { database, transaction },
      `SELECT id, site_key, head, purged_to FROM conversations WHERE id IN ${placeholders(1, ids.length, database.dialect)}
       ${database.dialect === 'postgres' ? 'ORDER BY id FOR UPDATE' : ''}`,
      ids,
    );
  }

  /** Up to where every device in use has acknowledged. A revoked device holds nothing up; where no device is left,
   * nothing is said and age decides. */
  async #readAcknowledged(
    transaction: Transaction,
    ids: readonly ConversationId[],
  ): Promise<Map<ConversationId, number>> {
    const { database, directory } = this.#dependencies;
    const cursors = await runStatement<CursorRow>(
      { database, transaction },
      `SELECT conversation_id, device_id, account_id, seq FROM cursors
       WHERE conversation_id IN ${placeholders(1, ids.length, database.dialect)}`,
      ids,
    );
    const accounts = [...new Set(cursors.map((cursor) => cursor.account_id))];
    const devices = await directory.devicesOfAccounts(accounts);
    const inUse = new Set(devices.map(({ deviceId }) => deviceId));
    const lowest = new Map<ConversationId, number>();
    for (const { conversation_id: id, device_id: device, seq } of cursors) {
      if (inUse.has(device)) lowest.set(id, Math.min(seq, lowest.get(id) ?? seq));
    }
    return lowest;
  }
}

interface ConversationRow {
  id: ConversationId;
  site_key: SiteKey;
  head: number;
  purged_to: number;
}

interface CursorRow {
  conversation_id: ConversationId;
  device_id: DeviceId;
  account_id: AccountId;
  seq: number;
}

/** The last entry that is older than the site keeps. Looked for from the oldest on: nearly always that one is young
 * enough, however many follow. */
async function readExpired(
  database: Database,
  transaction: Transaction,
  { conversation, cutoff }: { conversation: ConversationRow; cutoff: number },
): Promise<number> {
  const [young] = await runStatement<{ seq: number }>(
    { database, transaction },
    `SELECT seq FROM envelopes WHERE conversation_id = $1 AND seq > $2 AND seq <= $3 AND stored_at >= $4
     ORDER BY seq LIMIT 1`,
    [conversation.id, conversation.purged_to, conversation.purged_to + entriesPerJobMax, cutoff],
  );
  return young === undefined ? conversation.head : young.seq - 1;
}

async function deleteCiphertext(
  database: Database,
  transaction: Transaction,
  { conversation, upTo }: { conversation: ConversationRow; upTo: number },
): Promise<void> {
  const scope = { database, transaction };
  await runStatement(
    scope,
    'UPDATE envelopes SET ciphertext = NULL WHERE conversation_id = $1 AND seq > $2 AND seq <= $3',
    [conversation.id, conversation.purged_to, upTo],
  );
  await runStatement(scope, 'UPDATE conversations SET purged_to = $1 WHERE id = $2', [
    upTo,
    conversation.id,
  ]);
}
