/** Handles and addresses: the rule, the canonical form, and reading what a person typed. */
import type { Address } from '../ids.js';

const handlePattern = /^[a-z0-9_]{3,30}$/;
/** LDH labels (RFC 1123) of a host name, without port; the server's schema allows no more. */
const domainPattern =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Reads a handle as typed, with or without `@`, in either case. `null`: not a handle; look-alike letters of
 * other scripts are refused rather than mapped. */
export function parseHandle(text: string): string | null {
  const handle = text.trim().replace(/^@/, '');
  // Lower-casing first would turn the Kelvin sign and its like into letters.
  if (!/^[A-Za-z0-9_]*$/.test(handle)) return null;
  const lower = handle.toLowerCase();
  return handlePattern.test(lower) ? lower : null;
}

/** Reads `@handle` (of `homeDomain`) or `@handle@domain`. `null`: neither. */
export function parseAddress(text: string, homeDomain: string): Address | null {
  const [handleText = '', domainText, ...rest] = text.trim().replace(/^@/, '').split('@');
  if (rest.length > 0 || /[^\x21-\x7e]/.test(text.trim())) return null;
  const handle = parseHandle(handleText);
  const domain = (domainText ?? homeDomain).toLowerCase();
  if (handle === null || !domainPattern.test(domain)) return null;
  return `@${handle}@${domain}` as Address;
}

/** Whether a value is an address in its canonical form. */
export function isAddress(value: unknown): value is Address {
  return typeof value === 'string' && value === parseAddress(value, '');
}

/** `@handle` at home, the whole address elsewhere: what people read. */
export function shownAddress(address: Address, homeDomain: string): string {
  return address.endsWith(`@${homeDomain}`) ? address.slice(0, -homeDomain.length - 1) : address;
}

export const domainOf = (address: Address): string => address.slice(address.lastIndexOf('@') + 1);
