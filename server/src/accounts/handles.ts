/** The rule of handles: 3 to 30 of `a-z 0-9 _`, upper case taken as lower. */

/** ASCII only, before any case folding: `toLowerCase` would turn the Kelvin sign into a plain `k`. */
const handlePattern = /^[A-Za-z0-9_]{3,30}$/;

/** The canonical form of a handle, or `null` for what is none: too short, too long, other letters, look-alikes. */
export function parseHandle(text: string): string | null {
  return handlePattern.test(text) ? text.toLowerCase() : null;
}

/** Names that would let somebody pass for the site, its staff or the software. */
const reservedNames = [
  'abuse', 'account', 'accounts', 'admin', 'administrator', 'all', 'anonymous', 'api', 'billing', 'bot',
  'channel', 'contact', 'deleted', 'everyone', 'feedback', 'group', 'help', 'helpdesk', 'here', 'info',
  'legal', 'login', 'logout', 'mail', 'me', 'mod', 'moderator', 'news', 'nobody', 'noreply', 'null', 'office',
  'official', 'owner', 'parley', 'postmaster', 'privacy', 'register', 'root', 'security', 'self', 'service',
  'settings', 'signin', 'signup', 'staff', 'status', 'support', 'sysadmin', 'system', 'team', 'undefined',
  'unknown', 'verified', 'webmaster', 'you',
]; // prettier-ignore

/** Digits that pass for letters at a glance. */
const lookAlikes: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  l: 'i',
};

/** What a hurried eye reads: no underscores, digits as the letters they resemble, `l` as `i`. */
function atAGlance(handle: string): string {
  return [...handle.replaceAll('_', '')]
    .map((character) => lookAlikes[character] ?? character)
    .join('');
}

const reserved = new Set(reservedNames.map(atAGlance));

/** Whether nobody may take the handle: a reserved name, or one that reads like it (`adm1n`, `sup_port`). */
export function isReserved(handle: string): boolean {
  return reserved.has(atAGlance(handle));
}
