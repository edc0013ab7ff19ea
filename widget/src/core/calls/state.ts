/** What the call state machine knows, takes and asks for. All of it plain data. */
import type { CallContent } from '../content/index.js';
import type { Address, CallId, ConversationId, DeviceId } from '../ids.js';
import type { CallState, Problem } from '../snapshot.js';
import type { CallEvent } from '../transport/contract.js';
import type { SaidSalt } from './keyring.js';
import type { IceServer, MediaEvent } from './media-port.js';

/** The call as the screens see it; whoever shows it adds the person. */
export type CallView = Omit<CallState, 'peer'>;

export interface Call extends CallView {
  /** The other side answered, or this one did: media may flow. */
  answered: boolean;
  /** A member said inside MLS that it answered, and how its frames are to be opened. */
  answerSaid: boolean;
  /** The server has let this device in. */
  taken: boolean;
  /** Media were asked for with the camera; without it, a failure is not the camera's. */
  openedVideo: boolean;
  /** From the server's ticket, or with its ring. */
  iceServers: IceServer[];
  /** What the invitation said. */
  salts: SaidSalt[];
  /** The connections are ready. */
  prepared: boolean;
  /** The devices are open. */
  mediaOpen: boolean;
  /** The invitation is out: the other's devices ring, and the call has a row in the history. */
  invited: boolean;
  connection: Record<
    'publish' | 'subscribe',
    Extract<MediaEvent, { event: 'connection' }>['state']
  >;
  /** An offer that came before the connections were ready. */
  waitingOffer: Extract<CallEvent, { event: 'offer' }> | null;
}

/** A ring that waits for its other half: the server's event and the invitation inside MLS must agree. */
export interface Ring {
  callId: CallId;
  conversationId: ConversationId;
  /** When the half came, to forget the oldest. */
  since: number;
  event: Extract<CallEvent, { event: 'ringing' }> | null;
  invite: { address: Address; deviceId: DeviceId; video: boolean; at: number; salt: string } | null;
}

export interface Machine {
  call: Call | null;
  rings: readonly Ring[];
}

export const idle: Machine = { call: null, rings: [] };

/** Who said something inside MLS. */
export interface Speaker {
  conversationId: ConversationId;
  address: Address;
  deviceId: DeviceId;
  /** A device of this account, perhaps this one. */
  isSelf: boolean;
}

export type CallTimer = 'ring' | 'connect' | 'reconnect' | 'renew' | 'busy';

export type CallInput =
  | { type: 'start'; callId: CallId; conversationId: ConversationId; video: boolean }
  | { type: 'answer'; callId: CallId; video: boolean }
  | { type: 'decline'; callId: CallId }
  | { type: 'hang_up'; callId: CallId }
  | { type: 'dismiss' }
  | { type: 'microphone'; on: boolean }
  | { type: 'camera'; on: boolean }
  | { type: 'server'; event: CallEvent }
  | { type: 'content'; content: CallContent; speaker: Speaker }
  | { type: 'media'; event: MediaEvent }
  /** The server took the start. */
  | { type: 'ticket'; callId: CallId; iceServers: IceServer[] }
  /** The server took the answer. */
  | { type: 'taken'; callId: CallId }
  /** Something that an effect tried did not work. */
  | {
      type: 'failed';
      callId: CallId;
      at: 'start' | 'answer' | 'media' | 'publish';
      problem: Problem;
    }
  | { type: 'media_prepared'; callId: CallId }
  | { type: 'media_opened'; callId: CallId }
  | { type: 'camera_set'; callId: CallId; on: boolean; problem: Problem | null }
  | { type: 'safety_code'; callId: CallId; code: NonNullable<CallView['safetyCode']> }
  | { type: 'timer'; callId: CallId; name: CallTimer };

export type CallEffect =
  | { type: 'server_start'; conversationId: ConversationId; video: boolean }
  /** With this device's offer. */
  | { type: 'server_answer' }
  | { type: 'server_decline' }
  | { type: 'server_hang_up' }
  | { type: 'server_candidate'; event: Extract<MediaEvent, { event: 'candidate' }> }
  /** Connections with fresh keys. */
  | {
      type: 'prepare_media';
      conversationId: ConversationId;
      iceServers: IceServer[];
      salts: SaidSalt[];
    }
  | { type: 'learn_salt'; said: SaidSalt }
  | { type: 'open_devices'; video: boolean }
  /** Offer, the server's answer, and taking it. */
  | { type: 'publish'; fresh: boolean }
  | { type: 'take_offer'; event: Extract<CallEvent, { event: 'offer' }> }
  | { type: 'set_microphone'; on: boolean }
  | { type: 'set_camera'; on: boolean }
  | { type: 'close_media' }
  | { type: 'make_safety_code'; conversationId: ConversationId }
  | {
      type: 'send';
      conversationId: ConversationId;
      content: Omit<CallContent, 'id' | 'at' | 'type'>;
    }
  /** `null` stops it. */
  | { type: 'timer'; name: CallTimer; ms: number | null };

/** An effect belongs to one call; what comes of it counts only while that call goes on. */
export type AddressedEffect = CallEffect & { callId: CallId };

export interface Step {
  state: Machine;
  effects: readonly AddressedEffect[];
}
