/** The ICE servers that browsers are told: public STUN, and TURN by credentials that soon expire. */
import { createHmac, randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { iceServerSchema } from './contract.js';

export type IceServer = z.infer<typeof iceServerSchema>;

export interface IceConfig {
  readonly stunUrls: readonly string[];
  readonly turnUrls: readonly string[];
  /** The secret shared with the TURN server (coturn: `use-auth-secret`, `static-auth-secret`). */
  readonly turnSecret?: string | undefined;
}

/** TURN checks the time when a call begins and when it renews: as long as a long call. */
const credentialSeconds = 6 * 3600;

/** @param now milliseconds since 1970.
 * Source: draft-uberti-behave-turn-rest-00, section 2.2: `username` is the expiry in seconds since 1970 and a
 * name, the password base64(HMAC-SHA1(secret, username)). The name is random: TURN need not know who calls. */
export function iceServers(
  { stunUrls, turnUrls, turnSecret }: IceConfig,
  now: number,
): IceServer[] {
  const servers: IceServer[] = [];
  if (stunUrls.length > 0) servers.push({ urls: [...stunUrls] });
  if (turnUrls.length > 0 && turnSecret !== undefined) {
    const expiry = Math.floor(now / 1000) + credentialSeconds;
    const username = `${String(expiry)}:${randomBytes(9).toString('base64url')}`;
    const credential = createHmac('sha1', turnSecret).update(username).digest('base64');
    servers.push({ urls: [...turnUrls], username, credential });
  }
  return servers;
}
