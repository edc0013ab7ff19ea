/** Sites as the database keeps them. */
import type { Transaction } from 'sequelize';
import type { Database } from '../database/contract.js';
import { execute, queryRows } from '../database/query.js';
import type { SiteKey } from '../ids.js';

/** A tenant: the people of one web site. */
export interface Site {
  readonly key: SiteKey;
  /** Domain part of its addresses, lower case. */
  readonly domain: string;
  readonly origins: ReadonlySet<string>;
  readonly reach: 'site' | 'network';
  readonly insecureAllowed: boolean;
  readonly retentionSeconds: number;
}

interface SiteRow {
  site_key: SiteKey;
  domain: string;
  reach: 'site' | 'network';
  insecure_allowed: boolean | number;
  retention_seconds: number;
}

/** Reads one site by its key or by its domain. */
export async function selectSite(
  database: Database,
  by: { key: string } | { domain: string },
  transaction?: Transaction,
): Promise<Site | null> {
  const [column, value] = 'key' in by ? ['site_key', by.key] : ['domain', by.domain];
  const [row] = await queryRows<SiteRow>(database, `SELECT * FROM sites WHERE ${column} = $1`, {
    values: [value],
    transaction,
  });
  if (row === undefined) return null;
  const origins = await queryRows<{ origin: string }>(
    database,
    'SELECT origin FROM site_origins WHERE site_key = $1',
    { values: [row.site_key], transaction },
  );
  return {
    key: row.site_key,
    domain: row.domain,
    origins: new Set(origins.map(({ origin }) => origin)),
    reach: row.reach,
    insecureAllowed: Boolean(row.insecure_allowed),
    retentionSeconds: row.retention_seconds,
  };
}

/** Stores a site: a new one, or in place of the one with the same key. */
export async function upsertSite(
  database: Database,
  site: Site,
  transaction: Transaction,
): Promise<void> {
  await execute(
    database,
    `INSERT INTO sites (site_key, domain, reach, insecure_allowed, retention_seconds, created_at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (site_key) DO UPDATE SET reach = excluded.reach,
       insecure_allowed = excluded.insecure_allowed, retention_seconds = excluded.retention_seconds`,
    {
      values: [
        site.key,
        site.domain,
        site.reach,
        site.insecureAllowed,
        site.retentionSeconds,
        Date.now(),
      ],
      transaction,
    },
  );
  await execute(database, 'DELETE FROM site_origins WHERE site_key = $1', {
    values: [site.key],
    transaction,
  });
  for (const origin of site.origins) {
    await execute(database, 'INSERT INTO site_origins (site_key, origin) VALUES ($1, $2)', {
      values: [site.key, origin],
      transaction,
    });
  }
}
