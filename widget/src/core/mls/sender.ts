/** Who sent a PrivateMessage (RFC 9420, section 6.3.2): ts-mls reads it but does not tell. */
import type { CiphersuiteImpl, PrivateMessage } from 'ts-mls';
import type { Member } from './contract.js';
import { MlsError } from './errors.js';
import { lookingInto } from './looking-into.js';

export interface Hearing {
  /** To open the message with. */
  suite: CiphersuiteImpl;
  /** Counts only once the message is opened, which verifies the signature. @throws MlsError `undecryptable` */
  sender(): Member;
}

/** Hears who sent a message while it is opened, and lets nobody send who is not there: the library would look for a leaf
 * outside of the tree without end.
 * @param members of the message's epoch. */
export function hearingSender(
  suite: CiphersuiteImpl,
  { encryptedSenderData }: PrivateMessage,
  members: readonly Member[],
): Hearing {
  let heard: Member | undefined;
  const sender = (): Member => {
    if (heard === undefined) throw new MlsError('undecryptable');
    return heard;
  };
  const look = ({ buffer, byteOffset, length }: Uint8Array): void => {
    // SenderData: leaf index, generation and reuse guard.
    const leaf = length === 12 ? new DataView(buffer, byteOffset).getUint32(0) : undefined;
    heard = members.find(({ leafIndex }) => leafIndex === leaf);
    sender();
  };
  return { suite: lookingInto(suite, encryptedSenderData, look), sender };
}
