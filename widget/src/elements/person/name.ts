/** How people are called on the screen. */
import type { Address } from '../../core/ids.js';
import type { Person } from '../../core/snapshot.js';

/** `@handle` of `@handle@domain`. */
export function handleOf(address: Address): string {
  return address.slice(0, address.lastIndexOf('@'));
}

/** What they call themselves, or their handle. Untrusted: isolate it (`bdi`). */
export function nameOf(person: Pick<Person, 'address' | 'displayName'>): string {
  return person.displayName ?? handleOf(person.address);
}
