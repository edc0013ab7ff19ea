/** Sites: who may connect from where, and what a page may know of its site. */
import type { Transaction } from 'sequelize';
import { isFaultOfData } from '../database/batch-writer.js';
import type { Database } from '../database/contract.js';
import { ServerError } from '../errors.js';
import { siteKeySchema, type SiteKey } from '../ids.js';
import { SiteCache } from './cache.js';
import type { SiteInfo } from './contract.js';
import { selectSite, upsertSite, type Site } from './model.js';
import { makeSiteKey, parseDomain, parseOrigin, SiteRuleError } from './rules.js';

export type { Site } from './model.js';

/** How long undelivered ciphertext is kept unless the site says otherwise. */
const retentionSecondsDefault = 30 * 24 * 3600;

export interface SiteDraft {
  domain: string;
  origins: readonly string[];
  reach?: 'site' | 'network';
  insecureAllowed?: boolean;
  retentionSeconds?: number;
  /** For fixed keys, such as those of the demo pages; random without it. */
  key?: SiteKey;
}

export interface SitesService {
  /** The site of this key, if the page's origin is on its list.
   * @throws ServerError `site_unknown`, `origin_refused` */
  admit(key: string | null | undefined, origin: string | null | undefined): Promise<Site>;
  find(key: SiteKey): Promise<Site | null>;
  info(site: Site): SiteInfo;
  /** How long the site keeps ciphertext that nobody acknowledged, in seconds. */
  siteRetention(key: SiteKey): Promise<number>;
  /** Makes a site, or replaces origins and settings of the one with the same domain (and keeps its key).
   * @throws SiteRuleError for a domain or origin that cannot be, or a key that is another domain's. */
  save(draft: SiteDraft): Promise<Site>;
}

export interface SitesDependencies {
  database: Database;
  /** Whether calls can be made at this moment. */
  callsAvailable: () => boolean;
}

export function createSitesService({ database, callsAvailable }: SitesDependencies): SitesService {
  const cache = new SiteCache();

  async function find(key: SiteKey): Promise<Site | null> {
    const cached = cache.get(key);
    if (cached !== null) return cached;
    const site = await selectSite(database, { key });
    if (site !== null) cache.put(site);
    return site;
  }

  return {
    async admit(key, origin) {
      const parsed = siteKeySchema.safeParse(key);
      const site = parsed.success ? await find(parsed.data) : null;
      if (site === null) throw new ServerError('site_unknown', 'no site with this key');
      if (typeof origin !== 'string' || !site.origins.has(origin)) {
        throw new ServerError('origin_refused', `origin not on the list of ${site.key}`);
      }
      return site;
    },

    find,

    siteRetention: async (key) => (await find(key))?.retentionSeconds ?? retentionSecondsDefault,

    info: (site) => ({
      domain: site.domain,
      reach: site.reach,
      insecureAllowed: site.insecureAllowed,
      retentionSeconds: site.retentionSeconds,
      callsAvailable: callsAvailable(),
      now: Date.now(),
    }),

    async save(draft) {
      const domain = parseDomain(draft.domain);
      const origins = new Set(draft.origins.map(parseOrigin));
      if (origins.size === 0) throw new SiteRuleError('a site needs at least one origin');
      const store = async (transaction: Transaction): Promise<Site> => {
        const known = await selectSite(database, { domain }, transaction);
        if (known !== null && draft.key !== undefined && known.key !== draft.key) {
          throw new SiteRuleError(`${domain} is a site already, with another key`);
        }
        const key = known?.key ?? draft.key ?? makeSiteKey();
        const namesake = await selectSite(database, { key }, transaction);
        if (namesake !== null && namesake.domain !== domain) {
          throw new SiteRuleError(`the key belongs to another site`);
        }
        const site: Site = {
          key,
          domain,
          origins,
          reach: draft.reach ?? 'site',
          insecureAllowed: draft.insecureAllowed ?? false,
          retentionSeconds: draft.retentionSeconds ?? retentionSecondsDefault,
        };
        await upsertSite(database, site, transaction);
        return site;
      };
      const attempt = (): Promise<Site> => database.write(store);
      const saved = await attempt().catch((error: unknown) => {
        // On PostgreSQL two may find nothing and insert: the loser of the unique index looks again.
        if (!isFaultOfData(error)) throw error;
        return attempt();
      });
      cache.delete(saved.key);
      return saved;
    },
  };
}
