/** What earlier visits left: whether this device was used here, and what the person chose. Reading stores nothing, so it is allowed before any interaction. */

const markOf = (server: string, site: string): string => `parley ${server} ${site}`;

export const isReturning = (server: string, site: string): boolean =>
  read(markOf(server, site)) !== null;

/** Called once a person has a handle here, and when they sign out. */
export function remember(
  { server, site }: { server: string; site: string },
  someone: boolean,
): void {
  write(markOf(server, site), someone ? '1' : null);
}

/** Whether the panel was open in this tab when its last page went: it is open again after a reload. */
export const wasOpen = (server: string, site: string): boolean =>
  read(markOf(server, site), () => sessionStorage) !== null;

/** Called once somebody uses the chat: until then nothing is stored. */
export function rememberOpen(
  { server, site }: { server: string; site: string },
  open: boolean,
): void {
  write(markOf(server, site), open ? '1' : null, () => sessionStorage);
}

/** A choice that goes before the element's attribute. */
export type Preference = 'theme' | 'lang';

export const preferred = (preference: Preference): string | null => read(`parley ${preference}`);

export function prefer(preference: Preference, value: string): void {
  write(`parley ${preference}`, value);
}

function read(key: string, storage = (): Storage => localStorage): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null; // Storage is blocked: everyone is new.
  }
}

function write(key: string, value: string | null, storage = (): Storage => localStorage): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // Storage is blocked: it lasts as long as the page.
  }
}
