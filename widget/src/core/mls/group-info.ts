/** GroupInfo (RFC 9420, section 12.4.3): what a device needs to join by external commit. */
import {
  createGroupInfoWithExternalPubAndRatchetTree,
  protocolVersions,
  wireformats,
} from 'ts-mls';
import type { Group } from './contract.js';
import { suite } from './crypto/suite.js';
import { encodeMessage } from './framing.js';
import { stateOf } from './group.js';

/** The current epoch's GroupInfo with tree and external key, signed by this device. */
export async function encodeGroupInfo(group: Group): Promise<Uint8Array> {
  return encodeMessage({
    version: protocolVersions.mls10,
    wireformat: wireformats.mls_group_info,
    groupInfo: await createGroupInfoWithExternalPubAndRatchetTree(stateOf(group), [], suite),
  });
}
