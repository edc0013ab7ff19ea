/** What calls need of the client around them. */
import type { Clock, Log } from '../context.js';
import type { CallContent } from '../content/index.js';
import type { ConversationId } from '../ids.js';
import type { Problem } from '../snapshot.js';
import type { Connection } from '../transport/contract.js';
import type { CallGroup } from './keyring.js';
import type { MediaPort } from './media-port.js';
import type { CallView } from './state.js';

export interface CallPorts {
  media: MediaPort;
  /** The connection of the moment. @throws when there is none */
  server: () => Pick<
    Connection,
    | 'startCall'
    | 'answerCall'
    | 'declineCall'
    | 'hangUpCall'
    | 'publishMedia'
    | 'answerMedia'
    | 'candidate'
  >;
  /** The conversation's group as it is now. `null`: this device is not in it. */
  group: (conversationId: ConversationId) => Promise<CallGroup | null>;
  /** Puts it into the outbox; id and time are the outbox's. */
  sendContent: (
    conversationId: ConversationId,
    content: Omit<CallContent, 'id' | 'at' | 'type'>,
  ) => Promise<void>;
  /** `now` as the server's clock has it, as far as it is known. */
  clock: Clock;
  log: Log;
  /** The call on the screen, whenever it changes. `null`: none. */
  onCall: (call: CallView | null) => void;
  /** Turns whatever a port threw into something that can be said. */
  problemOf: (error: unknown) => Problem;
  /** Aborts when the client closes. */
  signal: AbortSignal;
}
