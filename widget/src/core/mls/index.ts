/** The MLS layer: pure transitions `(state, input) -> { state, output }` over RFC 9420 with one ciphersuite. */
import { mlsExporter } from 'ts-mls';
import type { Consumed, Group } from './contract.js';
import { suite } from './crypto/suite.js';
import { stateOf } from './group.js';

export type * from './contract.js';
export { commit, type CommitInput, type CommitOutput } from './commit.js';
export { suiteNumber } from './crypto/suite.js';
export { MlsError } from './errors.js';
export {
  createGroup,
  joinByWelcome,
  joinExternally,
  welcomeRefs,
  type CreateGroupInput,
  type JoinByWelcomeInput,
  type JoinExternallyInput,
} from './join.js';
export {
  generateKeyPackage,
  verifyKeyPackage,
  type KeyPackageOptions,
  type KeyPackageOwner,
} from './key-package.js';
export { contentBytesMax, encrypt, open, paddedLength } from './messages.js';
export { decodeGroup, encodeGroup } from './storage.js';

/** A secret of the current epoch for use outside MLS (RFC 9420, section 8.5): the same at every member.
 * `label` says what for; `context` binds it, for example to a call; `length` in bytes. */
export function exporter(
  group: Group,
  use: { label: string; context: Uint8Array; length: number },
): Promise<Uint8Array> {
  return mlsExporter(
    stateOf(group).keySchedule.exporterSecret,
    use.label,
    use.context,
    use.length,
    suite,
  );
}

/** Equal at two members exactly if they agree on the epoch and on everything before it (RFC 9420, section 8.7). */
export const epochAuthenticator = (group: Group): Uint8Array =>
  stateOf(group).keySchedule.epochAuthenticator;

/** Overwrites secrets that a transition has used up. Only after its new state is stored, and for a commit of this
 * device only after the server has taken it: until then the old state may still be needed. */
export function wipe(consumed: Consumed): void {
  // The library leaves holes in this list.
  for (const secret of consumed as readonly (Uint8Array | undefined)[]) secret?.fill(0);
}
