/** A group's state as pieces to store: what changes with every message apart from what changes once per epoch. */
import {
  encode,
  groupStateDecoder,
  groupStateEncoder,
  type EpochReceiverData,
  type GroupState,
} from 'ts-mls';
import type { Group, GroupPart, PartWrite, StoredPart } from './contract.js';
import { MlsError } from './errors.js';
import { groupOf, stateOf } from './group.js';
import { blankSecrets, decodePublic, encodePublic } from './tree-codec.js';

/** What to write after a transition: the parts that differ from `previous` (the state that is stored), encoded, and
 * the parts that are gone. Without `previous`: all of them.
 *
 * After a message that is the `secrets` alone, or one `past` when it was a late one. */
export function encodeGroup(group: Group, previous?: Group): PartWrite[] {
  const before = previous === undefined ? new Map<string, Source>() : sourcesOf(previous);
  const after = sourcesOf(group);
  const writes: PartWrite[] = [];
  for (const [name, source] of after) {
    // The library never changes a state in place: the same object is the same content.
    const known = before.get(name);
    if (known === undefined || source.of.some((object, index) => object !== known.of[index])) {
      writes.push({ part: source.part, bytes: source.bytes() });
    }
  }
  for (const [name, source] of before) {
    if (!after.has(name)) writes.push({ part: source.part, bytes: undefined });
  }
  return writes;
}

interface Source {
  part: GroupPart;
  /** The objects that the bytes are made of. */
  of: readonly unknown[];
  bytes: () => Uint8Array;
}

function sourcesOf(group: Group): Map<string, Source> {
  const state = stateOf(group);
  const sources: Source[] = [
    {
      part: ['tree', group.epoch],
      of: [state.ratchetTree, state.groupContext],
      bytes: () => encodePublic(state),
    },
    {
      part: ['secrets'],
      of: [state.keySchedule, state.secretTree, state.privatePath, state.groupActiveState],
      bytes: () => encode(groupStateEncoder, { ...state, historicalReceiverData: new Map() }),
    },
  ];
  for (const [epoch, past] of state.historicalReceiverData) {
    sources.push(
      {
        part: ['tree', Number(epoch)],
        of: [past.ratchetTree, past.groupContext],
        bytes: () => encodePublic(past),
      },
      { part: ['past', Number(epoch)], of: [past.secretTree], bytes: () => encodePast(past) },
    );
  }
  return new Map(sources.map((source) => [source.part.join(' '), source]));
}

/** A former epoch's secrets in the library's own format, the fields that it does not have left blank. */
function encodePast({
  secretTree,
  senderDataSecret,
  resumptionPsk,
}: EpochReceiverData): Uint8Array {
  const keySchedule = { ...blankSecrets.keySchedule, senderDataSecret, resumptionPsk };
  return encode(groupStateEncoder, { ...blankSecrets, secretTree, keySchedule });
}

/** Puts a group together from all its stored parts.
 * @throws MlsError `malformed`: a part is missing or does not decode. */
export function decodeGroup(parts: Iterable<StoredPart>): Group {
  const trees = new Map<number, Uint8Array>();
  const past = new Map<number, GroupState>();
  let secrets: GroupState | undefined;
  for (const { part, bytes } of parts) {
    if (part[0] === 'tree') trees.set(part[1], bytes);
    else if (part[0] === 'past') past.set(part[1], decodeSecrets(bytes));
    else secrets = decodeSecrets(bytes);
  }
  const current = trees.get(Math.max(...trees.keys()));
  // A former epoch is stored as a tree and its secrets, the current one as a tree alone.
  if (secrets === undefined || current === undefined || trees.size !== past.size + 1)
    throw new MlsError('malformed');

  const historicalReceiverData = new Map<bigint, EpochReceiverData>();
  for (const [epoch, { keySchedule, secretTree }] of [...past].sort(([a], [b]) => a - b)) {
    const tree = trees.get(epoch);
    if (tree === undefined) throw new MlsError('malformed');
    const { senderDataSecret, resumptionPsk } = keySchedule;
    historicalReceiverData.set(BigInt(epoch), {
      ...decodePublic(tree),
      secretTree,
      senderDataSecret,
      resumptionPsk,
    });
  }
  return groupOf({ ...secrets, ...decodePublic(current), historicalReceiverData });
}

function decodeSecrets(bytes: Uint8Array): GroupState {
  let decoded: [GroupState, number] | undefined;
  try {
    decoded = groupStateDecoder(bytes.slice(), 0);
  } catch (cause) {
    throw new MlsError('malformed', { cause });
  }
  if (decoded === undefined || decoded[1] !== bytes.length) throw new MlsError('malformed');
  return decoded[0];
}
