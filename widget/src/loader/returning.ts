/** Whether this device was used here before. Reading stores nothing, so it is allowed before any interaction. */

/** Key of the mark that `main` sets once a person has a handle here, and removes when they sign out. */
export const markOf = (server: string, site: string): string => `parley ${server} ${site}`;

export function isReturning(server: string, site: string): boolean {
  try {
    return localStorage.getItem(markOf(server, site)) !== null;
  } catch {
    return false; // Storage is blocked: everyone is new.
  }
}
