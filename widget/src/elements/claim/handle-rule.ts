/** The rule of handles, checked while one types; the server has the last word. */

/** What is wrong with a handle, or nothing. */
export type HandleFault = 'short' | 'long' | 'letters' | null;

/** What people type or paste, as a handle: without `@` and spaces around it, in lower case. */
export function tidyHandle(text: string): string {
  return text.trim().replace(/^@/u, '').toLowerCase();
}

/** @param handle tidied. 3 to 30 of `a-z 0-9 _`. */
export function faultOf(handle: string): HandleFault {
  if (/[^a-z0-9_]/u.test(handle)) return 'letters';
  if (handle.length < 3) return 'short';
  return handle.length > 30 ? 'long' : null;
}
