/** The wire contract of sites: what a page may learn of the site that its key names. */
import { z } from 'zod';

export const siteInfoSchema = z.object({
  /** Domain part of the site's addresses, such as `bazaar.localhost`. */
  domain: z.string(),
  /** `network`: its people also reach people of other `network` sites. */
  reach: z.enum(['site', 'network']),
  /** Whether pages without WebCrypto (plain http) may chat through the software fall-back. */
  insecureAllowed: z.boolean(),
  /** How long undelivered ciphertext is kept, in seconds. */
  retentionSeconds: z.number().int(),
  /** Whether calls can be made at this moment. */
  callsAvailable: z.boolean(),
  /** The server's clock, milliseconds since 1970. */
  now: z.number(),
});
export type SiteInfo = z.infer<typeof siteInfoSchema>;
