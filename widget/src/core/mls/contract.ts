/** The pure MLS layer as the engine uses it: `(state, input) -> { state, output }`; no storage, no network. */
import type { Address, ConversationId, DeviceId } from '../ids.js';

/** Ed25519 key pair as raw bytes. */
export interface SigningKey {
  publicKey: Uint8Array;
  privateKey: Uint8Array;
}

/** This device, with everything needed to sign and to be believed. */
export interface DeviceIdentity {
  address: Address;
  accountKey: SigningKey;
  deviceId: DeviceId;
  deviceKey: SigningKey;
  /** The account key's signature over this device; see the wire contract of accounts. */
  certificate: Uint8Array;
}

/** A leaf whose credential holds: the chain was checked. Whether it *belongs* is the pin's business. */
export interface Member {
  leafIndex: number;
  address: Address;
  accountKey: Uint8Array;
  deviceId: DeviceId;
}

/** Decides whether an account key is the pinned one of an address; unknown addresses are pinned by the engine first. */
export type PinCheck = (address: Address, accountKey: Uint8Array) => boolean;

/** The MLS authentication service of one conversation (RFC 9420, section 5.3.1): whose leaves count. */
export interface Trust {
  /** The accounts of the conversation. */
  members: ReadonlySet<Address>;
  pinned: PinCheck;
}

/** Secrets that a transition has used up. They stay valid until the new state is stored, since a failed write means
 * going on with the old one; then the engine calls `wipe` on them. */
export type Consumed = readonly Uint8Array[];

/** Opaque: the library's state. Never mutated; every transition gives a new one. */
export interface Group {
  readonly conversationId: ConversationId;
  readonly suite: number;
  readonly epoch: number;
  readonly ownLeafIndex: number;
  readonly members: readonly Member[];
  readonly state: unknown;
}

export interface KeyPackagePair {
  /** RFC 9420 KeyPackageRef, hex: the key of the stored private half. */
  ref: string;
  publicBytes: Uint8Array;
  /** Private half, encoded with the public one: what `joinByWelcome` takes back. */
  privateBytes: Uint8Array;
}

export type Opened =
  | {
      kind: 'application';
      content: Uint8Array;
      sender: Member;
      epoch: number;
      group: Group;
      consumed: Consumed;
    }
  | {
      kind: 'commit';
      /** Devices that are in the tree now and were not before, and the other way round. One that rejoined is in neither. */
      added: Member[];
      removed: Member[];
      /** As the new tree has it: for an external commit, the device that joined by it. */
      committer: Member;
      /** This device was removed: the group is over for it, and `group` is the state before. */
      selfRemoved: boolean;
      group: Group;
      consumed: Consumed;
    };

/** One stored piece of a group's state, to be kept under `[conversationId, ...part]`.
 * `tree`: the public tree of an epoch, large, written once per epoch. `past`: what still opens late messages of a
 * former epoch. `secrets`: everything else, small, written with every message. */
export type GroupPart =
  readonly ['tree', number] | readonly ['past', number] | readonly ['secrets'];

export interface StoredPart {
  part: GroupPart;
  bytes: Uint8Array;
}

/** `undefined` deletes the part. */
export interface PartWrite {
  part: GroupPart;
  bytes: Uint8Array | undefined;
}

/** What went wrong with bytes from outside. Nothing more is told of cryptographic failures. */
export type MlsErrorCode =
  | 'malformed' // does not decode, wrong group, wrong wire format
  | 'suite_unsupported'
  | 'credential_refused' // chain broken, key not the pinned one, a leaf that does not belong
  | 'key_package_refused' // signature, suite, lifetime or owner
  | 'epoch_unknown' // an epoch this device is not in (any more, or yet)
  | 'undecryptable' // right epoch, but it does not open (or was opened before)
  | 'welcome_unknown'; // no private key package for it
