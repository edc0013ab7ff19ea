/** What a site's domain and origins may look like. */
import { randomBytes } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { siteKeySchema, type SiteKey } from '../ids.js';

/** Why a site cannot be made, in words for whoever runs the command. */
export class SiteRuleError extends Error {
  override readonly name = 'SiteRuleError';
}

/** A new public site key: `pk_` and 16 random bytes. */
export function makeSiteKey(): SiteKey {
  return siteKeySchema.parse(`pk_${randomBytes(16).toString('base64url')}`);
}

/** Lower case, in ASCII (IDN domains as `xn--`).
 * @throws SiteRuleError for anything but dot-separated labels. */
export function parseDomain(text: string): string {
  const domain = domainToASCII(text);
  const labels =
    /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
  if (/[/:@?#\\\s]/.test(text) || !labels.test(domain)) {
    throw new SiteRuleError(`"${text}" is no domain; write it like shop.example`);
  }
  return domain;
}

/** Scheme, host and port as a browser puts them into `Origin`.
 * @throws SiteRuleError for what is no http(s) origin, or has a path. */
export function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url !== null && url.pathname === '/' && url.search === '' && url.hash === '';
  if (!plain || !['http:', 'https:'].includes(url.protocol) || url.username !== '') {
    throw new SiteRuleError(`"${text}" is no origin; write it like https://shop.example`);
  }
  return url.origin;
}
