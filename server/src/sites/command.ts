/** The operator's command for sites.
 *
 * `node server/dist/sites/command.js create --domain shop.example --origin https://shop.example
 *   [--origin ...] [--reach network] [--insecure] [--retention-days 30] [--key pk_...]`
 *
 * Makes the site, or replaces origins and settings of the one with this domain, and prints the snippet for its
 * pages. It may run beside a running server, which sees a change within seconds. */
import { parseArgs } from 'node:util';
import { ConfigError, readConfig, type Config } from '../config.js';
import { createDatabase } from '../database/connection.js';
import { DatabaseError } from '../database/errors.js';
import { siteKeySchema } from '../ids.js';
import { SiteRuleError } from './rules.js';
import { createSitesService, type Site, type SiteDraft } from './service.js';

const usage = `usage: command.js create --domain DOMAIN --origin ORIGIN [--origin ORIGIN ...]
         [--reach site|network] [--insecure] [--retention-days DAYS] [--key SITE_KEY]

  --domain          what the site's addresses end in, such as shop.example
  --origin          where its pages are, such as https://shop.example; once for each
  --reach           network: its people also reach people of other network sites (default: site)
  --insecure        let pages on plain http chat by the software fall-back
  --retention-days  how long undelivered ciphertext is kept (default: 30)
  --key             a fixed public key instead of a random one`;

/** What was typed cannot be understood; the message says what. */
class UsageError extends Error {}

function readDraft(args: readonly string[]): SiteDraft {
  const { values, positionals } = parse(args);
  if (positionals.length !== 1 || positionals[0] !== 'create') {
    throw new UsageError('say what to do: create');
  }
  const {
    domain,
    origin: origins = [],
    reach = 'site',
    insecure: insecureAllowed = false,
  } = values;
  if (domain === undefined) throw new UsageError('--domain is missing');
  if (reach !== 'site' && reach !== 'network') throw new UsageError('--reach is site or network');
  const days = Number(values['retention-days'] ?? 30);
  if (!Number.isInteger(days) || days < 1 || days > 3650) {
    throw new UsageError('--retention-days is a number from 1 to 3650');
  }
  const draft = {
    domain,
    origins,
    reach,
    insecureAllowed,
    retentionSeconds: days * 24 * 3600,
  } as const;
  if (values.key === undefined) return draft;
  const key = siteKeySchema.safeParse(values.key);
  if (!key.success) throw new UsageError('--key is pk_ and 22 characters of base64url');
  return { ...draft, key: key.data };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        domain: { type: 'string' },
        origin: { type: 'string', multiple: true },
        reach: { type: 'string' },
        insecure: { type: 'boolean' },
        'retention-days': { type: 'string' },
        key: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'not understood');
  }
}

async function save(draft: SiteDraft, config: Config): Promise<Site> {
  const { dataFolder, databaseUrl } = config;
  const database = await createDatabase({ dataFolder, databaseUrl });
  try {
    return await createSitesService({ database, callsAvailable: () => false }).save(draft);
  } finally {
    await database.close();
  }
}

/** What the site owner pastes into each page. */
function snippetOf(site: Site, publicUrl: string): string {
  return [
    `<script type="module" src="${publicUrl}/parley.js"></script>`,
    `<parley-chat site="${site.key}"></parley-chat>`,
  ].join('\n');
}

try {
  const draft = readDraft(process.argv.slice(2));
  const config = readConfig();
  const site = await save(draft, config);
  process.stdout.write(
    `Site ${site.domain} (reach ${site.reach}), for pages of ${[...site.origins].join(', ')}.\n` +
      `Paste this into them:\n\n${snippetOf(site, config.publicUrl)}\n`,
  );
} catch (error) {
  const known = [UsageError, ConfigError, DatabaseError, SiteRuleError].some(
    (kind) => error instanceof kind,
  );
  if (!known) throw error;
  const hint = error instanceof UsageError ? `\n\n${usage}` : '';
  process.stderr.write(`parley: ${(error as Error).message}${hint}\n`);
  process.exitCode = 1;
}
